"""The probes of one run: readiness, at most one per task, started and stopped as the scheduler says; liveness beside it."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from tui_runner.executors.local import LocalExecutor
from tui_runner.model.output import Stream
from tui_runner.model.run import Run
from tui_runner.model.state import Stopping, StopReason, TaskState
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import Plan, PlannedTask
from tui_runner.process.kinship import belongs_to, task_of
from tui_runner.scheduling.event import Event, ProbeFailed, ProbePassed
from tui_runner.supervisor.audience import Audience
from tui_runner.supervisor.lateness import Lateness
from tui_runner.supervisor.ledger import Ledger
from tui_runner.supervisor.liveness import Liveness
from tui_runner.supervisor.silence import Silence

if TYPE_CHECKING:
    from tui_runner.probes.probed_task import ProbedTask
    from tui_runner.probes.prober import RunningProbe


class Probing:
    """Owns the running probes and turns their outcome into events."""

    def __init__(
        self,
        plan: Plan,
        executor: LocalExecutor,
        ledger: Ledger,
        audience: Audience,
        feed: Callable[[Event], None],
        note: Callable[[TaskId, str], None],
    ) -> None:
        """`note` puts a line of ours into the log of a task."""
        self._executor = executor
        self._ledger = ledger
        self._audience = audience
        self.feed = feed
        self.note = note
        self._running: dict[TaskId, RunningProbe] = {}
        self._stopped: list[RunningProbe] = []
        self._silence = Silence(note)
        self._lateness = Lateness(note, lambda task: executor.pids().get(task))
        self._liveness = Liveness(plan, self)

    def take(self, plan: Plan) -> None:
        """Ask whether tasks live as this plan says."""
        self._liveness.take(plan)

    def start(self, task: PlannedTask, attempt: int) -> None:
        """Begin to probe readiness of an attempt of the task; a probe of an earlier one is stopped."""
        if task.command is None or task.command.ready_when is None:
            return
        self.stop(task.id)
        from tui_runner.probes.prober import start_probe  # noqa: PLC0415 - loaded when something has a probe

        self._running[task.id] = probe = start_probe(
            task.command.ready_when,
            task=self.probed(task),
            passed=lambda: self._passed(task.id, attempt),
            failed=lambda message: self._failed(task.id, attempt, message),
            warn=lambda message: self.note(task.id, message),
        )
        self._silence.begin(task)
        self._lateness.begin(task.id, task.command.ready_when, lambda: probe.last_seen)

    def printed(self, task: TaskId, stream: Stream, data: bytes) -> None:
        """Show the probe what the task printed; costs one look-up when there is none."""
        probe = self._running.get(task)
        if probe is not None and stream in {Stream.STDOUT, Stream.STDERR}:
            self._silence.end(task)
            probe.feed(stream, data)

    def entered(self, task: TaskId, state: TaskState) -> None:
        """Take that a task entered a state: it is asked whether it lives while it is up."""
        self._liveness.entered(task, state)

    def stop(self, task: TaskId) -> None:
        """End the readiness probe of a task, if there is one; tell what it saw last if the task was too late."""
        self._silence.end(task)
        self._lateness.end(task)
        probe = self._running.pop(task, None)
        if probe is None:
            return
        seen = probe.last_seen
        probe.stop()
        self._stopped = [stopped for stopped in (*self._stopped, probe) if not stopped.over]
        state = self._ledger.entries[task].state
        if seen and isinstance(state, Stopping) and state.reason is StopReason.TIMEOUT:
            self.note(task, f"what the probe saw last: {seen}")

    async def close(self) -> None:
        """Stop all probes and wait until nothing of them is left."""
        for task in list(self._running):
            self.stop(task)
        for probe in self._stopped:
            await probe.wait_stopped()
        self._stopped.clear()
        await self._lateness.close()
        await self._liveness.close()

    def _passed(self, task: TaskId, attempt: int) -> None:
        self.stop(task)
        self.feed(ProbePassed(task=task, attempt=attempt))

    def _failed(self, task: TaskId, attempt: int, message: str) -> None:
        self.stop(task)
        self.feed(ProbeFailed(task=task, attempt=attempt, message=f"[{task}] {message}"))

    # -- what the liveness checks ask -------------------------------------------------------------------------

    def probed(self, task: PlannedTask) -> "ProbedTask":
        """Return the task as probes see it."""
        from tui_runner.probes.probed_task import ProbedTask  # noqa: PLC0415 - loaded when something has a probe

        async def run_command(run: Run, timeout_s: float) -> int:
            return await self._executor.run_command(task, run, timeout_s)

        def owns(pid: int) -> bool:
            return belongs_to(pid, task.id, self._executor.pids(), self._executor.marker)

        def named(pid: int) -> TaskId | None:
            return task_of(pid, self._executor.pids(), self._executor.marker)

        return ProbedTask(cwd=task.cwd, run_command=run_command, owns=owns, task_of=named)

    def unhealthy(self, task: TaskId, seen: str) -> None:
        """Show what is wrong with a task that runs; empty: nothing any more."""
        if self._ledger.unhealthy(task, seen):
            self._audience.touch(task)
            self._audience.flush()
