"""The liveness checks of one run: who is asked whether it still lives, and what is told of the answers."""

from typing import TYPE_CHECKING, Protocol

from tui_runner.model.liveness import Alive
from tui_runner.model.probe_words import describe
from tui_runner.model.state import Ready, Running, TaskState
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import Plan, PlannedTask
from tui_runner.scheduling.event import Unhealthy

if TYPE_CHECKING:
    from tui_runner.probes.liveness import LivenessWatch
    from tui_runner.probes.probed_task import ProbedTask


class LivenessHost(Protocol):
    """What the checks ask of the supervisor."""

    def probed(self, task: PlannedTask) -> "ProbedTask":
        """Return the task as probes see it."""

    def feed(self, event: Unhealthy) -> None:
        """Take that a task is given up."""

    def note(self, task: TaskId, text: str) -> None:
        """Put a line of ours into the log of the task."""

    def unhealthy(self, task: TaskId, seen: str) -> None:
        """Show what is wrong with a task that runs; empty: nothing any more."""


class Liveness:
    """Owns the running checks: at most one per task, from when it is up until its attempt ends."""

    def __init__(self, plan: Plan, host: LivenessHost) -> None:
        self._host = host
        self._checked: dict[TaskId, tuple[PlannedTask, Alive]] = {}
        self._running: dict[TaskId, LivenessWatch] = {}
        self._stopped: list[LivenessWatch] = []
        self.take(plan)

    def take(self, plan: Plan) -> None:
        """Check what this plan says. Whatever is checked otherwise than before has been stopped."""
        self._checked = {
            task.id: (task, task.command.alive)
            for task in plan.tasks.values()
            if task.command is not None and task.command.alive is not None
        }

    def entered(self, task: TaskId, state: TaskState) -> None:
        """Begin when the task is up, end when it is not any more; costs one look-up for tasks without a check."""
        checked = self._checked.get(task)
        if checked is None:
            return
        self._stop(task)
        planned, alive = checked
        with_probe = planned.command is not None and planned.command.ready_when is not None
        match state:
            case Ready(attempt=attempt):
                self._start(planned, alive, attempt)
            case Running(attempt=attempt) if not with_probe:
                self._start(planned, alive, attempt)
            case _:
                pass

    async def close(self) -> None:
        """Stop all checks and wait until nothing of them is left."""
        for task in list(self._running):
            self._stop(task)
        for watch in self._stopped:
            await watch.wait_stopped()
        self._stopped.clear()

    def _start(self, task: PlannedTask, alive: Alive, attempt: int) -> None:
        from tui_runner.probes.liveness import LivenessWatch  # noqa: PLC0415 - loaded when something is checked

        report = _Report(task.id, attempt, alive, self._host)
        self._running[task.id] = LivenessWatch(alive, self._host.probed(task), report)

    def _stop(self, task: TaskId) -> None:
        watch = self._running.pop(task, None)
        if watch is None:
            return
        watch.stop()
        self._stopped = [stopped for stopped in (*self._stopped, watch) if not stopped.over]


class _Report:
    """Tells what is found out about one attempt."""

    def __init__(self, task: TaskId, attempt: int, alive: Alive, host: LivenessHost) -> None:
        self._task = task
        self._attempt = attempt
        self._alive = alive
        self._host = host

    def sick(self, failures: int, seen: str) -> None:
        told = f"{describe(self._alive.probe)}: {seen} ({failures} of {self._alive.failures})"
        self._host.note(self._task, f"does not answer: {told}")
        self._host.unhealthy(self._task, told)

    def well(self) -> None:
        self._host.note(self._task, "answers again")
        self._host.unhealthy(self._task, "")

    def lost(self, seen: str) -> None:
        times = f"{self._alive.failures} times in a row" if self._alive.failures > 1 else "once"
        message = f"[{self._task}] Task does not answer any more: {describe(self._alive.probe)}: {seen} ({times})"
        self._host.feed(Unhealthy(task=self._task, attempt=self._attempt, message=message))

    def warn(self, text: str) -> None:
        self._host.note(self._task, text)
