"""What all overviews have in common: a title, lines to choose from, a footer, and drawing only while they are shown.

An overview covers the main screen and shows the same session. Enter on a line leaves it with the task of the line.
"""

from asyncio import TimerHandle
from collections.abc import Sequence
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.widgets import Static

from tui_runner.model.task import TaskId
from tui_runner.tui.commands import KeyHelp
from tui_runner.tui.overview_keys import EVERYWHERE, LINES, TO_TASK
from tui_runner.tui.screens.help import HelpScreen, key_group
from tui_runner.tui.screens.passing import PassingScreen
from tui_runner.tui.session import RunSession
from widgets.later import later
from widgets.list_line import ListLine, matching
from widgets.query import Query
from widgets.query_bar import QueryBar, QueryKind
from widgets.row_list import RowList
from widgets.status_line import StatusLine

SOON_S = 0.1
"""From a change to the picture of it: overviews are for reading."""
KEPT = ("?", "Esc")
"""Keys that are in the footer however little room there is."""
STEP_S = 1.0
"""How often times move on while something lives."""


class Overview(PassingScreen[TaskId | None], inherit_bindings=False):
    """Lines about a run. Escape and `q` go back, Enter goes to a task."""

    DEFAULT_CSS = """
    Overview {
        layout: vertical;
        .overview-title { height: 1; text-wrap: nowrap; text-overflow: clip; padding: 0 1; background: $primary 25%; color: $foreground; }
        RowList { height: 1fr; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q", "leave", "Back", show=False),
        Binding("f,slash", "filter", "Filter", show=False),
        Binding("question_mark,f1", "help", "Help", show=False),
        Binding("colon", "app.command_palette", "Commands", show=False),
    ]
    AUTO_FOCUS = "RowList"
    FILTERED: ClassVar[bool] = False
    """`f` filters the lines."""
    HINTS: ClassVar[tuple[tuple[str, str], ...]] = (("Enter", "go to task"), ("?", "help"), ("Esc", "back"))
    NAME: ClassVar[str]
    """What its help is headed with."""
    KEYS: ClassVar[tuple[KeyHelp, ...]] = (*LINES, TO_TASK)
    """Keys that do not work in every overview."""

    def __init__(self, session: RunSession, *, ascii: bool = False, at_end: bool = False) -> None:  # noqa: A002 - the widgets' word
        super().__init__()
        self.session = session
        self.ascii = ascii
        self.rows = RowList(at_end=at_end, ascii=ascii)
        self.begin_at = ""
        """Name of the line the cursor is put on when it opens; empty for the first."""
        self.status = StatusLine()
        self.query_bar = QueryBar()
        self._query: Query | None = None
        self.title_line = Static("", classes="overview-title", markup=False)
        self._drawn_title = Content("")
        self._timer: TimerHandle | None = None

    def headline(self, now: float) -> Content:
        """Return what the title says at a time, in seconds since the epoch."""
        raise NotImplementedError

    def picture(self, width: int, now: float) -> Sequence[ListLine]:
        """Return the lines as they are at that time, for so many cells. Signs that turn stand still."""
        raise NotImplementedError

    def moves(self) -> bool:
        """Tell whether the lines look different a second later though nothing happens."""
        return False

    def compose(self) -> ComposeResult:
        """Put the lines between title and footer."""
        yield self.title_line
        yield self.rows
        yield self.query_bar
        yield self.status

    def on_mount(self) -> None:
        """Show the keys; the lines come with the size."""
        self.status.set_hints(self.HINTS, KEPT)

    @on(events.Resize)
    @on(events.ScreenResume)
    def _shown(self) -> None:
        self.draw()

    def mark(self) -> None:
        """Draw soon: something has changed."""
        if self._timer is None:
            self._timer = later(self, SOON_S, self._tick)

    def _tick(self) -> None:
        self._timer = None
        if self.is_current:  # what comes back to the front is drawn then
            self.draw()

    def draw(self) -> None:
        """Bring everything up to date; costs little when nothing looks different."""
        now = self.session.clock()
        title = self.headline(now)
        if title != self._drawn_title:
            self._drawn_title = title
            self.title_line.update(title, layout=False)
        self.fill(now)
        if self.moves():
            if self._timer is not None:
                self._timer.cancel()
            self._timer = later(self, STEP_S, self._tick)

    def fill(self, now: float) -> None:
        """Bring the lines up to date."""
        lines = self.picture(max(1, self.size.width - 2), now)
        self.rows.set_lines(lines if self._query is None else matching(lines, self._query.pattern()))
        if self.begin_at and self.rows.lines:
            self.rows.move_to(self.begin_at)
            self.begin_at = ""

    def action_leave(self) -> None:
        """Take the filter away, or go back to the main screen."""
        if self._query is not None:
            self._filter(None)
        else:
            _ = self.dismiss(None)

    def action_help(self) -> None:
        """Show the keys that work here."""
        _ = self.app.push_screen(HelpScreen([key_group(self.NAME, (*self.KEYS, *EVERYWHERE))]))

    def action_filter(self) -> None:
        """Open the bar to type a filter into, where there is something to filter."""
        if self.FILTERED:
            self.query_bar.open(QueryKind.FILTER, "" if self._query is None else self._query.typed)

    @on(QueryBar.Changed)
    def _query_changed(self, event: QueryBar.Changed) -> None:
        self._filter(event.query)

    @on(QueryBar.Submitted)
    def _query_submitted(self, event: QueryBar.Submitted) -> None:
        self._filter(event.query)
        self._close_query()

    @on(QueryBar.Closed)
    def _query_closed(self) -> None:
        self._filter(None)
        self._close_query()

    def _filter(self, query: Query | None) -> None:
        self._query = query
        self.draw()
        self.query_bar.set_status(f"{sum(bool(line.ident) for line in self.rows.lines):,} lines")

    def _close_query(self) -> None:
        self.query_bar.close()
        self.set_focus(self.rows)

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        self.choose(event.line)

    def choose(self, line: ListLine) -> None:
        """Go to the task of a line."""
        if line.task in self.session.tasks:
            _ = self.dismiss(line.task)
