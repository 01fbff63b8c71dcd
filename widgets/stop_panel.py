"""Shows how a run leaves."""

from collections.abc import Sequence

from textual.widgets import Static

from tui_runner.model.view import RunView, TaskView


class StopPanel(Static):
    """Shows tasks in the order they leave, what is waited for, and which key forces."""

    def __init__(
        self,
        *,
        ascii: bool = False,  # noqa: A002 - the name says it best
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__("", markup=False, id=id, classes=classes)
        self.ascii = ascii

    def show(self, run: RunView, tasks: Sequence[TaskView], now: float, *, force_key: str = "q") -> None:
        """Show where the stop stands; `tasks` in scheduling order, `now` in seconds since the epoch."""
        raise NotImplementedError
