"""Paints one log, and lets text in it be selected: fast at any number of lines.

Bytes go into a `LineStore` elsewhere; `touched` only starts a one-shot timer. A frame parses visible lines alone, at most 30
times a second, and none when nothing changed. There is no border: one on this widget would double the cost of a frame, so
put it on a container. How a person moves is in `log_pane`.
"""

from asyncio import TimerHandle
from collections.abc import Callable
from time import monotonic
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual.geometry import Region, Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.selection import Selection
from textual.strip import Strip

from widgets.later import later
from widgets.line_cut import LINE_BYTES
from widgets.line_gutter import GutterLook
from widgets.line_layout import PaintedRow
from widgets.line_painter import LinePainter, LineState, PaintLook, shown_text
from widgets.line_store import LineStore
from widgets.log_place import LogPlace
from widgets.log_rows import LogRows
from widgets.log_search import LogSearch
from widgets.row_strip import RowStrip
from widgets.stamp import StampMode

FRAME_S = 1 / 30
"""Time from one frame to the next at least."""
COPY_LINES = 50_000
"""Most lines that are copied at once; of a larger selection the newest."""
_NAMES = tuple(f"log-view--name-{number}" for number in range(1, 6))


class LogView(ScrollView):
    """Shows the rows of a log at a place."""

    DEFAULT_CSS = """
    LogView {
        background: $surface;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: scroll;
        scrollbar-size-vertical: 1;
        .log-view--match { background: $warning-muted; }
        .log-view--current { background: $warning; color: $background; }
        .log-view--pointed { background: $primary-muted; }
        .log-view--note { color: $text-accent; }
        .log-view--key { color: $text-primary; }
        .log-view--muted { color: $secondary; }
        .log-view--mark { color: $text-warning; text-style: bold; }
        .log-view--name-1 { color: $text-primary; }
        .log-view--name-2 { color: $text-success; }
        .log-view--name-3 { color: $text-warning; }
        .log-view--name-4 { color: $text-accent; }
        .log-view--name-5 { color: $text-secondary; }
        .log-view--badge { background: $primary; color: $background; text-style: bold; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *(f"log-view--{part}" for part in ("match", "current", "badge", "pointed", "note", "key", "muted", "mark")),
        *_NAMES,
    }

    wrap: reactive[bool] = reactive(False, repaint=False, init=False)
    """Long lines go on in the next row instead of beyond the right edge."""
    pretty: reactive[bool] = reactive(False, repaint=False, init=False)
    """Lines that are JSON take as many rows as they have members."""
    stamps: reactive[StampMode] = reactive(StampMode.NONE, repaint=False, init=False)
    """Which times stand in front of lines."""
    since: reactive[float] = reactive(0.0, repaint=False, init=False)
    """What relative times count from, in seconds since the epoch."""

    def __init__(
        self,
        *,
        ascii: bool = False,  # noqa: A002 - the widgets' word for it
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self._ascii = ascii
        self._names: tuple[str, ...] = ()
        self._store = LineStore()
        self._title = ""
        self._place = LogPlace()
        self._rows = LogRows(self._store)
        self._search: LogSearch | None = None
        self._painter = LinePainter()
        self._look: PaintLook | None = None
        self._timer: TimerHandle | None = None
        self._painted_at = 0.0
        self._syncing = False
        self._bar_look: tuple[int, ...] = ()

    @property
    def store(self) -> LineStore:
        """The store that is shown."""
        return self._store

    @property
    def title(self) -> str:
        """The title that came with it."""
        return self._title

    @property
    def rows(self) -> LogRows:
        """The lines that are shown."""
        return self._rows

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the sources; empty when there is one only."""
        return self._names

    @property
    def marks(self) -> int:
        """How many lines are marked."""
        return len(self._place.marks)

    @property
    def new_lines(self) -> int:
        """Lines (that pass the filter) that came since following was left; 0 while following."""
        if self._place.top is None:
            return 0
        return len(self._rows) - self._rows.row_of(self._place.left_at)

    def touched(self) -> None:
        """Note that the store grew. Cheap; call it as often as you like."""
        if self._timer is None and self.is_attached:
            wait = self._painted_at + FRAME_S - monotonic()
            self._timer = later(self, max(wait, 0.001), self._frame)

    def _frame(self) -> None:
        """Take in what is new and repaint."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not self.is_attached:
            return
        self._painted_at = monotonic()
        behind = False
        for scan in (self._rows.scan, self._search.scan if self._search else None):
            if scan is not None:
                scan.catch_up()
                behind = behind or scan.behind
        self._sync()
        self.refresh()
        if behind:
            self.touched()

    # Where the rows are

    @property
    def _height(self) -> int:
        return self.scrollable_content_region.height

    @property
    def _tall(self) -> bool:
        """A line may have more than one row."""
        return self.wrap or self.pretty

    @property
    def _width(self) -> int:
        return self.scrollable_content_region.width

    def _top(self) -> tuple[int, int]:
        """Return the row at the top of the screen and how many of its wrapped rows are above."""
        if self._place.top is None:
            return self._first_of_last_page()
        row = self._rows.row_of(self._place.top)
        exact = row < len(self._rows) and self._rows.number(row) == self._place.top
        return row, self._place.sub if exact else 0

    def _first_of_last_page(self) -> tuple[int, int]:
        row, height = len(self._rows), self._height
        if not self._tall:
            return max(0, row - height), 0
        paint = self._pen()
        while row > 0 and height > 0:
            row -= 1
            height -= len(paint(self._rows.number(row)))
        return row, max(0, -height)

    def _visible(self) -> list[PaintedRow]:
        """Return the rows of the screen from top to bottom, as many as it is high."""
        height = self._height
        if not self.is_attached:  # closed: it is asked for until the next layout, and has no styles any more
            return [PaintedRow(RowStrip.blank(self._width), None, 0)] * height
        row, skip = self._top()
        paint = self._pen()
        rows: list[PaintedRow] = []
        while len(rows) < height + skip and row < len(self._rows):
            rows += paint(self._rows.number(row))
            row += 1
        rows = rows[skip : skip + height]
        return rows + [self._painter.blank()] * (height - len(rows))

    def _bottom_number(self) -> int:
        """Return the number of the last line on the screen; of the next line to come when there is none."""
        return next((row.number for row in reversed(self._visible()) if row.number is not None), self.store.end)

    def _sync(self) -> None:
        """Tell the scrollbar where we are."""
        size = Size(self._width, len(self._rows))
        self._syncing = True
        try:
            # Assigning virtual_size would lay out the whole screen; nothing can move, as the scrollbar is always there.
            self.set_reactive(ScrollView.virtual_size, size)
            self.scroll_target_y = self.scroll_y = self._top()[0]
        finally:
            self._syncing = False
        # A scrollbar costs as much as the pane: it is painted anew only when its thumb, drawn in eighths, moves.
        bar, page, position = self.vertical_scrollbar, self._height, self.scroll_y
        steps = page * 8 / max(size.height, 1)
        look = (page, size.height > page, int(position * steps), int((position + page) * steps))
        if look != self._bar_look:
            self._bar_look = look
            bar.window_virtual_size, bar.window_size, bar.position = size.height, page, position
            bar.refresh()
        else:
            bar.set_reactive(type(bar).window_virtual_size, size.height)
            bar.set_reactive(type(bar).position, position)

    # Painting

    def notify_style_update(self) -> None:
        """Look up colours anew when the theme changes."""
        super().notify_style_update()
        self._look = None

    def _pen(self) -> Callable[[int], list[PaintedRow]]:
        """Return what paints a line by its number, as things are now. Make one per frame: what it needs is slow to look up."""
        look = self._look or self._theme_look()
        self._look = look._replace(
            width=max(self._width, 1),
            left=0 if self.wrap else self._place.left,
            wrap=self.wrap,
            pretty=self.pretty,
            pattern=self._search.pattern if self._search else None,
            gutter=look.gutter._replace(
                stamps=self.stamps, since=self.since, names=self._names, marks=bool(self._place.marks)
            ),
        )
        painter, store, selection = self._painter, self.store, self.text_selection
        current = self._search.current if self._search else None
        marks, pointed, delta = self._place.marks, self._place.pointed, self.stamps is StampMode.DELTA
        painter.begin(self._look)

        def paint(number: int) -> list[PaintedRow]:
            span = selection.get_span(number) if selection is not None else None
            before = self._time_before(number) if delta else 0.0
            return painter.rows(
                store, number, LineState(span, number == current, number in marks, number == pointed, before)
            )

        return paint

    def _time_before(self, number: int) -> float:
        row = self._rows.row_of(number)
        return self.store.time_of(self._rows.number(row - 1)) if row else 0.0

    def _theme_look(self) -> PaintLook:
        return PaintLook(
            width=0,
            left=0,
            wrap=False,
            pretty=False,
            pattern=None,
            base=self.rich_style,
            match=self.get_component_rich_style("log-view--match", partial=True),
            current=self.get_component_rich_style("log-view--current", partial=True),
            selected=self.screen.get_component_rich_style("screen--selection", partial=True),
            pointed=self.get_component_rich_style("log-view--pointed", partial=True),
            note=self.get_component_rich_style("log-view--note", partial=True),
            key=self.get_component_rich_style("log-view--key", partial=True),
            gutter=GutterLook(
                muted=self.rich_style + self.get_component_rich_style("log-view--muted", partial=True),
                mark=self.rich_style + self.get_component_rich_style("log-view--mark", partial=True),
                name_styles=tuple(
                    self.rich_style + self.get_component_rich_style(name, partial=True) for name in _NAMES
                ),
                mark_sign=">" if self._ascii else "▸",
            ),
            background=self.background_colors[1],
            filters=tuple(self.get_line_filters()),
        )

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return finished rows: the way of a style sheet's box model costs ten times as much. It is taken only with a border."""
        if self.styles.gutter.totals != (0, 0):
            return super().render_lines(crop)
        strips = [row.strip for row in self._visible()]
        badge = self._badge() if self.is_attached else ""
        if badge and strips:
            strips[-1] = self._with_badge(strips[-1], badge)
        strips = strips[crop.y : crop.bottom]
        strips += [RowStrip.blank(self._width)] * (crop.height - len(strips))
        if crop.x or crop.right < self._width:
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """Return a row that knows its line and characters: Textual asks for it to find what is under the mouse."""
        rows = self._visible()
        if not 0 <= y < len(rows):
            return Strip.blank(self._width)
        strip, number, column, gutter = rows[y]
        if number is None:
            return strip
        if not gutter:
            return strip.apply_offsets(column, number)
        # In front of the text is its first character, however far to the left.
        first = Style.from_meta({"offset": (column, number)})
        front = [Segment(sign, (part.style or first) + first) for part in strip.crop(0, gutter) for sign in part.text]
        return Strip([*front, *strip.crop(gutter).apply_offsets(column, number)], strip.cell_length)

    def _badge(self) -> str:
        count = self.new_lines
        return f" {count:,} new ↓ " if count else ""

    def _with_badge(self, strip: Strip, badge: str) -> Strip:
        style = self.get_component_rich_style("log-view--badge")
        room = max(0, self._width - len(badge))
        return RowStrip.fitted([*strip.crop(0, room), Segment(badge, style)], self._width)

    # Selection: lines by absolute number, so that new, dropped and filtered lines do not move it

    def selection_updated(self, selection: Selection | None) -> None:
        """Show what is selected."""
        del selection  # read back when painting
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text of the lines that are shown, and what ends it."""
        start, end = selection
        low = self.store.first if start is None else start.y
        high = self.store.end - 1 if end is None else end.y
        texts: list[str] = []
        for number in self._rows.numbers(low, high)[-COPY_LINES:]:
            text = shown_text(self.store.line(number), LINE_BYTES, laid_out_json=self.pretty)
            first = start.x if start is not None and number == start.y else 0
            last = end.x if end is not None and number == end.y else None
            texts.append(text[first:last])
        return ("\n".join(texts), "\n") if texts else None

    # Changes of the widget itself

    def watch_wrap(self) -> None:
        """Start long lines at their beginning."""
        self._place.left = self._place.sub = 0
        self._sync()
        self.refresh()

    def watch_pretty(self) -> None:
        """Begin each line at its first row."""
        self.watch_wrap()

    def watch_stamps(self) -> None:
        """Paint anew."""
        self.refresh()

    def watch_since(self) -> None:
        """Paint anew where it can be seen."""
        if self.stamps is StampMode.RELATIVE:
            self.refresh()

    def on_resize(self) -> None:
        """Keep the place."""
        self._sync()
