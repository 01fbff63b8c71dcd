"""Turns lines of a store into finished rows of the screen, and remembers them.

Knows nothing of scrolling or widgets: what a frame needs to know of the theme is passed in once per frame.
"""

from re import Pattern
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.cache import LRUCache
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip

from widgets.ansi import ParsedLine, parse_line, sgr_after
from widgets.line_store import LineStore
from widgets.segments import Span, character_at, cut, overlay, rows_of
from widgets.sgr import PLAIN, Sgr

_CACHED_LINES = 2048
_LOOK_BACK = 64
"""How many lines before a line may have left colours switched on."""


class PaintedRow(NamedTuple):
    """One row of the screen."""

    strip: Strip
    """Exactly as wide as the text area."""
    number: int | None
    """Absolute number of its line; None below the last line."""
    column: int
    """Index of its first character within the line."""


class PaintLook(NamedTuple):
    """What lines look like in one frame. Compared by value: another look empties the cache."""

    width: int
    left: int
    """Cells scrolled to the right; 0 while wrapping."""
    wrap: bool
    pattern: Pattern[str] | None
    """Highlighted."""
    base: Style
    match: Style
    current: Style
    """For matches in the line a search has led to."""
    selected: Style
    background: Color
    filters: tuple[LineFilter, ...]


class LinePainter:
    """Paints lines of one store at a time."""

    def __init__(self) -> None:
        self._rows: LRUCache[tuple[int, Span | None, bool], list[PaintedRow]] = LRUCache(_CACHED_LINES)
        self._look: PaintLook | None = None

    def forget(self) -> None:
        """Empty the cache: the store is another one."""
        self._rows.clear()

    def begin(self, look: PaintLook) -> None:
        """Paint with this look from now on."""
        if look != self._look:
            self._look = look
            self._rows.clear()

    def rows(
        self, store: LineStore, number: int, selected: Span | None = None, *, current: bool = False
    ) -> list[PaintedRow]:
        """Return the rows of a line, at least one. `selected` are characters; an end of -1 means to the end of the line."""
        look = self._look
        if look is None:
            raise RuntimeError("`begin` comes first")
        finished = number < store.total
        key = (number, selected, current)
        if finished and (known := self._rows.get(key)) is not None:
            return known
        parsed = parse_line(store.line(number), _inherited(store, number))
        segments = parsed.segments(look.base)
        if look.pattern is not None:
            spans = [match.span() for match in look.pattern.finditer(parsed.plain)]
            segments = overlay(segments, spans, look.current if current else look.match)
        if selected is not None:
            start, end = selected
            segments = overlay(segments, [(start, len(parsed.plain) if end < 0 else end)], look.selected)
        for line_filter in look.filters:
            segments = line_filter.apply(segments, look.background)
        rows = _laid_out(parsed, segments, number, look)
        if finished:
            self._rows[key] = rows
        return rows

    def blank(self) -> PaintedRow:
        """Return a row below the last line."""
        if self._look is None:
            raise RuntimeError("`begin` comes first")
        return PaintedRow(Strip.blank(self._look.width, self._look.base), None, 0)


def _laid_out(parsed: ParsedLine, segments: list[Segment], number: int, look: PaintLook) -> list[PaintedRow]:
    cells, width = parsed.cells, look.width
    if cells <= width and not look.left:
        return [PaintedRow(_padded(segments, cells, look), number, 0)]
    if look.wrap:
        spans = rows_of(parsed.plain, width)
    else:
        start = character_at(parsed.plain, look.left)
        spans = [(start, start + rows_of(parsed.plain[start:], width)[0][1])]
    rows: list[PaintedRow] = []
    for start, end in spans:
        piece = cut(segments, start, end)
        rows.append(PaintedRow(_padded(piece, Segment.get_line_length(piece), look), number, start))
    return rows


def _padded(segments: list[Segment], cells: int, look: PaintLook) -> Strip:
    if cells == look.width:
        return Strip(segments, cells)
    if cells > look.width:  # one wide character in a pane of one cell
        return Strip(segments, cells).adjust_cell_length(look.width, look.base)
    return Strip([*segments, Segment(" " * (look.width - cells), look.base)], look.width)


def _inherited(store: LineStore, number: int) -> Sgr:
    """Return the colours earlier lines left switched on; nearly always the line before switched them off."""
    before = store.before(number, _LOOK_BACK)
    if b"\x1b[" not in before:
        return PLAIN
    reset = max(before.rfind(b"\x1b[0m"), before.rfind(b"\x1b[m"), 0)
    return sgr_after(before[reset:], PLAIN)
