"""Paints one row of the tree. Pure: rows, looks and styles come in, a strip goes out."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.dag_layout import Row
from widgets.task_look import Look
from widgets.tone import Tone


class RowStyles(NamedTuple):
    """Rich styles of everything in a row."""

    base: Style
    guide: Style
    note: Style
    reference: Style
    cursor: Style
    """Added to the row under the cursor."""
    twin: Style
    """Added to other rows of the same task."""
    tones: Mapping[Tone, Style]


class RowText(NamedTuple):
    """What a row says."""

    guide: str
    name: str
    look: Look
    reference: bool
    hidden: int
    """Tasks folded away below it."""
    hidden_failures: int
    """How many of those failed."""


class Branches(NamedTuple):
    """Signs that connect rows, each two cells wide, and the one for a reference."""

    pipe: str
    fork: str
    corner: str
    blank: str
    skipped: str
    """In place of levels there is no room for."""
    reference: str


UNICODE_BRANCHES = Branches("│ ", "├ ", "└ ", "  ", "… ", "↑")
ASCII_BRANCHES = Branches("| ", "|-", "`-", "  ", "..", "^")


def guide(rows: Sequence[Row], index: int, branches: Branches, levels: int) -> str:
    """Return the branches left of a row; of a deep one only the innermost levels."""
    row = rows[index]
    if row.depth == 0:
        return ""
    parts = [branches.corner if row.last else branches.fork]
    while rows[row.parent].depth > 0:
        if len(parts) >= levels:
            parts.append(branches.skipped)
            break
        row = rows[row.parent]
        parts.append(branches.blank if row.last else branches.pipe)
    return "".join(reversed(parts))


def paint_row(text: RowText, styles: RowStyles, width: int, extra: Style | None, branches: Branches) -> Strip:
    """Return a row of exactly this width; `extra` is added to all of it. The note gives way to the name."""
    look = text.look
    tone = styles.tones[look.tone]
    left = [Segment(text.guide, styles.guide)]
    if text.reference:
        left += [Segment(look.glyph + " ", tone + styles.reference), Segment(text.name, styles.reference)]
        left.append(Segment(" " + branches.reference, styles.guide))
        right: list[Segment] = []
    else:
        left += [Segment(look.glyph + " ", tone), Segment(text.name, styles.base)]
        if text.hidden:
            left.append(Segment(f" +{text.hidden}", styles.note))
        if text.hidden_failures:
            left.append(Segment(f" {text.hidden_failures} failed", styles.tones[Tone.FAILED]))
        room = width - sum(cell_len(segment.text) for segment in left) - 2
        note = next((note for note in (look.note, look.brief) if note and cell_len(note) <= room), "")
        right = [Segment(note + " ", tone if look.tone is Tone.FAILED else styles.note)] if note else []
    used = sum(cell_len(segment.text) for segment in right)
    left = _fitted(left, width - used, styles.base)
    segments = [Segment(part, (style or styles.base) + extra if extra else style) for part, style, _ in (*left, *right)]
    return Strip(segments, width)


def _fitted(segments: Sequence[Segment], width: int, base: Style) -> list[Segment]:
    """Cut or fill to a width."""
    fitted: list[Segment] = []
    for segment in segments:
        cells = cell_len(segment.text)
        if cells >= width:
            fitted.append(Segment(set_cell_size(segment.text, width), segment.style))
            return fitted
        fitted.append(segment)
        width -= cells
    return [*fitted, Segment(" " * width, base)]
