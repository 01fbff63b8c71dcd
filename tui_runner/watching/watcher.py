"""Tells which tasks' files have changed: one shared watcher for all tasks of a run, debounced per task.

The asyncio half. Everything that blocks happens in one thread of its own (`session`). A watcher that fails tells
people and tries again; it never hurts the run.
"""

import asyncio
import os
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tui_runner.model.task import TaskId
from tui_runner.watching.attempt import Attempt, Moment
from tui_runner.watching.debounce import Debouncer, Due
from tui_runner.watching.interrupt import Interrupt
from tui_runner.watching.loop_guard import PAUSE_S, LoopGuard
from tui_runner.watching.news import QUIET_MS
from tui_runner.watching.open_files import open_for_writing
from tui_runner.watching.session import Change, Problem, Session
from tui_runner.watching.watched import Watches

_FIRST_RETRY_S: Final = 0.5
_LONGEST_RETRY_S: Final = 30.0


def _no_attempt(_: TaskId) -> Attempt | None:
    return None


class FileWatcher:
    """Watches files for all tasks of a run. Lives on one event loop; `start` once, `stop` once."""

    def __init__(
        self,
        root: str | Path,
        on_change: Callable[[TaskId, str], None],
        on_problem: Callable[[TaskId | None, str], None],
        *,
        attempts: Callable[[TaskId], Attempt | None] = _no_attempt,
        since_ns: int | None = None,
    ) -> None:
        """`on_change` gets a task and what changed, for people: a path, relative to `root` where possible, and how many more.

        `on_problem` gets a sentence for people, and the task it is about, None for all; the same one is not repeated.
        Both are called on the event loop. `attempts` tells about the current attempt of a task. What changed between
        `since_ns`, nanoseconds since the epoch, and the first look counts as a change; None: nothing does.
        """
        self._root = Path(root)
        self._real_root = os.path.realpath(root)
        self._on_change = on_change
        self._on_problem = on_problem
        self._attempts = attempts
        self._since_ns = since_ns
        self._told: set[Problem] = set()
        self._guard = LoopGuard()
        self._interrupt: Interrupt | None = None
        """While something is watched."""
        self._replaced = asyncio.Event()
        self._armed = asyncio.Event()
        self._resumed = asyncio.Event()
        self._resumed.set()
        self._watches: Watches | None = {}
        """None after `stop`."""
        self._debouncer = Debouncer({})
        self._timer: asyncio.TimerHandle | None = None
        self._runner: asyncio.Task[None] | None = None

    def set_watches(self, watches: Watches) -> None:
        """Watch this from now on, instead of what was watched before. What waits to be told is forgotten."""
        self._replace(dict(watches))
        self._debouncer = Debouncer({task: watched.watch.debounce_s for task, watched in watches.items()})

    def start(self) -> None:
        """Begin to watch. While there is nothing to watch no thread runs and nothing is imported."""
        if self._runner is None and self._watches is not None:
            self._runner = asyncio.get_running_loop().create_task(self._run(), name="file watcher")

    def pause(self) -> None:
        """Tell nothing until `resume`. What changes meanwhile costs nothing. Idempotent."""
        self._resumed.clear()
        self._cancel_timer()
        self._wake()

    def resume(self) -> None:
        """Go on: a task is told once of what is not any more as it was before `pause`. Idempotent."""
        self._resumed.set()
        self._set_timer()

    async def wait_armed(self) -> None:
        """Wait until every later change will be noticed. For those who watch something, after `start`."""
        await self._armed.wait()

    async def stop(self) -> None:
        """End watching; nothing is told afterwards. Idempotent."""
        self._replace(None)
        if self._runner is not None:
            await asyncio.wait((self._runner,))

    def _replace(self, watches: Watches | None) -> None:
        self._watches = watches
        self._armed.clear()
        self._cancel_timer()
        self._replaced.set()
        self._wake()

    def _wake(self) -> None:
        if self._interrupt is not None:
            self._interrupt.set()

    async def _run(self) -> None:
        executor = ThreadPoolExecutor(1, thread_name_prefix="file-watcher")
        try:
            while (watches := self._watches) is not None:
                self._replaced.clear()
                if watches:
                    await self._watch(executor, watches)
                await self._replaced.wait()
        finally:
            self._wake()
            executor.shutdown()  # the thread is idle, or returns soon because of the interrupt
            if self._interrupt is not None:
                self._interrupt.close()
                self._interrupt = None

    async def _watch(self, executor: ThreadPoolExecutor, watches: Watches) -> None:
        """Watch until the watches are replaced. A failure is told and tried again, after a longer while each time."""
        loop = asyncio.get_running_loop()
        if self._interrupt is None:
            self._interrupt = Interrupt()
        session = Session(self._root, watches, self._interrupt, since_ns=self._since_ns)
        retry_s = _FIRST_RETRY_S
        try:
            while self._watches is watches:
                self._interrupt.clear()
                if not self._resumed.is_set():
                    await self._rest_paused(executor, session)
                    continue
                try:
                    changes = await loop.run_in_executor(executor, session.step)
                except Exception as error:  # noqa: BLE001 - whatever the native watcher does, the run goes on
                    problem = f"watching files failed and is tried again: {type(error).__name__}: {error}"
                    self._tell(Problem(task=None, text=problem))
                    await loop.run_in_executor(executor, session.rest, retry_s)
                    retry_s = min(_LONGEST_RETRY_S, retry_s * 2)
                    continue
                retry_s = _FIRST_RETRY_S
                if self._watches is watches:
                    self._armed.set()
                    for found in session.take_problems():
                        self._tell(found)
                    self._note(changes)
        finally:
            self._since_ns = None
            executor.submit(session.close)

    async def _rest_paused(self, executor: ThreadPoolExecutor, session: Session) -> None:
        """Wait until somebody resumes, or the watches are replaced."""
        await asyncio.get_running_loop().run_in_executor(executor, session.pause)
        waiting = [asyncio.ensure_future(event.wait()) for event in (self._resumed, self._replaced)]
        try:
            await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for one in waiting:
                one.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    # -- telling ----------------------------------------------------------------------------------------------

    def _note(self, changes: list[Change]) -> None:
        # A batch comes after a quiet moment: what it tells is at least so old.
        now = time.monotonic()
        for change in changes:
            if not self._guard.is_muted(change.task, change.path, now):
                self._debouncer.note(change.task, change.path, now - QUIET_MS / 1000, changed_ns=change.at_ns)
        self._set_timer()

    def _set_timer(self) -> None:
        self._cancel_timer()
        due = self._debouncer.next_due
        if due is not None and self._resumed.is_set():
            delay_s = max(0.0, due - time.monotonic())
            self._timer = asyncio.get_running_loop().call_later(delay_s, self._tell_changes)

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
        self._timer = None

    def _tell_changes(self) -> None:
        self._timer = None
        for due in self._debouncer.take_due(time.monotonic()):
            self._tell_change(due)
        self._set_timer()

    def _tell_change(self, due: Due) -> None:
        attempt, now = self._attempts(due.task), Moment.now()
        fresh = {
            path: changed_ns
            for path, changed_ns in due.changes.items()
            if attempt is None or not attempt.has_seen(changed_ns, now)
        }
        if not fresh:
            return
        self._mute_loops(due.task, fresh, attempt, now)
        counting = [path for path in fresh if not self._guard.is_muted(due.task, path, time.monotonic())]
        if counting:
            more = f" and {len(counting) - 1:,} more" if len(counting) > 1 else ""
            self._on_change(due.task, self._shown(counting[0]) + more)

    def _mute_loops(self, task: TaskId, changes: Mapping[str, int], attempt: Attempt | None, now: Moment) -> None:
        """Find out whether the task itself made the changes that it is to be restarted for; tell, and let them not count."""
        paths = tuple(changes)
        latest_ns = max(changes.values())
        early_s = None
        if attempt is not None:
            if attempt.pid is not None and self._guard.was_restarted_for(task, paths):
                own = open_for_writing(attempt.pid, paths)
                if own is not None:
                    self._guard.mute(task, own, time.monotonic())
                    self._tell_loop(task, own, "is written by the task itself", whole_task=False)
            if attempt.made_while_coming_up(latest_ns, now):
                early_s = attempt.age_s(latest_ns)
        loop = self._guard.restarted(task, paths, time.monotonic(), early_s=early_s)
        if loop is not None:
            self._tell_loop(task, loop.path, loop.reason, whole_task=loop.whole_task)

    def _tell_loop(self, task: TaskId, path: str, reason: str, *, whole_task: bool) -> None:
        shown = self._shown(path)
        what = "changes of files do not" if whole_task else "changes of it do not"
        self._on_problem(
            task,
            f"{shown} {reason}: {what} count until there have been none for {PAUSE_S:g} s. "
            "Name what the task writes in `ignore=` of its `watch(…)`",
        )

    def _tell(self, problem: Problem) -> None:
        if problem not in self._told:
            self._told.add(problem)
            self._on_problem(problem.task, problem.text)

    def _shown(self, path: str) -> str:
        shown = path.removeprefix(self._real_root + "/")
        return "".join(c if c.isprintable() else "?" for c in shown)
