"""The cache of one run: looks results up before tasks are spawned, keeps them after they have succeeded.

Works in threads of its own, so that the loop never waits for a disk. A broken cache costs time and says so; it never
fails a task.
"""

import asyncio
import contextlib
import threading
import time
from collections.abc import Coroutine, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol

import msgspec

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.cache import CacheSpec
from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.result import CacheStats
from tui_runner.model.state import Failure
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import Plan, PlannedTask
from tui_runner.scheduling.effect import Spawn
from tui_runner.scheduling.event import CacheHit, Event, Exited, GroupGone, SpawnFailed
from tui_runner.supervisor.cache_workshop import CacheWorkshop

if TYPE_CHECKING:
    from tui_runner.caching.entry_lock import EntryLock
    from tui_runner.caching.fingerprint import Prepared
    from tui_runner.caching.task_cache import Hit, Miss, Resolved, TaskCache

_POLL_S: Final = 0.1
"""How often a lock is tried that another run has."""
_MOST_LOG: Final = 1 << 20


class CacheHost(Protocol):
    """What the cache asks of the supervisor."""

    def cache_says(self, task: TaskId, stats: CacheStats) -> None:
        """Take what is known about the result of a task."""

    def note(self, task: TaskId, text: str) -> None:
        """Put a line of ours into the task's log."""

    def cache_broke(self, error: BaseException) -> None:
        """End the run: a part of ours failed."""

    def replay(self, task: TaskId, data: bytes) -> None:
        """Put what a task printed when its result was made into its log."""

    def printed(self, task: TaskId) -> Sequence[OutputChunk]:
        """Return the latest output of a task, oldest first."""

    def spawn_now(self, effect: Spawn) -> None:
        """Spawn a task that has to run."""

    def feed(self, event: Event) -> None:
        """Take an event."""


class _Work:
    """One task between the wish to spawn it and its end."""

    def __init__(self, task: PlannedTask, spec: CacheSpec, attempt: int) -> None:
        self.task = task
        self.spec = spec
        self.attempt = attempt
        self.cancelled = threading.Event()
        self.job: asyncio.Task[None] | None = None
        """Looking up or keeping."""
        self.resolving: asyncio.Task[Resolved] | None = None
        self.lock: EntryLock | None = None
        self.prepared: Prepared | None = None
        """What was begun of looking it up; of use for a moment only."""
        self.miss: Miss | None = None
        """It has to run, and its result can be kept."""
        self.started_s = 0.0
        self.held: list[Exited | GroupGone] = []
        """What has happened to its process, told when its result has been kept."""

    def cancel(self) -> None:
        self.cancelled.set()
        if self.resolving is not None:
            self.resolving.cancel()

    def release(self) -> None:
        if self.lock is not None:
            self.lock.release()
            self.lock = None


