"""One pane: a title line, the log of a task or of several, and what there is to say about the task beside its log."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, assert_never

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from tui_runner.errors.render import printable
from tui_runner.model.state import Pending, Queued, Skipped, is_alive
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from tui_runner.tui.log_history import LogHistory
from tui_runner.tui.pane_title import history_facts, log_facts, task_facts, terminal_facts, together_facts
from tui_runner.tui.together import Together
from widgets.failure_panel import FailurePanel
from widgets.failure_report import FailureReport
from widgets.line_filter import Filters, TextFilter
from widgets.line_store import LineStore
from widgets.log_pane import LogPane
from widgets.log_place import Whereabouts
from widgets.query import Query
from widgets.query_bar import QueryKind
from widgets.task_look import look
from widgets.waiting_panel import WaitingPanel

if TYPE_CHECKING:
    from widgets.emulator import Emulator
    from widgets.term_pane import TermPane

WAITING_STEP_S = 1.0
"""How often the times of what is waited for move on."""


class _Title(Static):
    ALLOW_SELECT = False  # where it is the edge of the tree, it is dragged


class TaskPane(Vertical):
    """Shows one task, or several merged. Told what to draw by the screen; draws nothing by itself but new log lines."""

    BLANK = True  # nothing but its children is seen: it paints in a tenth of the time
    DEFAULT_CSS = """
    TaskPane {
        height: 1fr;
        .pane-title { height: 1; padding: 0 1; background: $panel; color: $text-muted; }
        &.-current .pane-title { background: $primary 25%; color: $foreground; }
        &.-typing .pane-title { background: $warning; color: $background; text-style: bold; }
        LogPane { height: 1fr; }
        WaitingPanel, .pane-note { height: auto; max-height: 50%; padding: 1 2; }
        FailurePanel { height: auto; max-height: 60%; padding: 0 1; }
        .pane-note { color: $text-muted; }
    }
    """

    class Focused(Message):
        """The log of this pane got the focus."""

        def __init__(self, pane: "TaskPane") -> None:
            super().__init__()
            self.pane = pane

    def __init__(self, *, ascii: bool = False) -> None:  # noqa: A002 - the widgets' word for it
        super().__init__()
        self.task_id: TaskId | None = None
        """The task under the cursor of the tree when this pane was the current one; commands are about it."""
        self.together: Together | None = None
        """Whose logs are shown merged; None: the log of `task_id` alone."""
        self.store: LineStore | None = None
        self.history: LogHistory | None = None
        """The part of the log file that is shown instead of what memory holds; None: what memory holds."""
        self.filters: Filters = ()
        """What the log is filtered by, the last one on top."""
        self.search: Query | None = None
        """What is searched for."""
        self.log_pane = LogPane(ascii=ascii)
        self.terminal: TermPane | None = None
        """Made when a task with a terminal is shown for the first time."""
        self._terminal_of: TaskId | None = None
        self.log_wanted = False
        """Somebody wants to see the log of a task that has a terminal."""
        self._ascii = ascii
        self._title = _Title("", classes="pane-title", markup=False)
        self._waiting = WaitingPanel(ascii=ascii)
        self._failure = FailurePanel()
        self._note = Static("", classes="pane-note", markup=False)
        self._draft: TextFilter | None = None
        self._left: Whereabouts | None = None
        """Where somebody was before a search that is being typed led elsewhere; None: nothing is being typed."""
        self._drawn_title: Content | None = None
        self._drawn_note = ""
        self._drawn_report: FailureReport | None = None
        for panel in (self._waiting, self._failure, self._note):
            panel.display = False

    def compose(self) -> ComposeResult:
        """Put the title above what waits, the log, and the failure below its last lines."""
        yield self._title
        yield self._waiting
        yield self._note
        yield self.log_pane
        yield self._failure

    @property
    def shown(self) -> tuple[TaskId, ...]:
        """The tasks whose logs are shown."""
        if self.together is not None:
            return self.together.tasks
        return () if self.task_id is None else (self.task_id,)

    @property
    def terminal_shown(self) -> bool:
        """Tell whether a terminal stands in the place of the log."""
        return self.terminal is not None and self.terminal.display

    @property
    def typing(self) -> bool:
        """Tell whether what is typed goes to the task."""
        return self.terminal is not None and self.terminal.typing

    @property
    def face(self) -> "LogPane | TermPane":
        """What is to have the focus: the log, or the terminal in its place."""
        return self.terminal if self.terminal is not None and self.terminal.display else self.log_pane

    def show_terminal(self, emulator: "Emulator | None") -> None:
        """Show this terminal in the place of the log; None: the log."""
        before = self.face
        if self._terminal_of != self.task_id:
            self._terminal_of = self.task_id
            self.stop_typing()
        if emulator is not None and self.terminal is None:
            from widgets.term_pane import TermPane  # noqa: PLC0415 - many workspaces have no terminals

            self.terminal = TermPane(ascii=self._ascii)
            self.mount(self.terminal, after=self.log_pane)  # type: ignore[unused-awaitable]  # it can be shown before
        if self.terminal is None:
            return
        self.terminal.show(emulator)
        self.terminal.display = emulator is not None
        self.log_pane.display = emulator is None
        if self.face is not before and self.screen.focused is before:
            self.screen.set_focus(self.face)

    def stop_typing(self) -> None:
        """Let keys be commands again."""
        if self.terminal is not None:
            self.terminal.typing = False

    def touched(self) -> None:
        """Note that there is more to be seen."""
        if self.terminal_shown and self.terminal is not None:
            self.terminal.touched()
        else:
            self.log_pane.touched()

    def show(self, store: LineStore) -> None:
        """Show this store, which is that of the task or the merged one; filters and search of the pane stay."""
        if store is not self.store:
            self.store = store
            names = () if self.together is None else self.together.tasks
            self.log_pane.show(store, self.task_id or "", names)

    def set_filters(self, filters: Filters) -> None:
        """Show only lines that pass all of these."""
        self.filters = filters
        self._draft = None
        self.log_pane.set_filters(*filters)

    def set_search(self, query: Query | None) -> None:
        """Search the log; None ends the search."""
        self.search = query
        self.log_pane.set_search(query)

    def try_query(self, kind: QueryKind, query: Query | None) -> None:
        """Show what a query that is being typed would do; None: as if there were none."""
        match kind:
            case QueryKind.SEARCH:
                if query is not None and self._left is None:
                    self._left = self.log_pane.whereabouts
                self.set_search(query)
                if query is None and self._left is not None:
                    self.log_pane.return_to(self._left)
                    self._left = None
            case QueryKind.FILTER | QueryKind.HIDE:
                hide = kind is QueryKind.HIDE
                self._draft = None if query is None else TextFilter(query=query, exclude=hide)
                self.log_pane.set_filters(*self._drafted())
            case QueryKind.TASKS:
                pass  # it is about the tree
            case _:
                assert_never(kind)

    def keep_query(self, kind: QueryKind, query: Query | None) -> None:
        """Put what was typed on top of the filters, or search for it."""
        self.try_query(kind, query)
        self._left = None
        self.set_filters(self._drafted())

    def _drafted(self) -> Filters:
        draft = self._draft
        return self.filters if draft is None or draft in self.filters else (*self.filters, draft)

    def draw(
        self,
        tasks: Mapping[TaskId, TaskView],
        now: float,
        report: FailureReport | None,
        *,
        numbered: str = "",
        no_terminal: str = "",
    ) -> float | None:
        """Bring title and panels up to date; return the seconds after which they look different by themselves.

        `report` is the failure to show, `numbered` a mark in front of the title when there are several panes,
        `no_terminal` says why terminals cannot be shown.
        """
        self.set_class(self.typing, "-typing")
        view = tasks.get(self.task_id) if self.task_id is not None else None
        if view is None:
            self._draw_title(Content("starting …"))
            return None
        if self.together is not None:
            self._draw_together(tasks, self.together, numbered)
            return None
        self.log_pane.since = view.started_at or 0.0
        seen = look(view, now, self._ascii)
        if self.terminal_shown and self.terminal is not None:
            facts = terminal_facts(self.terminal, view)
        else:
            facts = log_facts(self.log_pane, self._drafted(), self.search)
        if self.history is not None:
            facts += history_facts(self.history)
        title = Content("").join([Content(numbered), *facts, *task_facts(view, seen)])
        # On the ground of a title that is typed under, colours of states could not be read.
        self._draw_title(Content(title.plain) if self.typing else title)
        waiting = isinstance(view.state, Pending | Queued)
        if waiting:
            self._waiting.show(view, tasks, now)
        self._waiting.display = waiting
        self._draw_report(report)
        self._draw_note(_note(view) or (no_terminal if view.terminal is not None else ""))
        if waiting and any(is_alive(tasks[need].state) for need in view.waiting_for if need in tasks):
            return WAITING_STEP_S
        return seen.changes_in

    def _draw_together(self, tasks: Mapping[TaskId, TaskView], together: Together, numbered: str) -> None:
        starts = [view.started_at for task in together.tasks if (view := tasks.get(task)) and view.started_at]
        self.log_pane.since = min(starts, default=0.0)
        facts = log_facts(self.log_pane, self._drafted(), self.search)
        self._draw_title(Content("").join([Content(numbered), *facts, *together_facts(together, self._ascii)]))
        self._waiting.display = False
        self._draw_report(None)
        self._draw_note("")

    def _draw_title(self, title: Content) -> None:
        # Updating a Static costs milliseconds: only when something is different.
        if title != self._drawn_title:
            self._drawn_title = title
            self._title.update(title, layout=False)

    def _draw_report(self, report: FailureReport | None) -> None:
        if report != self._drawn_report:
            self._drawn_report = report
            if report is not None:
                self._failure.show(report)
            self._failure.display = report is not None

    def _draw_note(self, note: str) -> None:
        if note != self._drawn_note:
            self._drawn_note = note
            self._note.update(Content(note))
            self._note.display = bool(note)

    @on(events.DescendantFocus)
    def _focused(self) -> None:
        self.post_message(self.Focused(self))


def _note(view: TaskView) -> str:
    match view.state:
        case Skipped(reason=reason):
            text = f"Skipped: {reason.words}."
            return f"{text}\n{printable(view.description)}" if view.description else text
        case _ if view.composite and not isinstance(view.state, Pending | Queued):
            return "A pipeline of its own: its tasks print, it does not."
        case _:
            return ""
