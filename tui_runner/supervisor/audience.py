"""Who hears of a run: listeners, and which tasks they have not yet seen as they are now.

Changes are noted while events are worked off and told once at the end of them, one view per task. It decides nothing.
A listener that raises keeps neither the others nor the run from going on: what it raised is handed to whoever ends the run.
"""

from collections.abc import Callable
from typing import ParamSpec

from tui_runner.model.output import OutputChunk
from tui_runner.model.state import Pending, TaskState
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunView, TaskView
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.scheduler import Scheduler
from tui_runner.supervisor.ledger import Ledger
from tui_runner.supervisor.listener import Listener

_News = ParamSpec("_News")


class Audience:
    """The listeners of one run."""

    def __init__(
        self,
        plan: Plan,
        scheduler: Scheduler,
        ledger: Ledger,
        view: Callable[[TaskId], TaskView],
        first: Listener | None,
        broke: Callable[[str], None],
    ) -> None:
        """`broke` is told, for people, that a listener raised; it may be called in the middle of anything."""
        self._plan = plan
        self._scheduler = scheduler
        self._ledger = ledger
        self._view = view
        self._listeners: list[Listener] = [] if first is None else [first]
        self._broke = broke
        self._dirty: dict[TaskId, None] = {}

    def add(self, listener: Listener) -> None:
        """Tell the listener of everything from now on."""
        self._listeners.append(listener)

    def remove(self, listener: Listener) -> None:
        """Tell the listener nothing more; unknown ones are ignored."""
        if listener in self._listeners:
            self._listeners.remove(listener)

    def take(self, plan: Plan) -> None:
        """Have this plan from now on; every task of it is told again."""
        self._plan = plan
        self._dirty = dict.fromkeys(plan.tasks)

    # -- told at once -----------------------------------------------------------------------------------------

    def output(self, task: TaskId, chunk: OutputChunk) -> None:
        """Tell what a task printed."""
        for listener in self._listeners:
            self._tell(listener.output, task, chunk)

    def entered(self, task: TaskId, state: TaskState, at: float) -> None:
        """Tell that a task entered a state."""
        for listener in self._listeners:
            self._tell(listener.task_entered, task, state, at)

    def run_changed(self, run: RunView) -> None:
        """Tell that the run as a whole has changed; every task is told again too."""
        for task in self._plan.tasks:
            self._dirty[task] = None
        for listener in self._listeners:
            self._tell(listener.run_changed, run)

    def _tell(self, told: Callable[_News, None], *news: _News.args, **more: _News.kwargs) -> None:
        try:
            told(*news, **more)
        except Exception as error:  # noqa: BLE001 - the one place where a listener breaks; the run ends in order
            name = getattr(told, "__qualname__", repr(told))
            self._broke(f"{name} raised {type(error).__name__}: {error}")

    # -- told with the next flush -----------------------------------------------------------------------------

    def touch(self, task: TaskId) -> None:
        """Note that something shown of a task has changed."""
        self._dirty[task] = None
        if not self._scheduler.course.running or self._scheduler.is_leaving(task):
            for other in self._plan.tasks[task].depends_on:
                self._dirty[other] = None

    def touch_waiting(self, task: TaskId) -> None:
        """Note that tasks which wait for this one wait for something else now."""
        for other in self._plan.tasks[task].dependents:
            if other in self._ledger.entries and isinstance(self._ledger.entries[other].state, Pending):
                self._dirty[other] = None

    def flush(self) -> None:
        """Tell of every task that has changed, once, as it is now."""
        dirty, self._dirty = self._dirty, {}
        if self._listeners:
            for task in dirty:
                if task not in self._ledger.entries:
                    continue
                view = self._view(task)
                for listener in self._listeners:
                    self._tell(listener.task_changed, view)
