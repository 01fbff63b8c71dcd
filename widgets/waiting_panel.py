"""Shows what a task that has not started waits for."""

from collections.abc import Mapping

from textual.widgets import Static

from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView


class WaitingPanel(Static):
    """Shows a task and its dependencies with their states."""

    def __init__(
        self,
        *,
        ascii: bool = False,  # noqa: A002 - the name says it best
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__("", markup=False, id=id, classes=classes)
        self.ascii = ascii

    def show(self, view: TaskView, tasks: Mapping[TaskId, TaskView], now: float) -> None:
        """Show what this task waits for; `tasks` are all tasks by id, `now` is in seconds since the epoch."""
        raise NotImplementedError
