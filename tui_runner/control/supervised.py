"""What the control server asks of a supervisor: the one interface between them.

Types only. Verbs are requests: they return at once, and what came of them is heard through the listener or awaited
with `wait_settled`.
"""

import signal
from collections.abc import Callable
from typing import Literal, Protocol

from tui_runner.model.details import TaskDetails
from tui_runner.model.plan_changes import KnownTask, PlanChanges
from tui_runner.model.task import TaskId
from tui_runner.model.view import FileWatch, RunView, TaskView
from tui_runner.model.window_size import WindowSize
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.event import StopCause
from tui_runner.supervisor.definitions import Draft
from tui_runner.supervisor.listener import Listener
from tui_runner.supervisor.usage_sampling import UsageSource

TaskVerb = Literal["start", "stop", "restart"]
"""What can be asked of one task."""


class Plans(Protocol):
    """Other plans that a run could go over to. Those that ask for one raise DefinitionError when it is impossible."""

    def add_listener(self, told: Callable[[Plan], None]) -> None:
        """Tell of every plan that holds from now on."""

    def known(self) -> tuple[KnownTask, ...]:
        """Return all tasks that the definitions hold, in scheduling order."""

    async def reloaded(self) -> Draft:
        """Load the definitions again."""

    def with_task(self, task: TaskId) -> Draft:
        """Return what comes of wanting one more task."""

    def with_once(self, task: TaskId, mode: str) -> Draft:
        """Return what comes of running a task once in another mode."""

    def without_task(self, task: TaskId) -> Draft:
        """Return what comes of not wanting a task any more."""

    def changes(self, draft: Draft) -> PlanChanges:
        """Return what a draft changes now, and what is lost by that."""

    async def go_over(self, draft: Draft, start: tuple[TaskId, ...] = (), *, wait: bool = True) -> bool:
        """Go over to the plan of a draft and start these tasks; tell whether it holds, or will with `wait` false."""


class Supervised(Protocol):
    """A run that can be watched and steered."""

    @property
    def run_view(self) -> RunView:
        """The run as a whole, now."""

    @property
    def usage(self) -> UsageSource:
        """What tasks use of the machine."""

    @property
    def replacing(self) -> Plans:
        """What goes over to other plans."""

    def views(self) -> tuple[TaskView, ...]:
        """Return all tasks, in scheduling order."""

    def view(self, task: TaskId) -> TaskView:
        """Return one task.

        Raises:
            KeyError: there is no task of this id.
        """

    def add_listener(self, listener: Listener) -> None:
        """Tell the listener of everything from now on."""

    def remove_listener(self, listener: Listener) -> None:
        """Tell the listener nothing more; unknown ones are ignored."""

    def start_task(self, task: TaskId) -> None:
        """Ask for the task and what it needs. Raises KeyError for an unknown id."""

    def stop_task(self, task: TaskId) -> None:
        """Ask to stop the task, dependents first. Raises KeyError for an unknown id."""

    def restart_task(self, task: TaskId, *, with_dependents: bool = False) -> None:
        """Ask for a new generation of the task, and of those that need it. Raises KeyError for an unknown id."""

    def signal_task(self, task: TaskId, number: signal.Signals) -> None:
        """Send a signal to the process group of the task. Raises KeyError for an unknown id."""

    def resize_terminal(self, task: TaskId, size: WindowSize) -> None:
        """Give the terminal of the task another size, if it has one to type into. Raises KeyError for an unknown id."""

    def type_into(self, task: TaskId, data: bytes) -> None:
        """Type into the terminal of the task, if it runs and has one. Raises KeyError for an unknown id."""

    def turn_file_watch(self, wanted: FileWatch) -> FileWatch:
        """Let changes of watched files wait, or act on them; return what is so now."""

    async def details(self, task: TaskId) -> TaskDetails:
        """Return what is told of a task on request. Raises KeyError for an unknown id."""

    def stop_run(self, cause: StopCause, detail: str) -> None:
        """Ask to stop everything: in order, then by SIGKILL, then without teardowns."""

    async def wait_settled(self, task: TaskId, verb: TaskVerb, *along: TaskId) -> TaskView:
        """Return the task when it is ready, completed, failed or stopped after that request, or when the run ended.

        What goes `along` is waited for, too.
        """

    async def wait_ended(self) -> None:
        """Return when the run is over and every process is gone."""

    def log_end(self, task: TaskId) -> int:
        """Return the size of the task's log in bytes, all output included that listeners were told of."""

    def read_log(self, task: TaskId, offset: int, size: int) -> bytes:
        """Return up to `size` bytes of the task's log from the offset on; fewer, or none, when they are gone."""
