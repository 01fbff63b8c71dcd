"""All that is known of one task."""

from collections.abc import Callable, Sequence
from math import floor
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.content import Content

from tui_runner.control.protocol import Reply
from tui_runner.model.details import TaskDetails
from tui_runner.model.state import is_alive
from tui_runner.model.task import TaskId
from tui_runner.tui.overview_keys import LINES, LOOK_AGAIN, TO_TASK
from tui_runner.tui.screens.overview import Overview
from tui_runner.tui.session import RunSession
from widgets.ansi import safe_text
from widgets.list_line import ListLine
from widgets.task_look import look
from widgets.task_sheet import sheet_lines

AskDetails = Callable[[TaskId, Callable[[Reply], None]], None]
"""Asks the supervisor what it tells only on request; the answer comes later, or never."""


class DetailsScreen(Overview):
    """The sheet of a task. What takes a look at processes is asked for when it opens, and when the task changes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("r", "look_again", "Look again", show=False)]
    HINTS = (("Enter", "go to task"), ("r", "look again"), ("?", "help"), ("Esc", "back"))
    NAME = "Details of a task"
    KEYS = (*LINES, TO_TASK, LOOK_AGAIN)

    def __init__(self, session: RunSession, task: TaskId, ask: AskDetails, *, ascii: bool = False) -> None:  # noqa: A002 - the widgets' word
        super().__init__(session, ascii=ascii)
        self.task_id = task
        self._ask = ask
        self._details: TaskDetails | None = None
        self._asked_for: object = None
        """How the task stood when it was asked about."""

    def headline(self, now: float) -> Content:  # noqa: ARG002 - others tell a time
        """Name the task."""
        return Content(f"Details of {safe_text(self.task_id)}")

    def picture(self, width: int, now: float) -> Sequence[ListLine]:
        """Return the sheet."""
        view = self.session.tasks.get(self.task_id)
        if view is None:
            return ()
        standing = (view.state, view.attempt)
        if standing != self._asked_for:
            self._asked_for = standing
            self.action_look_again()
        return sheet_lines(view, self.session.tasks, self._details, floor(now), width, ascii=self.ascii)

    def moves(self) -> bool:
        """Tell whether a time in it grows: the task's own, or that of one beside it."""
        views = self.session.tasks
        view = views.get(self.task_id)
        if view is None:
            return False
        near = (view, *(one for one in views.values() if self.task_id in one.depends_on or one.id in view.depends_on))
        now = self.session.clock()
        return any(is_alive(one.state) and (look(one, now).changes_in or 60.0) <= 1.0 for one in near)

    def action_look_again(self) -> None:
        """Ask for the processes and ports of this moment."""
        self._ask(self.task_id, self._answered)

    def _answered(self, reply: Reply) -> None:
        if reply.details is not None and self.is_attached:
            self._details = reply.details
            self.mark()
