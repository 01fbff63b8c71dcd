"""Who wants to know: the interface between the supervisor and everything that shows, records or forwards.

Documented here once. Listeners are called on the event loop, in order, and must not block.
"""

from typing import Protocol

from tui_runner.model.output import OutputChunk
from tui_runner.model.state import TaskState
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunView, TaskView


class Listener(Protocol):
    """Hears of everything that happens in a run."""

    def task_entered(self, task: TaskId, state: TaskState, at: float) -> None:
        """Note that a task entered a state at this time (seconds since the epoch). Comes before `task_changed`."""

    def task_changed(self, view: TaskView) -> None:
        """Note that something shown of a task changed: state, teardown, restarts, what it waits for."""

    def run_changed(self, view: RunView) -> None:
        """Note that the run as a whole moved on."""

    def output(self, task: TaskId, chunk: OutputChunk) -> None:
        """Take what a task printed, already written to its log file."""
