"""The main screen: tree, panes, query bar and footer, and what each command does there.

Draws from the session when something is marked as changed, at most thirty times a second; nothing ticks while nothing
visible moves. What concerns the process as a whole (leaving, copying, the connection) is asked of its `Host`.
"""

from collections.abc import Callable
from time import monotonic
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.screen import Screen
from textual.timer import Timer

from tui_runner.model.state import Failed
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase, RunView, TaskView
from tui_runner.tui.bindings import screen_bindings
from tui_runner.tui.body import TREE_STEP, Body
from tui_runner.tui.commands import COMMAND_BY_ID, COMMANDS, TYPING_HINTS, can_stop, hints
from tui_runner.tui.host import Host
from tui_runner.tui.screens.help import HelpScreen
from tui_runner.tui.session import LAST_LINES, RunSession
from tui_runner.tui.task_pane import TaskPane
from tui_runner.tui.too_small import TooSmall
from tui_runner.tui.ui_command import CommandContext
from widgets.log_pane import LogPane
from widgets.query_bar import QueryBar, QueryKind
from widgets.status_line import StatusLine
from widgets.task_look import tally

FRAME_S = 1 / 30
STOPPING_FRAME_S = 0.25
"""How often elapsed times of a stop move on."""
MESSAGE_S = 5.0
"""How long a message stands in the footer."""


