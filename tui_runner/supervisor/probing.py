"""The readiness probes of one run: at most one per task, started and stopped as the scheduler says."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_runner.executors.local import LocalExecutor
from tui_runner.model.output import Stream
from tui_runner.model.run import Run
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import PlannedTask
from tui_runner.scheduling.event import Event, ProbeFailed, ProbePassed

if TYPE_CHECKING:
    from tui_runner.probes.prober import RunningProbe


class Probing:
    """Owns the running probes and turns their outcome into events."""

    def __init__(
        self, executor: LocalExecutor, feed: Callable[[Event], None], warn: Callable[[TaskId, str], None]
    ) -> None:
        self._executor = executor
        self._feed = feed
        self._warn = warn
        self._running: dict[TaskId, RunningProbe] = {}
        self._stopped: list[RunningProbe] = []

    def start(self, task: PlannedTask, attempt: int) -> None:
        """Begin to probe an attempt of the task; a probe of an earlier one is stopped."""
        if task.command is None or task.command.ready_when is None:
            return
        self.stop(task.id)
        from tui_runner.probes.prober import start_probe  # noqa: PLC0415 - loaded when something has a probe

        async def run_command(run: Run, timeout_s: float) -> int:
            return await self._executor.run_command(task, run, timeout_s)

        self._running[task.id] = start_probe(
            task.command.ready_when,
            cwd=task.cwd,
            run_command=run_command,
            passed=lambda: self._passed(task.id, attempt),
            failed=lambda message: self._failed(task.id, attempt, message),
            warn=lambda message: self._warn(task.id, message),
        )

    def feed(self, task: TaskId, stream: Stream, data: bytes) -> None:
        """Show the probe what the task printed; costs one look-up when there is none."""
        probe = self._running.get(task)
        if probe is not None and stream in {Stream.STDOUT, Stream.STDERR}:
            probe.feed(stream, data)

    def stop(self, task: TaskId) -> str:
        """End the probe of a task, if there is one; return what it saw last instead of readiness."""
        probe = self._running.pop(task, None)
        if probe is None:
            return ""
        seen = probe.last_seen
        probe.stop()
        self._stopped = [stopped for stopped in (*self._stopped, probe) if not stopped.over]
        return seen

    async def close(self) -> None:
        """Stop all probes and wait until nothing of them is left."""
        for task in list(self._running):
            self.stop(task)
        for probe in self._stopped:
            await probe.wait_stopped()
        self._stopped.clear()

    def _passed(self, task: TaskId, attempt: int) -> None:
        self.stop(task)
        self._feed(ProbePassed(task=task, attempt=attempt))

    def _failed(self, task: TaskId, attempt: int, message: str) -> None:
        self.stop(task)
        self._feed(ProbeFailed(task=task, attempt=attempt, message=f"[{task}] {message}"))
