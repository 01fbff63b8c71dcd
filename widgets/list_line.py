"""A line of an overview as data: pieces of text, each with what it means. Pure."""

import re
from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import NamedTuple

from rich.cells import cell_len

from widgets.ansi import safe_text
from widgets.segments import rows_of
from widgets.tone import Tone


class Accent(StrEnum):
    """What a piece of text is, where no state of a task gives it a tone; also the suffix of a component class."""

    PLAIN = "plain"
    MUTED = "muted"
    HEADING = "heading"
    CRITICAL = "critical"
    """On the way that took longest."""


class Piece(NamedTuple):
    """Some text of a line; it must be safe to show."""

    text: str
    meaning: Tone | Accent = Accent.PLAIN


class ListLine(NamedTuple):
    """One line of an overview."""

    pieces: Sequence[Piece]
    ident: str = ""
    """Tells it from all others as it changes; the cursor stops at lines that have one."""
    task: str = ""
    """The task Enter goes to; empty for none."""


def ascii_text(text: str) -> str:
    """Return the text with a sign of one cell for what is cut off, where the terminal has no other characters."""
    return text.replace("…", "~")


def heading(text: str) -> ListLine:
    """Return a line that begins a section."""
    return ListLine((Piece(text, Accent.HEADING),))


BLANK_LINE = ListLine(())


def fields(rows: Iterable[tuple[str, str]], width: int, *, indent: int = 2) -> list[ListLine]:
    """Return lines with names left and safe texts right of them; long texts go on below, those that are empty are left out."""
    shown = [(name, safe_text(text)) for name, text in rows if text]
    left = indent + max((cell_len(name) for name, _ in shown), default=0) + 2
    lines: list[ListLine] = []
    for name, text in shown:
        room = max(8, width - left - 1)
        for number, (start, end) in enumerate(rows_of(text, room)):
            label = " " * indent + (name if number == 0 else "")
            label += " " * max(0, left - cell_len(label))
            lines.append(ListLine((Piece(label, Accent.MUTED), Piece(text[start:end]))))
    return lines


def matching(lines: Iterable[ListLine], pattern: re.Pattern[str]) -> list[ListLine]:
    """Return the lines that match, and those that cannot be chosen: headings and scales."""
    return [line for line in lines if not line.ident or pattern.search("".join(piece.text for piece in line.pieces))]


def padded(text: str, width: int) -> str:
    """Return the text in exactly so many cells; what does not fit ends with an ellipsis."""
    cells = cell_len(text)
    if cells <= width:
        return text + " " * (width - cells)
    if width < 1:
        return ""
    start, end = rows_of(text, width - 1)[0] if width > 1 else (0, 0)
    cut = text[start:end] + "…"
    return cut + " " * (width - cell_len(cut))
