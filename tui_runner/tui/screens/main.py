"""The main screen: tree, panes, query bar and footer. What each command does is in `actions`.

Draws from the session when something is marked as changed, at most thirty times a second; nothing ticks while nothing
visible moves. What concerns the process as a whole (leaving, copying, the connection) is asked of its `Host`.
"""

from asyncio import TimerHandle
from collections.abc import Callable, Iterable
from time import monotonic
from typing import ClassVar

from textual import events, on
from textual._styles_cache import StylesCache
from textual.app import ComposeResult
from textual.binding import BindingType

from tui_runner.model.size import format_size
from tui_runner.model.state import Failed
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase, RunView, TaskView
from tui_runner.tui.bindings import bind_anew, screen_bindings
from tui_runner.tui.body import Body
from tui_runner.tui.commands import (
    ASKING_HINTS,
    COMMAND_BY_ID,
    COMMANDS,
    TERMINAL_HINTS,
    TYPING_HINTS,
    hints,
    kept_keys,
)
from tui_runner.tui.disk_trouble import disk_trouble
from tui_runner.tui.host import Host
from tui_runner.tui.layout_memory import LayoutMemory
from tui_runner.tui.narrowed_tree import narrowed_tree
from tui_runner.tui.paused_watch import paused_watch
from tui_runner.tui.screens.actions.acting_screen import FRAME_S
from tui_runner.tui.screens.actions.lines_actions import LinesActions
from tui_runner.tui.screens.actions.log_actions import LogActions
from tui_runner.tui.screens.actions.move_actions import MoveActions
from tui_runner.tui.screens.actions.opening_actions import OpeningActions
from tui_runner.tui.screens.actions.overview_actions import OverviewActions
from tui_runner.tui.screens.actions.pane_actions import PaneActions
from tui_runner.tui.screens.actions.plan_actions import PlanActions
from tui_runner.tui.screens.actions.query_actions import QueryActions
from tui_runner.tui.screens.actions.run_actions import RunActions
from tui_runner.tui.screens.actions.settings_actions import SettingsActions
from tui_runner.tui.screens.actions.task_actions import TaskActions
from tui_runner.tui.screens.actions.terminal_actions import TerminalActions
from tui_runner.tui.session import LAST_LINES, RunSession
from tui_runner.tui.settings.key_map import with_keys
from tui_runner.tui.settings.settings import DEFAULTS, Settings
from tui_runner.tui.task_pane import TaskPane
from tui_runner.tui.too_small import TooSmall
from tui_runner.tui.tree_place import place_of
from tui_runner.tui.ui_command import CommandContext
from widgets.later import later
from widgets.log_pane import LogPane
from widgets.prompt_bar import PromptBar
from widgets.query_bar import QueryBar
from widgets.status_line import StatusLine
from widgets.task_look import tally

STOPPING_FRAME_S = 0.25
"""How often elapsed times of a stop move on."""


