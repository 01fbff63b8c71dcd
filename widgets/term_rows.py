"""Turns rows of a terminal into strips of a width, and remembers those that have not changed."""

from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from widgets.emulator import TerminalRow
from widgets.row_strip import RowStrip
from widgets.segments import Span, overlay
from widgets.sgr import style_of

_REVERSE = Style(reverse=True)
_UNDERLINE = Style(underline=True)


class TermLook(NamedTuple):
    """What a frame needs to know of the theme. Compared by value: another look paints everything anew."""

    width: int
    base: Style
    selected: Style
    background: Color
    filters: tuple[LineFilter, ...]


class RowMarks(NamedTuple):
    """What is special about one row now."""

    cursor: int | None = None
    """Column of the cursor."""
    typing: bool = False
    """What is typed goes to it."""
    selected: Span | None = None
    """Characters; an end of -1 means to the end of the row."""


NO_MARKS = RowMarks()


class TermRows:
    """Paints the rows of one screen."""

    def __init__(self) -> None:
        self._look: TermLook | None = None
        self._painted: dict[int, tuple[TerminalRow, RowMarks, Strip]] = {}

    def begin(self, look: TermLook) -> None:
        """Paint with this look from now on."""
        if look != self._look:
            self._look = look
            self._painted.clear()

    def forget(self) -> None:
        """Paint everything anew: the screen is another one."""
        self._painted.clear()

    def strip(self, y: int, row: TerminalRow, marks: RowMarks) -> Strip:
        """Return the row at this height, exactly as wide as the look says."""
        known = self._painted.get(y)
        if known is not None and known[0] is row and known[1] == marks:
            return known[2]
        strip = self._paint(row, marks)
        self._painted[y] = (row, marks, strip)
        return strip

    def blank(self) -> Strip:
        """Return a row below the last one."""
        look = self._known_look()
        return RowStrip.blank(look.width, look.base)

    def _known_look(self) -> TermLook:
        if self._look is None:
            raise RuntimeError("`begin` comes first")
        return self._look

    def _paint(self, row: TerminalRow, marks: RowMarks) -> Strip:
        look = self._known_look()
        segments = [Segment(run.text, style_of(run.sgr, "", look.base)) for run in row.runs]
        if marks.selected is not None:
            start, end = marks.selected
            length = sum(len(segment.text) for segment in segments)
            segments = overlay(segments, [(start, length if end < 0 else end)], look.selected)
        for one in look.filters:
            segments = one.apply(segments, look.background)
        strip = RowStrip.fitted(segments, look.width, look.base)
        if marks.cursor is not None and marks.cursor < look.width:
            return _with_cursor(strip, marks.cursor, _REVERSE if marks.typing else _UNDERLINE)
        return strip


def _with_cursor(strip: Strip, column: int, style: Style) -> Strip:
    before, there, after = strip.crop(0, column), strip.crop(column, column + 1), strip.crop(column + 1)
    return RowStrip(Strip.join([before, there.apply_style(style), after]), strip.cell_length)
