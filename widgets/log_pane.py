"""The pane a person reads logs in: switching, following, scrolling, filter and search. `log_view` paints it."""

import asyncio
from time import monotonic
from typing import ClassVar, Literal
from weakref import WeakKeyDictionary

from textual import events
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.reactive import reactive
from textual.worker import WorkType

from widgets.ansi import parse_line
from widgets.line_filter import Filters, LineFilter
from widgets.line_scan import LineScan
from widgets.line_store import LineStore
from widgets.log_jumps import LogJumps
from widgets.log_place import LogPlace, Whereabouts
from widgets.log_rows import LogRows
from widgets.log_search import LogSearch
from widgets.query import Query

_FIRST_HITS_S = 0.04
"""So long a new filter or search may look for its first hits before the lines from before give way."""
_COUNTS_S = 0.1
"""Time from one `SearchUpdated` to the next at least."""
_WHEEL_ROWS = 3
_SIDE_CELLS = 8


class _Told(Message):
    """What a pane tells those around it."""

    def __init__(self, pane: "LogPane") -> None:
        super().__init__()
        self.pane = pane

    @property
    def control(self) -> "LogPane":
        """The pane."""
        return self.pane


class LogPane(LogJumps, can_focus=True):
    """Shows a `LineStore`; follows its end until a person scrolls up."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_rows(-1)", "Up", show=False),
        Binding("down,j", "scroll_rows(1)", "Down", show=False),
        Binding("pageup,ctrl+b", "scroll_pages(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+f", "scroll_pages(1)", "Page down", show=False),
        Binding("ctrl+u", "scroll_pages(-0.5)", "Half a page up", show=False),
        Binding("ctrl+d", "scroll_pages(0.5)", "Half a page down", show=False),
        Binding("home,g", "top", "First line", show=False),
        Binding("end,G", "bottom", "Follow", show=False),
        Binding("left,h", "scroll_sideways(-1)", "Left", show=False),
        Binding("right,l", "scroll_sideways(1)", "Right", show=False),
    ]

    follow: reactive[bool] = reactive(True, repaint=False, init=False)
    """The newest line stays in view. Left by scrolling up, taken up again by reaching the end."""

    class FollowChanged(_Told):
        """Following was left or taken up again."""

        def __init__(self, pane: "LogPane", follow: bool) -> None:
            super().__init__(pane)
            self.follow = follow

    class BeyondTop(_Told):
        """Somebody wants to scroll up from the oldest line."""

    class EndWanted(BeyondTop):
        """Somebody wants to see the newest line, wherever it is."""

    class OpenWanted(_Told):
        """Somebody wants to go where the line at hand points to: a place in a file, or a web page."""

    class SearchUpdated(_Told):
        """A count of matches changed: read `match_count`, `match_position` and `filter_count`. At most ten per second."""

    def __init__(
        self,
        *,
        ascii: bool = False,  # noqa: A002 - the widgets' word for it
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(ascii=ascii, id=id, classes=classes)
        self._places: WeakKeyDictionary[LineStore, LogPlace] = WeakKeyDictionary()
        self._page: Literal["first", "last"] | None = None
        """Which page somebody was brought to whose lines are still looked for; None: nobody, or they have moved on."""
        self._counted_at = 0.0
        self._counts: tuple[int | None, ...] | None = None
        """What was told last; None: nothing yet of these filters and this search."""

    # What is shown

    def show(self, store: LineStore, title: str, names: tuple[str, ...] = ()) -> None:
        """Switch to another log at once, to where it was left. Filter and search stay and apply to it.

        `names` are those of its sources, shown in front of each line; empty when it has one only.
        """
        self._title = title
        self._names = names
        if store is self._store:
            return
        self._places[self._store] = self._place
        self._store, self._place = store, self._places.setdefault(store, LogPlace())
        self._painter.forget()
        filters = self._filters
        self._rows = LogRows(store, LineScan(store, filters) if filters else None)
        self._page = None
        if self._search is not None:
            self._search = LogSearch(store, self._search.query, filters)
            self._search.settled = True  # switching does not move anybody
        if self.is_attached and self.text_selection is not None:
            self.screen.clear_selection()
        self.follow = self._place.top is None
        if self.is_attached and self.scanning:
            self._frame()
        self._restart_scan()

    # Filter and search

    def set_filters(self, *filters: LineFilter) -> None:
        """Show only lines that pass all of these; none shows all. The line at the top stays near, if not following."""
        if filters == self._filters:
            return
        self._rows = LogRows(self.store, LineScan(self.store, filters) if filters else None)
        if self._search is not None:
            self._search = self._search.among(self.store, filters)
        self._restart_scan()

    def set_search(self, query: Query | None) -> None:
        """Highlight matches and go to the one nearest to the bottom of the screen; None ends the search."""
        if query == (self._search.query if self._search else None):
            return
        self._search = LogSearch(self.store, query, self._filters) if query else None
        self._restart_scan()

    def search_next(self) -> None:
        """Go to the next newer match, from the newest on to the oldest."""
        if self._search is not None:
            self._go_to(self._search.next(self._rows, self._bottom_number()))

    def search_previous(self) -> None:
        """Go to the next older match, from the oldest on to the newest."""
        if self._search is not None:
            self._go_to(self._search.previous(self._rows, self._bottom_number()))

    @property
    def whereabouts(self) -> Whereabouts:
        """Where somebody is, for `return_to`."""
        return Whereabouts(self.store, self._place.top, self._place.sub)

    def return_to(self, where: Whereabouts) -> None:
        """Show what was shown then, and follow if that was so; not when another log is shown by now."""
        if where.store is not self.store:
            return
        if where.top is None:
            self.follow = True
        else:
            self._stay(self._rows.row_of(where.top), where.sub)

    @property
    def match_count(self) -> int | None:
        """Lines found so far that match the search and pass the filters; None without a search."""
        return None if self._search is None else len(self._search.scan)

    @property
    def match_position(self) -> int | None:
        """Which match the last step led to, 1 for the oldest; None before the first step, and when filters hide it."""
        return None if self._search is None else self._search.position

    @property
    def filter_count(self) -> int | None:
        """Lines found so far that pass the filters; None without one."""
        return None if self._rows.scan is None else len(self._rows.scan)

    @property
    def scanning(self) -> bool:
        """Filter or search have not looked at every line yet."""
        return any(not scan.complete for scan in self._scans())

    @property
    def _filters(self) -> Filters:
        return () if self._rows.scan is None else self._rows.scan.filters

    def _scans(self) -> list[LineScan]:
        found = [self._rows.scan, self._search.scan if self._search else None]
        return [scan for scan in found if scan is not None]

    def _restart_scan(self) -> None:
        if not self.is_attached:
            return
        self._counts = None
        if not self.scanning:
            self._frame()
            return
        work: WorkType[None] = self._scan
        self.run_worker(work, group="scan", exclusive=True)

    async def _scan(self) -> None:
        """Look at all lines, a few milliseconds at a time, and show the first hits at once."""
        shown = False
        patient_until = monotonic() + _FIRST_HITS_S
        for scan in self._scans():
            while not scan.complete:
                scan.step()
                if not shown and (scan or monotonic() > patient_until):
                    shown = True
                    self._frame()
                elif shown:
                    self.touched()
                await asyncio.sleep(0)
        self._frame()

    def _frame(self) -> None:
        super()._frame()
        if self._page is not None:
            self.stay_at(end=self._page == "last")
        if self._search is not None and not self._search.settled:
            self._go_to(self._search.settle(self._rows, self._bottom_number()))
        self._tell_counts()

    def _tell_counts(self) -> None:
        counts = (self.match_count, self.match_position, self.filter_count)
        if counts == self._counts:
            return
        if monotonic() - self._counted_at < _COUNTS_S and self.scanning:
            return
        self._counts = counts
        self._counted_at = monotonic()
        self.post_message(self.SearchUpdated(self))

    # Scrolling

    def action_scroll_rows(self, rows: int) -> None:
        """Scroll by rows of the screen, or extend the selection by lines; down is positive."""
        if self.selecting:
            self._extend(rows)
        else:
            self._scroll(rows)

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll by pages, or extend the selection by as many lines; down is positive."""
        self.action_scroll_rows(int(pages * max(1, self._height - 1)))

    def action_top(self) -> None:
        """Go to the oldest line, or select up to it."""
        if self.selecting:
            self._extend(-len(self._rows))
        elif self.at_top:
            self._go_beyond()
        else:
            self._put(0, 0)

    def action_bottom(self) -> None:
        """Go to the newest line and follow, or select up to it."""
        if self.selecting:
            self._extend(len(self._rows))
        else:
            self.follow = True
            self.post_message(self.EndWanted(self))

    def action_scroll_sideways(self, steps: int) -> None:
        """Scroll long lines to the right (positive) or back."""
        if not self.wrap:
            numbers = [row.number for row in self._visible() if row.number is not None]
            widest = max((parse_line(self.store.line(number)).cells for number in numbers), default=0)
            left = self._place.left + steps * _SIDE_CELLS
            self._place.left = max(0, min(left, max(widest - self._width // 2, self._place.left)))
            self.refresh()

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up, or left with shift or ctrl."""
        self._wheel(event, -1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down, or right with shift or ctrl."""
        self._wheel(event, 1)

    def on_click(self, event: events.Click) -> None:
        """Follow when the badge is clicked; open a web link that is clicked; point at the line."""
        if event.y == self._height - 1 and self.new_lines and event.x >= self._width - len(self._badge()):
            self.follow = True
        elif self.text_selection is None and (event.style.link or "").startswith(("http://", "https://")):
            self.app.open_url(event.style.link or "")
        elif self.text_selection is None and event.y < len(rows := self._visible()):
            self.point_at(rows[event.y].number)
            if event.ctrl:
                self.post_message(self.OpenWanted(self))

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """Follow the scrollbar when a person drags it."""
        if not self._syncing and round(old_value) != round(new_value):
            if new_value >= self.max_scroll_y:
                self.follow = True
            else:
                self._put(round(new_value), 0)

    def watch_follow(self, follow: bool) -> None:
        """Keep the place in step, and tell."""
        if follow:
            self._page = None
            self._place.follow()
        elif self._place.top is None:
            self._hold(*self._first_of_last_page())
        if self.is_attached:
            self._sync()
            self.refresh()
            self.post_message(self.FollowChanged(self, follow))

    def on_mount(self) -> None:
        """Begin what was asked for before."""
        self._restart_scan()

    def _wheel(self, event: events.MouseEvent, direction: int) -> None:
        event.stop()
        event.prevent_default()
        if event.shift or event.ctrl:
            self.action_scroll_sideways(direction)
        else:
            self._scroll(direction * _WHEEL_ROWS)

    def _scroll(self, by: int) -> None:
        row, sub = self._top()
        if by < 0 and (row, sub) == (0, 0):
            self._go_beyond()
            return
        if not self._tall:
            self._put(row + by, 0)
            return
        sub += by
        paint = self._pen()
        while sub < 0 and row > 0:
            row -= 1
            sub += len(paint(self._rows.number(row)))
        while row < len(self._rows) and sub >= (rows := len(paint(self._rows.number(row)))):
            sub -= rows
            row += 1
        self._put(row, max(0, sub))

    def _go_beyond(self) -> None:
        if self._rows.scan is None or self._rows.scan.complete:  # else older ones are still looked for
            self.post_message(self.BeyondTop(self))

    def stay_at(self, *, end: bool) -> None:
        """Show the first page or the last one, and do not follow. While lines are still looked for, so it remains."""
        self._stay(*(self._first_of_last_page() if end else (0, 0)))
        if self.scanning:
            self._page = "last" if end else "first"

    def _put(self, row: int, sub: int) -> None:
        """Bring a row to the top of the screen; at the last page, follow."""
        row = max(0, row)
        if (row, sub) >= self._first_of_last_page():
            self.follow = True
            return
        self._stay(row, sub)

    @property
    def at_top(self) -> bool:
        """Tell whether the oldest line is at the top of the screen."""
        return self._top() == (0, 0)

    def _stay(self, row: int, sub: int) -> None:
        self._page = None
        self._hold(row, sub)
        self.follow = False
        self._sync()
        self.refresh()

    def _hold(self, row: int, sub: int) -> None:
        self._place.hold(self._rows.number(row) if row < len(self._rows) else self.store.end, sub, self.store.end)

    def _go_to(self, number: int | None) -> None:
        """Show a match where it is if it is on the screen, else a third below the top, and stay there."""
        if number is not None:
            row, sub = self._top()
            if all(painted.number != number for painted in self._visible()):
                row, sub = max(0, self._rows.row_of(number) - self._height // 3), 0
            self._stay(row, sub)
        self._tell_counts()
