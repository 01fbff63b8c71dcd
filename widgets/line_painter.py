"""Turns lines of a store into finished rows of the screen, and remembers them.

Knows nothing of scrolling or widgets: what a frame needs to know of the theme is passed in once per frame.
"""

from re import Pattern
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

from tui_runner.model.output import Stream
from widgets.ansi import ParsedLine, parse_line, sgr_after
from widgets.line_gutter import GutterLook
from widgets.line_layout import PaintedRow, Room, laid_out
from widgets.line_origin import stream_of
from widgets.line_store import LineStore
from widgets.pretty_json import key_spans, pretty
from widgets.row_strip import RowStrip
from widgets.segments import Span, overlay
from widgets.sgr import PLAIN, Sgr
from widgets.stamp import StampMode, clock_text

_CACHED_LINES = 256
"""Two to ten pictures. Each is 60 objects that every full garbage collection looks at."""
_PARSED_LINES = 128
"""A picture or two: those are painted anew at another width, with other matches, or under the cursor."""
_LOOK_BACK = 64
"""How many lines before a line may have left colours switched on."""
_RULE = "─"


class LineState(NamedTuple):
    """What is special about one line now."""

    selected: Span | None = None
    """Characters; an end of -1 means to the end of the line."""
    current: bool = False
    """A search or a jump has led to it."""
    marked: bool = False
    pointed: bool = False
    """Commands about one line mean this one."""
    before: float = 0.0
    """When the line shown before it came; only asked for where it is shown."""


class PaintLook(NamedTuple):
    """What lines look like in one frame. Compared by value: another look empties the cache."""

    width: int
    left: int
    """Cells scrolled to the right; 0 while wrapping."""
    wrap: bool
    pretty: bool
    """JSON is laid out over several rows."""
    pattern: Pattern[str] | None
    """Highlighted."""
    base: Style
    match: Style
    current: Style
    """For matches in the line a search has led to."""
    selected: Style
    pointed: Style
    note: Style
    """For lines of ours, which part what came before from what came after."""
    key: Style
    """For keys of JSON."""
    gutter: GutterLook
    background: Color
    filters: tuple[LineFilter, ...]

    def has_texts_of(self, other: "PaintLook") -> bool:
        """Tell whether lines are made of the same pieces, wherever these go."""
        return (self.pretty, self.base, self.key, self.gutter.names) == (
            other.pretty,
            other.base,
            other.key,
            other.gutter.names,
        )


_Text = tuple[ParsedLine, list[Segment]]


class LinePainter:
    """Paints lines of one store at a time."""

    def __init__(self) -> None:
        self._rows: dict[tuple[int, LineState], list[PaintedRow]] = {}
        """What was used last is last. Textual's LRUCache is garbage in a ring once it is cleared."""
        self._texts: dict[int, _Text] = {}
        """Lines before they were given room; the oldest is first."""
        self._look: PaintLook | None = None
        self._gutter_cells = 0

    def forget(self) -> None:
        """Empty the cache: the store is another one."""
        self._rows.clear()
        self._texts.clear()

    def begin(self, look: PaintLook) -> None:
        """Paint with this look from now on."""
        if look != self._look:
            if self._look is None or not look.has_texts_of(self._look):
                self._texts.clear()
            self._look = look
            self._gutter_cells = look.gutter.cells(look.width)
            self._rows.clear()

    def rows(self, store: LineStore, number: int, state: LineState) -> list[PaintedRow]:
        """Return the rows of a line, at least one."""
        look = self._look
        if look is None:
            raise RuntimeError("`begin` comes first")
        finished = number < store.total
        key = (number, state)
        if finished and (known := self._rows.pop(key, None)) is not None:
            self._rows[key] = known
            return known
        parsed, segments = self._text(store, number, look)
        if look.pattern is not None:
            spans = [match.span() for match in look.pattern.finditer(parsed.plain)]
            segments = overlay(segments, spans, look.current if state.current else look.match)
        base = look.base
        if state.pointed:
            base += look.pointed
            segments = overlay(segments, [(0, len(parsed.plain))], look.pointed)
        if state.selected is not None:
            start, end = state.selected
            segments = overlay(segments, [(start, len(parsed.plain) if end < 0 else end)], look.selected)
        gutter: list[Segment] = []
        if self._gutter_cells:
            gutter = look.gutter.segments(
                store.time_of(number),
                state.before or store.time_of(number),
                store.origin_of(number),
                marked=state.marked,
            )
        for line_filter in look.filters:
            segments = line_filter.apply(segments, look.background)
            gutter = line_filter.apply(gutter, look.background)
        room = Room(look.width, look.left, look.wrap, base)
        cells = sum(segment.cell_length for segment in segments)
        rows = laid_out(parsed.plain, cells, segments, number, room, gutter)
        if finished:
            self._rows[key] = rows
            if len(self._rows) > _CACHED_LINES:
                del self._rows[next(iter(self._rows))]
        return rows

    def blank(self) -> PaintedRow:
        """Return a row below the last line."""
        if self._look is None:
            raise RuntimeError("`begin` comes first")
        return PaintedRow(RowStrip.blank(self._look.width, self._look.base), None, 0)

    def _text(self, store: LineStore, number: int, look: PaintLook) -> _Text:
        text = self._texts.get(number)
        if text is not None:
            return text
        if stream_of(store.origin_of(number)) is Stream.NOTE:
            return self._separator(parse_line(store.line(number)), store.time_of(number), look)
        text = self._parsed(store, number, look)
        if number < store.total:
            self._texts[number] = text
            if len(self._texts) > _PARSED_LINES:
                del self._texts[next(iter(self._texts))]
        return text

    @staticmethod
    def _parsed(store: LineStore, number: int, look: PaintLook) -> _Text:
        raw = store.line(number)
        if look.pretty and (parsed := pretty(raw)) is not None:
            return parsed, overlay(parsed.segments(look.base), key_spans(parsed.plain), look.key)
        # Lines of several tasks: what one leaves switched on is not meant for the next.
        parsed = parse_line(raw, PLAIN if look.gutter.names else _inherited(store, number))
        return parsed, parsed.segments(look.base)

    def _separator(self, parsed: ParsedLine, time: float, look: PaintLook) -> _Text:
        """Draw a note of ours from edge to edge, with its time unless times are shown anyway."""
        style = look.base + look.note
        segments = parsed.segments(style)
        clock = "" if look.gutter.stamps is not StampMode.NONE else f" {clock_text(time)} {_RULE}{_RULE}"
        room = look.width - self._gutter_cells - parsed.cells - len(clock)
        if room > 0 and not look.left:
            segments.append(Segment(_RULE * room + clock, style))
        return parsed, segments


def _inherited(store: LineStore, number: int) -> Sgr:
    """Return the colours earlier lines left switched on; nearly always the line before switched them off."""
    before = store.before(number, _LOOK_BACK)
    if b"\x1b[" not in before:
        return PLAIN
    reset = max(before.rfind(b"\x1b[0m"), before.rfind(b"\x1b[m"), 0)
    return sgr_after(before[reset:], PLAIN)


def shown_text(raw: bytes, limit: int, *, laid_out_json: bool) -> str:
    """Return the text of a line as it is shown, selected and copied; of JSON that is laid out, over several rows."""
    if laid_out_json and (parsed := pretty(raw)) is not None:
        return parsed.plain
    return parse_line(raw, limit=limit).plain