class Caching:
    """Owns what is being looked up or kept: at most one thing per task. Must be closed."""

    def __init__(self, plan: Plan, environment: Mapping[str, str], host: CacheHost, *, force: bool) -> None:
        """`force` runs every task, and keeps their results."""
        self._plan = plan
        self._host = host
        self._force = force
        self._work: dict[TaskId, _Work] = {}
        self._jobs: set[asyncio.Task[None]] = set()
        self._workshop = CacheWorkshop(plan, environment)
        self._kept = False
        """Something was stored: the cache has grown."""

    def take(self, plan: Plan) -> None:
        """Have this plan from now on; what is being done goes on by the one before."""
        self._plan = plan
        self._workshop.take(plan)

    # -- before a task runs -----------------------------------------------------------------------------------

    def look_up(self, effect: Spawn) -> bool:
        """Look for the result of a task that is to be spawned; False when it has no cache."""
        task = self._plan.tasks[effect.task]
        if task.command is None or task.command.cache is None:
            return False
        self._drop(task.id)
        work = self._work[task.id] = _Work(task, task.command.cache, effect.attempt)
        self._start(work, self._look_up(work, effect))
        return True

    async def _look_up(self, work: _Work, effect: Spawn) -> None:
        self._tell(work, effect, await self._find(work, must_run=self._force or effect.must_run))

    def _tell(self, work: _Work, effect: Spawn, found: "Hit | Miss | str") -> None:
        task = work.task
        if work.cancelled.is_set():
            self._drop(task.id)
            failure = Failure(code=ErrorCode.ABORTED, message=f"[{task.id}] Stopped before it was spawned")
            self._host.feed(SpawnFailed(task=task.id, attempt=work.attempt, failure=failure))
            return
        from tui_runner.caching.task_cache import Hit, Miss  # noqa: PLC0415 - loaded when a task has a cache

        match found:
            case Hit():
                self._drop(task.id)
                self._tell_hit(work, found)
                self._host.feed(CacheHit(task=task.id, attempt=work.attempt))
            case Miss():
                self._tell_miss(work, found)
                work.miss = found
                work.started_s = time.monotonic()
                self._host.spawn_now(effect)
            case str():
                self._drop(task.id)
                self._host.cache_says(task.id, self._stats(work, checked=False, reason=found))
                self._host.note(task.id, f"no cache: {found}")
                self._host.spawn_now(effect)

    async def _find(self, work: _Work, *, must_run: bool) -> "Hit | Miss | str":
        """Return what the cache has, or why it cannot be used."""
        from tui_runner.caching.store import CacheError  # noqa: PLC0415 - loaded when a task has a cache

        try:
            found = await self._workshop.in_turn(
                lambda: self._find_at_once(work, must_run=must_run), lambda: self._prepare(work)
            )
            if found is not None:
                return found
            cache = self._workshop.cache
            if work.lock is None:
                await self._wait_for_lock(work, cache)
            if work.cancelled.is_set():
                return "stopped"
            resolved = await self._resolve(work)
            if resolved is None:
                return "stopped"
            return await self._workshop.in_thread(
                lambda: cache.look_up(work.task, resolved, must_run=must_run, cancelled=work.cancelled.is_set)
            )
        except CacheError as error:
            return str(error)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a cache, the task can still run
            return f"{type(error).__name__}: {error}"

    def _find_at_once(self, work: _Work, *, must_run: bool) -> "Hit | Miss | str | None":
        """Do all in one go, as nearly always is possible; None when the lock or resolvers have to be waited for.

        Blocks. The lock may be taken even so.

        Raises:
            CacheError: the cache cannot be used.
        """
        from tui_runner.caching.entry_lock import EntryLock  # noqa: PLC0415 - loaded when a task has a cache
        from tui_runner.caching.task_cache import Resolved  # noqa: PLC0415 - the same

        if work.cancelled.is_set():
            return "stopped"
        cache = self._workshop.cache
        work.lock = EntryLock.acquire(cache.places.lock(work.task.id, work.task.mode))
        if work.lock is None or work.spec.resolvers:
            return None
        return cache.look_up(
            work.task, Resolved(), must_run=must_run, cancelled=work.cancelled.is_set, prepared=work.prepared
        )

    def _prepare(self, work: _Work) -> None:
        """Begin what `_find_at_once` will do."""
        from tui_runner.caching.store import CacheError  # noqa: PLC0415 - loaded when a task has a cache

        if not work.cancelled.is_set() and not work.spec.resolvers:
            with contextlib.suppress(CacheError, OSError):  # told when its turn comes
                work.prepared = self._workshop.cache.prepare(work.task)

    async def _resolve(self, work: _Work) -> "Resolved | None":
        """Return what the resolvers of a task find; None when it was stopped meanwhile.

        Raises:
            CacheError: one of them is wrong.
        """
        from tui_runner.supervisor.resolving import resolve_inputs  # noqa: PLC0415 - loaded when it is needed

        resolving = resolve_inputs(work.task, work.spec, self._plan.root)
        work.resolving = asyncio.get_running_loop().create_task(resolving, name=f"resolvers of {work.task.id}")
        try:
            await asyncio.wait((work.resolving,))
            return None if work.cancelled.is_set() else work.resolving.result()
        finally:
            work.resolving.cancel()
            work.resolving = None

    async def _wait_for_lock(self, work: _Work, cache: "TaskCache") -> None:
        """Wait until another run of this task, which was found to be under way, has ended.

        Raises:
            CacheError: that would never be, or the lock cannot be had.
        """
        from tui_runner.caching.entry_lock import EntryLock  # noqa: PLC0415 - loaded when a task has a cache
        from tui_runner.caching.store import CacheError  # noqa: PLC0415 - the same

        path = cache.places.lock(work.task.id, work.task.mode)
        holder = EntryLock.holder(path)
        if holder is not None and _is_above_us(holder):
            raise CacheError(f"it runs inside a run of itself (process {holder})")
        by = "" if holder is None else f" (process {holder})"
        self._host.note(work.task.id, f"waits for another run of this task{by}")
        while work.lock is None and not work.cancelled.is_set():
            await asyncio.sleep(_POLL_S)
            work.lock = await self._workshop.in_thread(lambda: EntryLock.acquire(path))

    # -- after it has run -------------------------------------------------------------------------------------

    def takes(self, event: object, *, succeeded: bool) -> bool:
        """Hold back news of a task whose result is to be kept first; `succeeded` says that it ended well by itself.

        What is held back is fed later, in order.
        """
        if not isinstance(event, Exited | GroupGone | SpawnFailed):
            return False
        work = self._work.get(event.task)
        if work is None or work.attempt != event.attempt or work.miss is None:
            return False
        if isinstance(event, SpawnFailed) or (isinstance(event, Exited) and not succeeded):
            self._drop(event.task)
            return False
        if not work.held and isinstance(event, GroupGone):
            return False
        work.held.append(event)
        if isinstance(event, GroupGone) or event.group_gone:  # nobody writes to its outputs any more
            self._start(work, self._keep(work, work.miss))
        return True

    async def _keep(self, work: _Work, miss: "Miss") -> None:
        from tui_runner.caching.store import CacheError  # noqa: PLC0415 - loaded when a task has a cache
        from tui_runner.caching.task_cache import Kept  # noqa: PLC0415 - the same

        duration_s = time.monotonic() - work.started_s
        log = _printed_by(work.attempt, self._host.printed(work.task.id))
        try:
            cache = self._workshop.cache
            done = await self._workshop.in_thread(
                lambda: cache.keep(work.task, miss, log=log, duration_s=duration_s, cancelled=work.cancelled.is_set)
            )
            reason = None if isinstance(done, Kept) else done.reason
        except CacheError as error:
            reason = str(error)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with a cache, the task has succeeded
            reason = f"{type(error).__name__}: {error}"
        stats = self._stats(work, checked=True, key=miss.state.key, reason=miss.reason)
        if reason is None:
            stats = msgspec.structs.replace(stats, stored=True)
            self._kept = True
        else:
            self._host.note(work.task.id, f"result not kept: {reason}")
            stats = msgspec.structs.replace(stats, warning=reason)
        self._host.cache_says(work.task.id, stats)
        held = work.held
        self._drop(work.task.id)
        for event in held:
            self._host.feed(event)

    # -- ending -----------------------------------------------------------------------------------------------

    def stop(self, task: TaskId) -> bool:
        """Stop looking up or keeping; tell whether the task had not been spawned yet: `SpawnFailed` follows then."""
        work = self._work.get(task)
        if work is None:
            return False
        work.cancel()
        return work.miss is None and work.job is not None

    async def close(self) -> None:
        """Stop all work and wait until nothing of it is left."""
        for work in self._work.values():
            work.cancel()
        if self._jobs:
            await asyncio.wait(tuple(self._jobs))
        for task in list(self._work):
            self._drop(task)
        if self._kept:
            await self._workshop.in_thread(self._workshop.cache.keep_house)
        self._workshop.close()

    def _drop(self, task: TaskId) -> None:
        work = self._work.pop(task, None)
        if work is not None:
            work.release()

    # -- machinery --------------------------------------------------------------------------------------------

    def _start(self, work: _Work, coroutine: Coroutine[Any, Any, None]) -> None:
        job = work.job = asyncio.get_running_loop().create_task(coroutine, name=f"tui-runner cache of {work.task.id}")
        self._jobs.add(job)
        job.add_done_callback(self._ended)

    def _ended(self, job: "asyncio.Task[None]") -> None:
        self._jobs.discard(job)
        if not self._jobs:
            self._workshop.rest()
        if not job.cancelled() and (error := job.exception()) is not None:
            self._host.cache_broke(error)

    # -- telling ----------------------------------------------------------------------------------------------

    def _tell_hit(self, work: _Work, hit: "Hit") -> None:
        place = self._workshop.cache.store.where(work.task.id, work.task.mode, hit.entry.key)
        self._host.cache_says(
            work.task.id,
            self._stats(
                work, checked=True, hit=True, key=hit.entry.key, cache_file=None if place is None else str(place)
            ),
        )
        self._tell_missing(work, hit.state.missing)
        back = hit.restored.written
        brought = f", {back} output{'s' if back != 1 else ''} brought back" if back else ""
        self._host.note(work.task.id, f"cached: nothing has changed{brought}")
        if hit.log:
            self._host.replay(work.task.id, hit.log)

    def _tell_miss(self, work: _Work, miss: "Miss") -> None:
        self._host.cache_says(work.task.id, self._stats(work, checked=True, key=miss.state.key, reason=miss.reason))
        self._tell_missing(work, miss.state.missing)
        self._host.note(work.task.id, f"not cached: {miss.reason}")

    def _tell_missing(self, work: _Work, missing: tuple[str, ...]) -> None:
        for path in missing:
            self._host.note(work.task.id, f"the input `{path}` matches no file")

    @staticmethod
    def _stats(
        work: _Work,
        *,
        checked: bool,
        hit: bool = False,
        key: str | None = None,
        reason: str | None = None,
        cache_file: str | None = None,
    ) -> CacheStats:
        spec = work.spec
        others = (*(artifact.name for artifact in work.task.artifacts), *(one.name for one in spec.resolvers))
        return CacheStats(
            checked=checked,
            hit=hit,
            key=key,
            cache_file=cache_file,
            inputs=(*spec.inputs, *others),
            outputs=spec.outputs,
            reason=reason,
        )


def _printed_by(attempt: int, chunks: Sequence[OutputChunk]) -> bytes:
    """Return what an attempt printed, at most its last MiB."""
    theirs = (Stream.STDOUT, Stream.STDERR)
    printed = b"".join(chunk.data for chunk in chunks if chunk.attempt == attempt and chunk.stream in theirs)
    return printed[-_MOST_LOG:]


def _is_above_us(pid: int) -> bool:
    """Tell whether a process is one of our ancestors: it waits for us, so waiting for it would never end."""
    import psutil  # noqa: PLC0415 - slow to import, rarely needed

    return pid in {parent.pid for parent in psutil.Process().parents()}
