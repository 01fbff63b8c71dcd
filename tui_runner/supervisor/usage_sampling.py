"""Looks at the processes of a run while somebody wants to know what they use, or a limit has to be kept.

Once a second while numbers change or something happens, more seldom while all is quiet, and never for nobody.
"""

import asyncio
import contextlib
from collections.abc import Callable, Mapping
from time import monotonic, thread_time
from typing import TYPE_CHECKING, Protocol

import msgspec

from tui_runner.executors.local import LocalExecutor
from tui_runner.model.output import OutputChunk
from tui_runner.model.state import TaskState
from tui_runner.model.task import TaskId
from tui_runner.model.usage import TaskUsage
from tui_runner.model.view import RunView, TaskView
from tui_runner.planning.plan import Plan
from tui_runner.supervisor.audience import Audience
from tui_runner.supervisor.memory_limits import MemoryLimits
from tui_runner.supervisor.usage_meter import UsageMeter

if TYPE_CHECKING:
    from tui_runner.process.family import Belongings, Family

PAUSE_S = 1.0
LONG_PAUSE_S = 5.0
"""Between looks while nothing changes."""
_HEAD_START_S = 0.2
"""Before the first look: at its beginning a run has better things to do."""
_QUIET_LOOKS = 3
"""After so many looks without news the pauses grow."""
_TOLD_QUIET_LOOKS = 20
"""So many looks without news are told, so that what is drawn over time runs out."""
_MOST_SHARE = 0.02
"""Of one core, for looking: with thousands of processes the pauses are longer."""
_SHORT_LOOK_S = 0.25
"""From the first look to the second for somebody who asks once."""

Told = Callable[[tuple[TaskUsage, ...]], None]
"""Takes the tasks that look different since the look before, after each look; empty when none does."""


class UsageSource(Protocol):
    """Where others learn what tasks use."""

    def watch(self, told: Told) -> tuple[TaskUsage, ...]:
        """Tell of every look from now on; return what is known already."""

    def unwatch(self, told: Told) -> None:
        """Tell nothing more; who was not told before is ignored."""

    async def look(self) -> tuple[TaskUsage, ...]:
        """Return what every task that has processes uses now, with ports. Takes some 0.3 s."""


class UsageSampling:
    """The one who looks, for everybody. Used on one event loop; ended by `close`."""

    def __init__(self, executor: LocalExecutor, audience: Audience, limits: MemoryLimits) -> None:
        self._executor = executor
        self._audience = audience
        self._limits = limits
        self._meter = UsageMeter()
        self._watchers: list[Told] = []
        self._looking: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    def start(self) -> None:
        """Keep limits, if there are any. The executor runs."""
        self._begin_or_end()

    def take(self, plan: Plan) -> None:
        """Keep the limits of this plan."""
        self._limits.take(plan)
        self._begin_or_end()

    async def close(self) -> None:
        """Look no more, whoever wants to know. Idempotent."""
        self._watchers.clear()
        looking, self._looking = self._looking, None
        if looking is not None:
            self._audience.remove(self)
            looking.cancel()
            await asyncio.wait((looking,))

    def watch(self, told: Told) -> tuple[TaskUsage, ...]:
        """Tell of every look from now on; return what is known already."""
        self._watchers.append(told)
        self._begin_or_end()
        return tuple(self._meter.usages.values())

    def unwatch(self, told: Told) -> None:
        """Tell nothing more; who was not told before is ignored."""
        if told in self._watchers:
            self._watchers.remove(told)
            self._begin_or_end()

    async def look(self) -> tuple[TaskUsage, ...]:
        """Return what every task that has processes uses now, with ports. Takes some 0.3 s."""
        from tui_runner.process.listening import ports_of  # noqa: PLC0415 - only for those who ask

        family, meter = self._executor.family(), UsageMeter()
        meter.take(await asyncio.to_thread(family.look, self._executor.pids()), monotonic())
        await asyncio.sleep(_SHORT_LOOK_S)
        belongings = await asyncio.to_thread(family.look, self._executor.pids())
        meter.take(belongings, monotonic())
        ports = await asyncio.to_thread(ports_of, belongings)
        return tuple(msgspec.structs.replace(usage, ports=ports.get(task, ())) for task, usage in meter.usages.items())

    # -- listener of the run, while it looks --------------------------------------------------------------------

    def task_entered(self, task: TaskId, state: TaskState, at: float) -> None:  # noqa: ARG002 - that it did is enough
        """Look again soon."""
        self._news.set()

    def task_changed(self, view: TaskView) -> None:
        """Nothing to do."""

    def run_changed(self, view: RunView) -> None:
        """Nothing to do."""

    def output(self, task: TaskId, chunk: OutputChunk) -> None:  # noqa: ARG002 - that there was some is enough
        """Look again soon: who prints is likely to work."""
        self._news.set()

    # -- looking ------------------------------------------------------------------------------------------------

    def _begin_or_end(self) -> None:
        wanted = bool(self._watchers or self._limits.limits)
        if wanted and self._looking is None:
            self._audience.add(self)
            self._looking = asyncio.get_running_loop().create_task(self._look_on())
            self._looking.add_done_callback(_complain)
        elif not wanted and self._looking is not None:
            self._audience.remove(self)
            self._looking.cancel()
            self._looking = None
            self._meter.forget()

    async def _look_on(self) -> None:
        family = self._executor.family()
        quiet = 0
        await asyncio.sleep(_HEAD_START_S)
        while True:
            belongings, cost_s = await asyncio.to_thread(_timed_look, family, self._executor.pids())
            at_s = monotonic()
            changed = self._meter.take(belongings, at_s)
            self._limits.check(self._meter.usages, at_s)
            quiet = 0 if changed else quiet + 1
            if quiet <= _TOLD_QUIET_LOOKS:
                for told in tuple(self._watchers):
                    told(changed)
            await self._pause(quiet, cost_s)

    async def _pause(self, quiet: int, cost_s: float) -> None:
        """Wait for the next look: for a short while in any case, longer only while nothing happens."""
        self._news.clear()
        short = max(PAUSE_S, cost_s / _MOST_SHARE)
        await asyncio.sleep(short)
        more = min(LONG_PAUSE_S, PAUSE_S * 2 ** (quiet - _QUIET_LOOKS)) - short if quiet > _QUIET_LOOKS else 0.0
        if more > 0:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(more):
                    await self._news.wait()


def _timed_look(family: "Family", leaders: Mapping[TaskId, int]) -> "tuple[Belongings, float]":
    began = thread_time()
    return family.look(leaders), thread_time() - began


def _complain(done: "asyncio.Task[None]") -> None:
    if not done.cancelled() and (error := done.exception()) is not None:
        context = {"message": "looking at what tasks use broke", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)