class MainScreen(Screen[None], inherit_bindings=False):
    """The one screen that is always there."""

    BLANK = True
    AUTO_FOCUS = "DagTree"
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings()
    DEFAULT_CSS = """
    MainScreen { layout: vertical; }
    """

    def __init__(self, session_for: "Callable[[MainScreen], RunSession]", host: Host, *, ascii: bool = False) -> None:  # noqa: A002 - the widgets' word
        super().__init__()
        self.session = session_for(self)
        self.body = Body(self.session, self.mark, ascii=ascii)
        self.query_bar = QueryBar(id="query")
        self.status = StatusLine(id="status")
        self._host = host
        self._ascii = ascii
        self._too_small = TooSmall()
        self._frame_timer: Timer | None = None
        self._frame_due = 0.0
        self._message_timer: Timer | None = None
        self._drawn_hints: tuple[tuple[str, str], ...] = ()

    @property
    def pane(self) -> TaskPane:
        """The current pane."""
        return self.body.grid.current

    def compose(self) -> ComposeResult:
        """Put tree and panes above the query bar and the footer."""
        yield self.body
        yield self._too_small
        yield self.query_bar
        yield self.status

    def on_mount(self) -> None:
        """Draw the empty picture; everything in it is mounted by now."""
        self._draw()
        self._host.screen_mounted()

    # -- what the session tells ---------------------------------------------------------------------------------------

    def tasks_replaced(self) -> None:
        """Take a whole new picture; the first target is shown unless something is already."""
        self.body.set_tasks()
        self.mark()

    def task_changed(self, view: TaskView) -> None:
        """Mark one task as changed."""
        self.body.tree_view.update_task(view)
        self.mark()

    def run_changed(self, run: RunView) -> None:
        """Mark the run as changed."""
        stopping = run.phase is not RunPhase.RUNNING
        if stopping != self.body.stop_panel.display:
            self.body.stop_panel.display = stopping
        self.mark()

    def log_grew(self, task: TaskId) -> None:
        """Let the panes of this task draw their new lines."""
        for pane in self.body.grid:
            if pane.task_id == task:
                pane.log_pane.touched()
                if not pane.log_pane.follow:
                    self.mark()

    def log_behind(self) -> None:
        """Have the files of shown logs read."""
        self._host.pump_soon()

    # -- drawing ------------------------------------------------------------------------------------------------------

    def mark(self, delay: float = FRAME_S) -> None:
        """Draw after this many seconds at the latest."""
        due = monotonic() + delay
        if self._frame_timer is not None:
            if self._frame_due <= due:
                return
            self._frame_timer.stop()
        self._frame_due = due
        self._frame_timer = self.set_timer(delay, self._frame)

    def _frame(self) -> None:
        self._frame_timer = None
        self._draw()

    def _draw(self) -> None:
        session = self.session
        now = session.clock()
        self.status.set_counts(tally((v for v in session.tasks.values() if not v.composite), self._ascii))
        self._draw_hints()
        again = [
            self._draw_pane(pane, index, now) for index, pane in enumerate(self.body.grid.panes, 1) if pane.display
        ]
        if session.run is not None and session.phase is not RunPhase.RUNNING:
            self.body.stop_panel.show(session.run, tuple(session.tasks.values()), now)
            again.append(STOPPING_FRAME_S)
        moving = [delay for delay in again if delay is not None]
        if moving:
            self.mark(max(0.1, min(moving)))

    def _draw_pane(self, pane: TaskPane, number: int, now: float) -> float | None:
        session = self.session
        report = None
        view = None if pane.task_id is None else session.tasks.get(pane.task_id)
        if view is not None and isinstance(view.state, Failed):
            # The log shows its last lines itself, unless a filter hides them.
            quoted = LAST_LINES if QueryKind.FILTER in pane.queries else 0
            report = session.failure_report(view.id, quoted)
        mark = f"{number} " if len(self.body.grid.panes) > 1 else ""
        return pane.draw(session.tasks, now, report, numbered=mark)

    def _draw_hints(self) -> None:
        wanted = TYPING_HINTS if self.query_bar.display else hints(self.context())
        if wanted != self._drawn_hints:
            self._drawn_hints = wanted
            self.status.set_hints(wanted)

    def say(self, text: str, *, error: bool = False) -> None:
        """Show a message in the footer for a few seconds."""
        if self._message_timer is not None:
            self._message_timer.stop()
        self.status.set_message(text, error=error)
        self._message_timer = self.set_timer(MESSAGE_S, self._forget_message)

    def _forget_message(self) -> None:
        self._message_timer = None
        self.status.set_message("")

    # -- context ------------------------------------------------------------------------------------------------------

    def context(self) -> CommandContext:
        """Return what decides which commands apply now."""
        session, pane = self.session, self.pane
        task = self.body.task_id
        return CommandContext(
            phase=session.phase,
            owner=self._host.owner,
            leaving=self._host.leaving,
            connected=self._host.connected,
            task=None if task is None else session.tasks.get(task),
            failed=len(session.failed()),
            panes=len(self.body.grid.panes),
            tree_visible=self.body.tree_view.display,
            zoomed=self.body.zoomed,
            in_log=self.body.in_log,
            searching=QueryKind.SEARCH in pane.queries,
            filtering=QueryKind.FILTER in pane.queries,
            selection=bool(self.selections),
            following=pane.log_pane.follow,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let commands through that apply now; everything that is no command of ours is Textual's business."""
        command = COMMAND_BY_ID.get(action)
        if command is None:
            return super().check_action(action, parameters)
        return command.applies(self.context())

    # -- what happens in the widgets ----------------------------------------------------------------------------------

    @on(events.DescendantFocus)
    def _focus_moved(self) -> None:
        self.mark()

    @on(LogPane.FollowChanged)
    def _follow_changed(self) -> None:
        self.mark()

    @on(LogPane.SearchUpdated)
    def _search_updated(self, event: LogPane.SearchUpdated) -> None:
        pane = self.pane
        if event.pane is pane.log_pane and self.query_bar.display:
            kind = self.query_bar.kind
            count = pane.log_pane.match_count if kind is QueryKind.SEARCH else pane.log_pane.filter_count
            self.query_bar.set_status("" if count is None else f"{count:,} lines")
        self.mark()

    @on(QueryBar.Changed)
    def _query_changed(self, event: QueryBar.Changed) -> None:
        self.pane.set_query(event.kind, event.query)
        self.mark()

    @on(QueryBar.Submitted)
    def _query_submitted(self, event: QueryBar.Submitted) -> None:
        self.pane.set_query(event.kind, event.query)
        self._close_query()

    @on(QueryBar.Closed)
    def _query_closed(self, event: QueryBar.Closed) -> None:
        self.pane.set_query(event.kind, None)
        self._close_query()

    @on(StatusLine.Pressed)
    async def _hint_pressed(self, event: StatusLine.Pressed) -> None:
        for command in COMMANDS:
            if command.hint and command.shown.split(" ")[0] == event.key and command.applies(self.context()):
                await self.run_action(command.id)
                return

    @on(events.Resize)
    def _resized(self, event: events.Resize) -> None:
        self._too_small.measure(event.size)
        self.body.display = self.status.display = not self._too_small.display
        self.mark()

    # -- typing a query ----------------------------------------------------------------------------------------------

    def _close_query(self) -> None:
        self.query_bar.close()
        self.body.focus_log()
        self.mark()

    def _open_query(self, kind: QueryKind) -> None:
        query = self.pane.queries.get(kind)
        text = "" if query is None else f"/{query.text}/" if query.regex else query.text
        self.query_bar.open(kind, text)
        self.mark()

    # -- commands: each is described in `commands` --------------------------------------------------------------------

    def action_focus_log(self) -> None:
        """Go to the log."""
        self.body.focus_log()

    def action_next_pane(self) -> None:
        """Go one pane on."""
        self.body.focus_along(1)

    def action_previous_pane(self) -> None:
        """Go one pane back."""
        self.body.focus_along(-1)

    def action_back(self) -> None:
        """Undo the latest of selection, search, filter, zoom and focus."""
        pane = self.pane
        if self.selections:
            self.clear_selection()
        elif QueryKind.SEARCH in pane.queries:
            pane.set_query(QueryKind.SEARCH, None)
        elif QueryKind.FILTER in pane.queries:
            pane.set_query(QueryKind.FILTER, None)
        elif self.body.zoomed:
            self.action_zoom()
        else:
            self.body.focus_tree()
        self.mark()

    def action_restart(self) -> None:
        """Restart the selected task."""
        if (task := self.body.task_id) is not None:
            self.say(f"restarting {task}")
            self._host.ask("restart", task)

    def action_restart_failed(self) -> None:
        """Restart all failed tasks."""
        names = [view.id for view in self.session.failed()]
        self.say(f"restarting {_few(names)}")
        for name in names:
            self._host.ask("restart", name)

    def action_stop_or_start(self) -> None:
        """Stop the selected task and its dependents, or start it."""
        task = self.body.task_id
        view = None if task is None else self.session.tasks.get(task)
        if view is None:
            return
        if not can_stop(view.state):
            self.say(f"starting {view.id}")
            self._host.ask("start", view.id)
            return
        others = self.session.goes_with(view.id)
        self.say(f"stopping {view.id}" + (f" and what needs it: {_few(others)}" if others else ""))
        self._host.ask("stop", view.id)

    def action_search(self) -> None:
        """Open the bar to search."""
        self._open_query(QueryKind.SEARCH)

    def action_filter(self) -> None:
        """Open the bar to filter."""
        self._open_query(QueryKind.FILTER)

    def action_next_match(self) -> None:
        """Go to the next match."""
        self.pane.log_pane.search_next()

    def action_previous_match(self) -> None:
        """Go to the previous match."""
        self.pane.log_pane.search_previous()

    def action_follow(self) -> None:
        """Follow the end."""
        self.pane.log_pane.follow = True

    def action_toggle_wrap(self) -> None:
        """Wrap or cut long lines."""
        pane = self.pane.log_pane
        pane.wrap = not pane.wrap

    def action_copy(self) -> None:
        """Copy the selected text."""
        if text := self.get_selected_text():
            self.app.copy_to_clipboard(text)
            self.clear_selection()
            self.mark()

    def action_zoom(self) -> None:
        """Show the current log alone, or everything again."""
        self.body.toggle_zoom()

    async def action_split(self) -> None:
        """Open one more pane."""
        await self.body.split()

    async def action_close_pane(self) -> None:
        """Close the current pane."""
        await self.body.close_pane()

    def action_toggle_tree(self) -> None:
        """Hide or show the tree."""
        self.body.toggle_tree()

    def action_shrink_tree(self) -> None:
        """Make the tree narrower."""
        self.body.resize_tree(-TREE_STEP)

    def action_grow_tree(self) -> None:
        """Make the tree wider."""
        self.body.resize_tree(TREE_STEP)

    def action_command_palette(self) -> None:
        """Open the palette."""
        self.app.action_command_palette()

    def action_help(self) -> None:
        """Open the help screen."""
        _ = self.app.push_screen(HelpScreen())

    def action_suspend(self) -> None:
        """Go back to the shell for a while."""
        self.app.action_suspend_process()

    def action_detach(self) -> None:
        """Leave the run alone."""
        self._host.detach()

    def action_quit(self) -> None:
        """Quit."""
        self._host.leave()


def _few(names: "tuple[TaskId, ...] | list[TaskId]") -> str:
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown
