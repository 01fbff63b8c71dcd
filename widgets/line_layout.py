"""Puts the segments of one line into rows of a width. Pure."""

from collections.abc import Iterator
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.strip import Strip

from widgets.row_strip import RowStrip
from widgets.segments import Span, character_at, cut, rows_of


class PaintedRow(NamedTuple):
    """One row of the screen."""

    strip: Strip
    """Exactly as wide as the text area."""
    number: int | None
    """Absolute number of its line; None below the last line."""
    column: int
    """Index of its first character within the line."""
    gutter: int = 0
    """Cells in front of the text of the line."""


class Room(NamedTuple):
    """Where rows go."""

    width: int
    left: int
    """Cells scrolled to the right; 0 while wrapping."""
    wrap: bool
    base: Style


def laid_out(
    plain: str, cells: int, segments: list[Segment], number: int, room: Room, gutter: list[Segment]
) -> list[PaintedRow]:
    """Return the rows of a line, at least one. Its text may be of several rows already, parted by newlines.

    `gutter` stands in front of the first row; the text of the others begins below.
    """
    wide = Segment.get_line_length(gutter) if gutter else 0
    width = max(1, room.width - wide)
    if cells <= width and not room.left and "\n" not in plain:
        return [PaintedRow(_padded(gutter, segments, cells, width, room), number, 0, wide)]
    rows: list[PaintedRow] = []
    for start, end in _spans(plain, width, room):
        piece = cut(segments, start, end)
        strip = _padded(gutter, piece, Segment.get_line_length(piece), width, room)
        rows.append(PaintedRow(strip, number, start, wide))
        if wide and len(rows) == 1:
            gutter = [Segment(" " * wide, room.base)]
    return rows


def _spans(plain: str, width: int, room: Room) -> Iterator[Span]:
    at = 0
    for text in plain.split("\n"):
        if room.wrap:
            for start, end in rows_of(text, width):
                yield at + start, at + end
        else:
            start = character_at(text, room.left)
            yield at + start, at + start + rows_of(text[start:], width)[0][1]
        at += len(text) + 1


def _padded(gutter: list[Segment], segments: list[Segment], cells: int, width: int, room: Room) -> Strip:
    whole = [*gutter, *segments] if gutter else segments
    if cells == width:
        return RowStrip(whole, room.width)
    if cells > width:  # one wide character in a pane of one cell
        return RowStrip.fitted(whole, room.width, room.base)
    return RowStrip([*whole, Segment(" " * (width - cells), room.base)], room.width)
