"""The parts of the main screen that commands work with; the actions of each group build on it."""

from asyncio import TimerHandle
from typing import TYPE_CHECKING

from textual.screen import Screen

from tui_runner.model.task import TaskId
from tui_runner.tui.body import Body
from tui_runner.tui.host import Host
from tui_runner.tui.session import RunSession
from tui_runner.tui.task_pane import TaskPane
from tui_runner.tui.ui_command import UiCommand
from widgets.later import later
from widgets.log_pane import LogPane
from widgets.query_bar import QueryBar
from widgets.status_line import StatusLine

if TYPE_CHECKING:
    from tui_runner.tui.screens.overview import Overview

FRAME_S = 1 / 30
MESSAGE_S = 5.0
"""How long a message stands in the footer."""


class ActingScreen(Screen[None], inherit_bindings=False):
    """What every action may use. Its parts are made by the main screen before anything is shown."""

    session: RunSession
    host: Host
    body: Body
    query_bar: QueryBar
    status: StatusLine
    commands: tuple[UiCommand, ...]
    """All commands, with the keys of this user."""
    ascii: bool
    """The terminal has no other characters."""
    overview: "Overview | None" = None
    """What covers this screen; it is told of changes instead."""
    _message_timer: TimerHandle | None = None

    @property
    def task_id(self) -> TaskId | None:
        """The task commands are about: under the cursor of the tree, which a pane follows a moment later."""
        return self.body.tree_view.cursor_task

    @property
    def pane(self) -> TaskPane:
        """The current pane."""
        return self.body.grid.current

    def to_log(self) -> LogPane:
        """Return the log of the current pane, shown from now on if a terminal stood in its place: lines are in logs."""
        if self.pane.terminal_shown:
            self.body.want_log(self.pane, True)
        return self.pane.log_pane

    def mark(self, delay: float = FRAME_S) -> None:
        """Draw after this many seconds at the latest."""
        raise NotImplementedError

    def key_of(self, command_id: str) -> str:
        """Return the first key of a command, for people; empty when it has none."""
        return next((command.first_shown for command in self.commands if command.id == command_id), "")

    def say(self, text: str, *, error: bool = False) -> None:
        """Show a message in the footer for a few seconds."""
        if self._message_timer is not None:
            self._message_timer.cancel()
        for line in self._footers():
            line.set_message(text, error=error)
        self._message_timer = later(self, MESSAGE_S, self._forget_message)

    def _forget_message(self) -> None:
        self._message_timer = None
        for line in self._footers():
            line.set_message("")

    def _footers(self) -> tuple[StatusLine, ...]:
        return (self.status,) if self.overview is None else (self.status, self.overview.status)