class MainScreen(
    MoveActions,
    TaskActions,
    OverviewActions,
    TerminalActions,
    LogActions,
    QueryActions,
    LinesActions,
    OpeningActions,
    PaneActions,
    RunActions,
    PlanActions,
    SettingsActions,
    inherit_bindings=False,
):
    """The one screen that is always there."""

    BLANK = True
    AUTO_FOCUS = "DagTree"
    BINDINGS: ClassVar[list[BindingType]] = screen_bindings()
    DEFAULT_CSS = """
    MainScreen { layout: vertical; }
    """

    def __init__(
        self,
        session_for: "Callable[[MainScreen], RunSession]",
        host: Host,
        *,
        ascii: bool = False,  # noqa: A002 - the widgets' word
        settings: Settings = DEFAULTS,
        memory: LayoutMemory | None = None,
    ) -> None:
        super().__init__()
        self.session = session_for(self)
        self.commands = COMMANDS
        self.take_keys(settings)
        self.body = Body(self.session, self.mark, ascii=ascii, place=place_of(settings.screen), memory=memory)
        self.query_bar = QueryBar(id="query")
        self.prompt = PromptBar(id="prompt")
        self.status = StatusLine(id="status")
        self.host = host
        self.ascii = ascii
        self._too_small = TooSmall()
        self._trouble = ""
        self._frame_timer: TimerHandle | None = None
        self._frame_due = 0.0
        self._drawn_hints: tuple[tuple[str, str], ...] = ()
        self._recovered: tuple[str, ...] = ()
        """What was told of a cleaning up before the run."""

    def compose(self) -> ComposeResult:
        """Put tree and panes above the query bar and the footer."""
        yield self.body
        yield self._too_small
        yield self.query_bar
        yield self.prompt
        yield self.status

    def on_mount(self) -> None:
        """Draw the empty picture; everything in it is mounted by now."""
        self._draw()
        self.host.screen_mounted()

    def take_keys(self, settings: Settings) -> None:
        """Give the commands the keys of a user."""
        self.commands = with_keys(COMMANDS, settings.keys)
        bind_anew(self, self.commands)

    # -- what the session tells ---------------------------------------------------------------------------------------

    def tasks_replaced(self) -> None:
        """Take a whole new picture; the first target is shown unless something is already."""
        self.body.set_tasks()
        self._tell_recovered()
        self.host.picture_changed()
        self.mark_overview()
        self.mark()

    def _tell_recovered(self) -> None:
        """Say once what was cleaned up before the run; it is said again at the end, outside of the screen."""
        told = () if self.session.run is None else self.session.run.recovered
        if told and not self._recovered:
            self._recovered = told
            self.say("; ".join(told))

    def task_changed(self, view: TaskView) -> None:
        """Mark one task as changed."""
        self.body.tree_view.update_task(view)
        self.body.terminals.follow(view.id)
        self.host.picture_changed(view)
        self.mark_overview()
        self.mark()

    def run_changed(self, run: RunView) -> None:
        """Mark the run as changed."""
        stopping = run.phase is not RunPhase.RUNNING
        if stopping != self.body.stop_panel.display:
            self.body.stop_panel.display = stopping
            self.leave_overviews()
        if run.trouble != self._trouble:
            self._trouble = run.trouble
            self.say(run.trouble or "logs are written again", error=bool(run.trouble))
        self.host.picture_changed()
        self.mark_overview()
        self.mark()

    def log_grew(self, task: TaskId) -> None:
        """Let the panes of this task draw their new lines."""
        for pane in self.body.grid:
            if task in pane.shown:
                pane.touched()
                if not pane.log_pane.follow:
                    self.mark()
        self.body.terminals.renew(task)

    def usage_changed(self, tasks: Iterable[TaskId]) -> None:
        """Let the tree show what tasks use now."""
        self.body.tree_view.update_loads(self.session.usage.loads, tasks)

    def log_behind(self) -> None:
        """Have the files of shown logs read."""
        self.host.pump_soon()

    # -- drawing ------------------------------------------------------------------------------------------------------

    def mark(self, delay: float = FRAME_S) -> None:
        """Draw after this many seconds at the latest."""
        due = monotonic() + delay
        if self._frame_timer is not None:
            if self._frame_due <= due:
                return
            self._frame_timer.cancel()
        self._frame_due = due
        self._frame_timer = later(self, delay, self._frame)

    def mark_overview(self) -> None:
        """Have what covers this screen drawn soon."""
        if self.overview is not None:
            self.overview.mark()

    def _frame(self) -> None:
        self._frame_timer = None
        if self.overview is None:  # nobody sees what is covered
            self._draw()

    def _draw(self) -> None:
        session = self.session
        now = session.clock()
        session.usage.show(self.body.display and self.body.tree_view.has_columns)
        counts = tally((v for v in session.tasks.values() if not v.composite), self.ascii)
        watch = paused_watch(session, self.key_of("pause_watching"))
        self.status.set_counts((*disk_trouble(session), *narrowed_tree(self.body), *watch, *counts))
        self._draw_hints()
        again = [
            self._draw_pane(pane, index, now) for index, pane in enumerate(self.body.grid.panes, 1) if pane.display
        ]
        if session.run is not None and session.phase is not RunPhase.RUNNING:
            self.body.stop_panel.show(
                session.run, tuple(session.tasks.values()), now, force_key=self.key_of("quit") or "Ctrl-C"
            )
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
            quoted = LAST_LINES if pane.filters else 0
            report = session.failure_report(view.id, quoted, restart_key=self.key_of("restart"))
        mark = f"{number} " if len(self.body.grid.panes) > 1 else ""
        return pane.draw(session.tasks, now, report, numbered=mark, no_terminal=self.body.terminals.problem)

    def _draw_hints(self) -> None:
        wanted: tuple[tuple[str, str], ...]
        if self.prompt.display:
            wanted = ASKING_HINTS
        elif self.query_bar.display:
            wanted = TYPING_HINTS
        elif self.typing is not None:
            wanted = TERMINAL_HINTS
        else:
            wanted = hints(self.context(), self.commands)
        if wanted != self._drawn_hints:
            self._drawn_hints = wanted
            self.status.set_hints(wanted, kept_keys(self.commands))

    # -- context ------------------------------------------------------------------------------------------------------

    def context(self) -> CommandContext:
        """Return what decides which commands apply now."""
        session, pane = self.session, self.pane
        task = self.task_id
        return CommandContext(
            phase=session.phase,
            owner=self.host.owner,
            leaving=self.host.leaving,
            connected=self.host.connected,
            task=None if task is None else session.tasks.get(task),
            failed=len(session.failed()),
            panes=len(self.body.grid.panes),
            tree_visible=self.body.tree_view.display,
            zoomed=self.body.zoomed,
            in_log=self.body.in_log,
            terminal=pane.terminal_shown,
            has_terminal=task is not None and self.body.terminals.has_terminal(task),
            searching=pane.search is not None,
            filtering=bool(pane.filters),
            narrowed=self.body.tree_view.narrowed_to is not None,
            together=pane.together is not None,
            marks=pane.log_pane.marks,
            selection=bool(self.selections),
            file_watch=session.file_watch,
            following=pane.log_pane.follow or pane.terminal_shown,
        )

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Let commands through that apply now; everything that is no command of ours is Textual's business."""
        command = COMMAND_BY_ID.get(action)
        if command is None:
            return super().check_action(action, parameters)
        return command.applies(self.context())

    def refuse(self, command_id: str) -> bool:
        """Say why a command does nothing now. Return whether there was anything to say."""
        command = COMMAND_BY_ID.get(command_id)
        why = "" if command is None else command.refusal(self.context())
        if why:
            self.say(why)
        return bool(why)

    # -- what happens in the widgets ----------------------------------------------------------------------------------

    @on(events.ScreenSuspend)
    def _covered(self) -> None:
        # What lies below a dialog can be seen, and is drawn.
        if self.overview is not None:
            self.session.usage.show(False)

    @on(events.ScreenResume)
    def _uncovered(self) -> None:
        # Textual remembers colours by the painted lines of a widget, which keeps those of a thousand removed ones.
        StylesCache.get_inner_outer.cache_clear()
        self.mark()

    @on(events.DescendantFocus)
    def _focus_moved(self) -> None:
        self.mark()

    @on(LogPane.FollowChanged)
    def _follow_changed(self, event: LogPane.FollowChanged) -> None:
        # Things may have changed again since: what counts is how they are now.
        if event.pane.follow and (pane := self.body.grid.pane_of(event.pane)) is not None:
            self.run_worker(self.body.show_newer(pane), name="newer lines", exit_on_error=True)
        self.mark()

    @on(LogPane.BeyondTop)
    def _beyond_top(self, event: LogPane.BeyondTop) -> None:
        if (pane := self.body.grid.pane_of(event.pane)) is not None:
            if isinstance(event, LogPane.EndWanted):
                self.body.show_newest(pane)
            else:
                self.run_worker(self._show_older(pane), name="older lines", exit_on_error=True)

    async def _show_older(self, pane: TaskPane) -> None:
        if not await self.body.show_older(pane) and (removed := self.body.removed(pane)):
            self.say(f"the oldest {format_size(removed)} of this log are not kept any more")

    @on(PromptBar.Closed)
    def _prompt_closed(self) -> None:
        self.body.focus_log()
        self.mark()

    @on(LogPane.OpenWanted)
    def _open_wanted(self) -> None:
        self.action_open_reference()

    @on(StatusLine.Pressed)
    async def _hint_pressed(self, event: StatusLine.Pressed) -> None:
        if (terminal := self.typing) is not None:
            terminal.typing = False
            return
        for command in self.commands:
            if command.hint and command.first_shown == event.key and command.applies(self.context()):
                await self.run_action(command.id)
                return

    @on(events.Resize)
    def _resized(self, event: events.Resize) -> None:
        self._too_small.measure(event.size, self.key_of("quit") or "Ctrl-C")
        self.body.display = self.status.display = not self._too_small.display
        self.mark()
