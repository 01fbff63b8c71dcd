"""Between the scheduler's wish and the executor: is the result cached, is the port free, which attempt is it.

Also holds back the news of a task whose result is being kept.
"""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.executors.failures import signal_name
from tui_runner.executors.local import LocalExecutor
from tui_runner.executors.sink import ExecutorEvent
from tui_runner.model.output import OutputChunk
from tui_runner.model.probe import Probe
from tui_runner.model.result import CacheStats
from tui_runner.model.state import Failure, Ready, Running
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import Plan
from tui_runner.process.kinship import task_of
from tui_runner.scheduling.effect import SendSignal, Spawn
from tui_runner.scheduling.event import Event, Exited, SpawnFailed
from tui_runner.supervisor.ledger import Ledger

if TYPE_CHECKING:
    from tui_runner.probes.port_check import PortOwner
    from tui_runner.supervisor.caching import Caching


class SpawningHost(Protocol):
    """What spawning asks of the supervisor."""

    def feed(self, event: Event) -> None:
        """Take an event."""

    def touch(self, task: TaskId) -> None:
        """Note that something shown of a task has changed."""

    def broke(self, error: BaseException) -> None:
        """End the run: a part of ours failed."""


class Spawning:
    """Spawns, stops and kills the tasks of one run. Must be closed."""

    def __init__(
        self,
        plan: Plan,
        environment: Mapping[str, str],
        ledger: Ledger,
        executor: LocalExecutor,
        host: SpawningHost,
        *,
        force: bool,
    ) -> None:
        """`force` runs every task, cached or not."""
        self._plan = plan
        self._ledger = ledger
        self._executor = executor
        self._host = host
        self._environment = environment
        self._force = force
        self._caching = self._cache_of(environment, force=force)

    def take(self, plan: Plan) -> None:
        """Have this plan from now on."""
        self._plan = plan
        if self._caching is None:
            self._caching = self._cache_of(self._environment, force=self._force)
        else:
            self._caching.take(plan)

    def spawn(self, effect: Spawn) -> None:
        """Spawn an attempt, after a look at the cache; what came of it is fed."""
        if self._caching is None or not self._caching.look_up(effect):
            self.spawn_now(effect)

    def spawn_now(self, effect: Spawn) -> None:
        """Spawn an attempt that has to run."""
        task = self._plan.tasks[effect.task]
        command = task.command
        if command is None:
            raise AssertionError(f"{task.id} has no command but is to be spawned")
        owner = None if command.ready_when is None else _occupied_port(command.ready_when)
        if owner is not None:
            holding = None if owner.pid is None else task_of(owner.pid, self._executor.pids(), self._executor.marker)
            message = f"[{task.id}] {owner.describe(task.id, holding)}"
            failure = Failure(code=ErrorCode.TASK_FAILED, message=message)
            refused = SpawnFailed(task=task.id, attempt=effect.attempt, failure=failure)
            self.takes(refused)
            self._host.feed(refused)
            return
        if effect.attempt > 1:
            reason = self._ledger.entries[task.id].again or "started again"
            self.note(task.id, f"attempt {effect.attempt}: {reason}")
        self._executor.spawn(task, effect.attempt, effect.after)

    def stop(self, task: TaskId) -> None:
        """Begin the stop ladder."""
        if self._caching is None or not self._caching.stop(task):
            self._executor.stop(task)

    def kill(self, task: TaskId) -> None:
        """SIGKILL the group."""
        if self._caching is None or not self._caching.stop(task):
            self._executor.kill(task)

    def signal(self, effect: SendSignal) -> None:
        """Send a signal to a running task, and say so in its log."""
        self.note(effect.task, f"{signal_name(effect.number)} sent: {effect.reason}")
        self._executor.signal(effect.task, effect.number)

    def takes(self, event: ExecutorEvent) -> bool:
        """Hold back news of a task whose result is to be kept first; it is fed later."""
        if self._caching is None:
            return False
        succeeded = isinstance(event, Exited) and event.exit_code == 0
        if succeeded:
            # What we ended has not done its work, whatever it says.
            succeeded = isinstance(self._ledger.entries[event.task].state, Running | Ready)
        return self._caching.takes(event, succeeded=succeeded)

    async def close(self) -> None:
        """Stop looking results up and keeping them."""
        if self._caching is not None:
            await self._caching.close()

    def note(self, task: TaskId, text: str) -> None:
        """Put a line of ours into the task's log, told apart from what the task prints."""
        self._executor.note(task, f"── {text} ──")

    def _cache_of(self, environment: Mapping[str, str], *, force: bool) -> "Caching | None":
        if not any(task.command is not None and task.command.cache is not None for task in self._plan.tasks.values()):
            return None
        from tui_runner.supervisor.caching import Caching  # noqa: PLC0415 - most runs have no cache

        return Caching(self._plan, environment, self, force=force)

    def note_failure(self, task: TaskId, failure: Failure) -> None:
        """Put why a task failed into its log, unless its exit was told already."""
        if failure.exit_code is None and failure.signal is None:
            self.note(task, failure.message.removeprefix(f"[{task}] "))

    # -- what the cache asks ----------------------------------------------------------------------------------

    def feed(self, event: Event) -> None:
        """Take an event."""
        self._host.feed(event)

    def cache_says(self, task: TaskId, stats: CacheStats) -> None:
        """Take what is known about the result of a task."""
        self._ledger.entries[task].cache = stats
        self._host.touch(task)

    def cache_broke(self, error: BaseException) -> None:
        """End the run: a part of ours failed."""
        self._host.broke(error)

    def replay(self, task: TaskId, data: bytes) -> None:
        """Put what a task printed when its result was made into its log."""
        self._executor.replay(task, data)

    def printed(self, task: TaskId) -> Sequence[OutputChunk]:
        """Return the latest output of a task, oldest first."""
        return self._executor.log(task).tail


def _occupied_port(probe: Probe) -> "PortOwner | None":
    """Return who else listens where the task is to be found; None when nobody does."""
    from tui_runner.probes.port_check import occupied_port  # noqa: PLC0415 - loaded when something has a probe

    return occupied_port(probe)
