"""Every widget with made-up data, to look at and to try keys in. Not part of the program people use."""

from collections.abc import Callable
from time import time
from typing import ClassVar

from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll

from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase, RunView, TaskView
from widgets.dag_tree import DagTree
from widgets.emulator import Emulator
from widgets.failure_panel import FailurePanel
from widgets.failure_report import again_text, report_of
from widgets.gallery_data import START, every_state, leaving_run, loads, output_of, terminal_output
from widgets.later import later
from widgets.line_filter import TextFilter
from widgets.line_store import LineStore
from widgets.log_pane import LogPane
from widgets.query_bar import QueryBar, QueryKind
from widgets.status_line import StatusLine
from widgets.stop_panel import StopPanel
from widgets.task_look import tally
from widgets.term_pane import TermPane
from widgets.waiting_panel import WaitingPanel

_HINTS = (
    ("/", "search"),
    ("f", "filter"),
    ("n", "next"),
    ("w", "wrap"),
    ("F", "flood"),
    ("p", "panels"),
    ("t", "terminal"),
    ("q", "quit"),
)
_TERMINAL = (80, 24)
_INK, _PAPER = (220, 220, 220), (20, 20, 20)
_FLOOD_LINES = 2000
_FLOOD_EVERY_S = 0.02


class GalleryApp(App[None]):
    """Tree and log side by side; `p` shows the panels instead of the log, `t` a terminal that repeats what is typed."""

    CSS = """
    #left { width: 52; border-right: solid $panel; }
    DagTree { height: 1fr; }
    #right { width: 1fr; }
    LogPane, TermPane, #panels { height: 1fr; }
    """
    ENABLE_COMMAND_PALETTE = False
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("slash", "open('search')"),
        Binding("f", "open('filter')"),
        Binding("n", "step(1)"),
        Binding("N", "step(-1)"),
        Binding("w", "wrap"),
        Binding("F", "flood"),
        Binding("p", "panels"),
        Binding("t", "terminal"),
        Binding("q", "quit"),
    ]

    def __init__(self, *, clock: Callable[[], float] = time, ascii: bool = False) -> None:  # noqa: A002 - as in DagTree
        super().__init__()
        self.clock = clock
        self.views: dict[TaskId, TaskView] = {view.id: view for view in every_state()}
        self.stores: dict[TaskId, LineStore] = {}
        self.dag = DagTree(clock=clock, ascii=ascii)
        self.log_pane = LogPane()
        self.terminal = TermPane(ascii=ascii)
        self.emulator: Emulator | None = None
        """Made when it is first looked at."""
        self.bar = QueryBar()
        self.status = StatusLine()
        self.failure = FailurePanel()
        self.waiting = WaitingPanel(ascii=ascii)
        self.stop_panel = StopPanel(ascii=ascii)
        self.flooding = False

    def compose(self) -> ComposeResult:
        """Put everything on one screen."""
        with Horizontal():
            with Vertical(id="left"):
                yield self.dag
            with Vertical(id="right"):
                yield self.log_pane
                yield self.terminal
                with VerticalScroll(id="panels"):
                    yield self.failure
                    yield self.waiting
                    yield self.stop_panel
                yield self.bar
        yield self.status

    def on_mount(self) -> None:
        """Fill everything."""
        self.query_one("#panels").display = self.terminal.display = False
        self.dag.set_tasks(list(self.views.values()))
        self.dag.update_loads(loads(), loads())
        self.dag.focus()
        self.status.set_counts(tally(self.views.values(), self.dag.ascii))
        self.status.set_hints(_HINTS)
        mail = self.views["mail"]
        lines = output_of("mail", 2).split(b"\r\n")[:4]
        report = report_of(mail, list(self.views.values()), lines, again_text(mail, "r"))
        if report is not None:
            self.failure.show(report)
        self.waiting.show(self.views["web"], self.views, self.clock())
        run = RunView(
            run_id="1",
            root="/shop",
            mode="dev",
            started_at=START,
            phase=RunPhase.STOPPING,
            stopping_since=START + 9,
            cause="received SIGTERM",
        )
        self.stop_panel.show(run, leaving_run(), self.clock())

    def on_dag_tree_highlighted(self, message: DagTree.Highlighted) -> None:
        """Show the log of the task under the cursor."""
        store = self.stores.get(message.task_id)
        if store is None:
            store = self.stores[message.task_id] = LineStore()
            store.feed(output_of(message.task_id), self.clock())
        self.log_pane.show(store, message.task_id)

    def on_dag_tree_chosen(self) -> None:
        """Go to the log."""
        self.log_pane.focus()

    def on_query_bar_changed(self, message: QueryBar.Changed) -> None:
        """Filter or search while one types."""
        if message.kind is QueryKind.FILTER:
            self.log_pane.set_filters(*(() if message.query is None else (TextFilter(query=message.query),)))
        else:
            self.log_pane.set_search(message.query)

    def on_query_bar_submitted(self) -> None:
        """Go from the bar to the log."""
        self.log_pane.focus()

    def on_query_bar_closed(self, message: QueryBar.Closed) -> None:
        """End the filter or search."""
        if message.kind is QueryKind.FILTER:
            self.log_pane.set_filters()
        else:
            self.log_pane.set_search(None)
        self.log_pane.focus()

    def on_log_pane_search_updated(self) -> None:
        """Show counts in the bar."""
        if self.bar.kind is QueryKind.FILTER:
            self.bar.set_status(f"{self.log_pane.filter_count or 0} lines")
        else:
            self.bar.set_status(f"{self.log_pane.match_position or 0}/{self.log_pane.match_count or 0}")

    async def on_status_line_pressed(self, message: StatusLine.Pressed) -> None:
        """Do what the key does."""
        await self.run_action({"/": "open('search')", "f": "open('filter')", "n": "step(1)"}.get(message.key, "bell"))

    def action_open(self, kind: str) -> None:
        """Open the bar."""
        self.bar.open(QueryKind(kind))

    def action_step(self, by: int) -> None:
        """Go to the next or previous match."""
        if by > 0:
            self.log_pane.search_next()
        else:
            self.log_pane.search_previous()

    def action_wrap(self) -> None:
        """Wrap long lines or not."""
        self.log_pane.wrap = not self.log_pane.wrap

    def action_panels(self) -> None:
        """Show the panels or the log."""
        panels = self.query_one("#panels")
        panels.display = not panels.display
        self.log_pane.display = not panels.display

    def action_terminal(self) -> None:
        """Show the terminal, with the keys going there, or the log."""
        if self.emulator is None:
            try:
                from widgets.ghostty_emulator import GhosttyEmulator  # noqa: PLC0415 - an extra
            except ImportError:
                self.notify("the terminal pane needs the extra `tty`")
                return
            self.emulator = GhosttyEmulator(*_TERMINAL, ink=_INK, paper=_PAPER)
            self.emulator.feed(terminal_output())
            self.terminal.show(self.emulator)
        self.log_pane.display, self.terminal.display = self.terminal.display, self.log_pane.display
        self.set_focus(self.terminal if self.terminal.display else self.dag)

    def on_term_pane_typed(self, message: TermPane.Typed) -> None:
        """Repeat what is typed."""
        if self.emulator is not None:
            self.emulator.feed(message.data)
            self.terminal.touched()

    def action_flood(self) -> None:
        """Start or stop 100,000 lines per second in the log that is shown."""
        self.flooding = not self.flooding
        if self.flooding:
            self._flood()

    def _flood(self) -> None:
        if self.flooding:
            store = self.log_pane.store
            store.feed(b"".join(b"flood %d\n" % (store.total + n) for n in range(_FLOOD_LINES)), self.clock())
            self.log_pane.touched()
            later(self.log_pane, _FLOOD_EVERY_S, self._flood)
