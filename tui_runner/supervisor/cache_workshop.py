"""The cache of a run with the threads and the process it works in. Nothing of it is there before a task needs it."""

import asyncio
import threading
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Final, TypeVar

from tui_runner.planning.plan import Plan
from tui_runner.supervisor.lane import Lane

if TYPE_CHECKING:
    from tui_runner.caching.stat_partner import StatPartner
    from tui_runner.caching.task_cache import TaskCache

_Answer = TypeVar("_Answer")
_THREADS: Final = 2
"""More are slower: reading many small files is mostly Python."""


class CacheWorkshop:
    """Where the work of the cache is done. Must be closed when nothing is being done."""

    def __init__(self, plan: Plan, environment: Mapping[str, str]) -> None:
        self._plan = plan
        self._environment = environment
        self._pool: ThreadPoolExecutor | None = None
        self._lane: Lane | None = None
        self._partner: StatPartner | None = None
        self._cache: TaskCache | None = None
        self._loading = threading.Lock()

    def take(self, plan: Plan) -> None:
        """Have this plan from now on."""
        with self._loading:
            self._plan = plan
            if self._cache is not None:
                self._cache = self._cache.with_tasks(plan.tasks.values())

    @property
    def cache(self) -> "TaskCache":
        """The cache; loaded at the first use, which takes some milliseconds."""
        with self._loading:
            if self._cache is None:
                from tui_runner.caching.stat_partner import StatPartner  # noqa: PLC0415 - loaded when a task has a cache
                from tui_runner.caching.task_cache import TaskCache  # noqa: PLC0415 - the same

                self._partner = StatPartner()
                self._cache = TaskCache.of_workspace(
                    self._plan.root,
                    self._environment,
                    self._plan.tasks.values(),
                    self._partner.records_below,
                    self._partner.look_ahead,
                )
            return self._cache

    async def in_thread(self, call: Callable[[], _Answer]) -> _Answer:
        """Return what a call returns that blocks."""
        return await asyncio.get_running_loop().run_in_executor(self._threads(), call)

    async def in_turn(self, call: Callable[[], _Answer], prepare: Callable[[], None] | None = None) -> _Answer:
        """Return what a call returns that blocks, usually for some milliseconds only; see `Lane.do`."""
        if self._lane is None:
            self._lane = Lane(self._threads())
        return await self._lane.do(call, prepare)

    def rest(self) -> None:
        """Keep no process for work to come: nothing is being done."""
        if self._partner is not None:
            self._partner.close()

    def close(self) -> None:
        """End threads and process."""
        self.rest()
        self._lane = None
        if self._pool is not None:
            self._pool.shutdown()
            self._pool = None

    def _threads(self) -> ThreadPoolExecutor:
        if self._pool is None:
            self._pool = ThreadPoolExecutor(_THREADS, thread_name_prefix="tui-runner cache")
        return self._pool
