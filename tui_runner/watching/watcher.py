"""Tells which tasks' files have changed: one shared watcher for all tasks of a run, debounced per task.

The asyncio half. Everything that blocks happens in one thread of its own (`tree_watch`). A watcher that fails tells
people and tries again; it never hurts the run.
"""

import asyncio
import os
import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from tui_runner.model.policy import Watch
from tui_runner.model.task import TaskId
from tui_runner.watching.debounce import Debouncer, Due
from tui_runner.watching.flap_guard import MOST_RESTARTS, PAUSE_S, WINDOW_S, FlapGuard
from tui_runner.watching.routing import Routing
from tui_runner.watching.tree_watch import STEP_MS, TreeWatch

_FIRST_RETRY_S: Final = 0.5
_LONGEST_RETRY_S: Final = 30.0

_Change = tuple[TaskId, str]

Watches = Mapping[TaskId, tuple[str, Watch]]
"""Per task: its absolute working directory and what it watches."""


class _Session:
    """One set of watches, as the thread sees it: every method blocks, none runs beside another."""

    def __init__(self, root: Path, watches: Watches, interrupt: threading.Event) -> None:
        self._root = root
        self._watches = watches
        self._interrupt = interrupt
        self._routing: Routing | None = None
        self._tree: TreeWatch | None = None
        self._problems: list[str] = []

    def step(self) -> list[_Change]:
        """Begin to watch, or wait up to a second; return what changed."""
        if self._routing is None or self._tree is None:
            self._routing = Routing(self._root, self._watches)
            self._problems += self._routing.problems
            self._tree = TreeWatch(self._routing, self._interrupt)
            changed = self._tree.open()
        else:
            changed = self._tree.wait()
        return [(task, path) for path in changed for task in self._routing.tasks_for(path)]

    def take_problems(self) -> list[str]:
        """Return what people should know, once."""
        if self._tree is not None and self._tree.problem is not None:
            self._problems.append(self._tree.problem)
            self._tree.problem = None
        problems, self._problems = self._problems, []
        return problems

    def rest(self, seconds: float) -> None:
        """Let go of the native watcher for a while, or until interrupted."""
        self.close()
        self._interrupt.wait(seconds)

    def close(self) -> None:
        """Let go of the native watcher."""
        if self._tree is not None:
            self._tree.close()


class FileWatcher:
    """Watches files for all tasks of a run. Lives on one event loop; `start` once, `stop` once."""

    def __init__(
        self, root: str | Path, on_change: Callable[[TaskId, str], None], on_problem: Callable[[str], None]
    ) -> None:
        """`on_change` gets a task and one changed path, relative to `root` where possible, for people.

        `on_problem` gets a sentence for people; the same one is not repeated. Both are called on the event loop.
        """
        self._root = Path(root)
        self._real_root = os.path.realpath(root)
        self._on_change = on_change
        self._on_problem = on_problem
        self._told: set[str] = set()
        self._guard = FlapGuard()
        self._interrupt = threading.Event()
        self._replaced = asyncio.Event()
        self._armed = asyncio.Event()
        self._watches: Watches | None = {}
        """None after `stop`."""
        self._debouncer = Debouncer({})
        self._timer: asyncio.TimerHandle | None = None
        self._runner: asyncio.Task[None] | None = None

    def set_watches(self, watches: Watches) -> None:
        """Watch this from now on, instead of what was watched before. What waits to be told is forgotten."""
        self._replace(dict(watches))
        self._debouncer = Debouncer({task: watch.debounce_s for task, (_, watch) in watches.items()})

    def start(self) -> None:
        """Begin to watch. While there is nothing to watch no thread runs and nothing is imported."""
        if self._runner is None and self._watches is not None:
            self._runner = asyncio.get_running_loop().create_task(self._run(), name="file watcher")

    async def wait_armed(self) -> None:
        """Wait until every later change will be noticed. For those who watch something, after `start`."""
        await self._armed.wait()

    async def stop(self) -> None:
        """End watching; nothing is told afterwards. Takes up to some 50 ms. Idempotent."""
        self._replace(None)
        if self._runner is not None:
            await asyncio.wait((self._runner,))

    def _replace(self, watches: Watches | None) -> None:
        self._watches = watches
        self._armed.clear()
        self._cancel_timer()
        self._replaced.set()
        self._interrupt.set()

    async def _run(self) -> None:
        executor = ThreadPoolExecutor(1, thread_name_prefix="file-watcher")
        try:
            while (watches := self._watches) is not None:
                self._replaced.clear()
                self._interrupt.clear()
                if watches:
                    await self._watch(executor, watches)
                await self._replaced.wait()
        finally:
            self._interrupt.set()
            executor.shutdown()  # the thread is idle, or returns soon because of the interrupt

    async def _watch(self, executor: ThreadPoolExecutor, watches: Watches) -> None:
        """Watch until the watches are replaced. A failure is told and tried again, after a longer while each time."""
        loop = asyncio.get_running_loop()
        session = _Session(self._root, watches, self._interrupt)
        retry_s = _FIRST_RETRY_S
        try:
            while self._watches is watches:
                try:
                    changes = await loop.run_in_executor(executor, session.step)
                except Exception as error:  # noqa: BLE001 - whatever the native watcher does, the run goes on
                    self._tell(f"watching files failed and is tried again: {type(error).__name__}: {error}")
                    await loop.run_in_executor(executor, session.rest, retry_s)
                    retry_s = min(_LONGEST_RETRY_S, retry_s * 2)
                    continue
                retry_s = _FIRST_RETRY_S
                if self._watches is watches:
                    self._armed.set()
                    for problem in session.take_problems():
                        self._tell(problem)
                    self._note(changes)
        finally:
            executor.submit(session.close)

    def _note(self, changes: list[_Change]) -> None:
        # A batch comes after a quiet step: what it tells is at least so old.
        now = time.monotonic()
        for task, path in changes:
            if not self._guard.is_paused(task, now):
                self._debouncer.note(task, path, now - STEP_MS / 1000)
        self._set_timer()

    def _set_timer(self) -> None:
        self._cancel_timer()
        due = self._debouncer.next_due
        if due is not None:
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
        flapping = self._guard.restarted(due.task, due.paths, time.monotonic())
        self._on_change(due.task, self._shown(due.paths[0]))
        if flapping is not None:
            self._on_problem(
                f"{due.task}: {self._shown(flapping)} changed {MOST_RESTARTS} times within {WINDOW_S:g} s, "
                f"perhaps written by the task itself; watching for it pauses until nothing has changed for {PAUSE_S:g} s. "
                "Add the file to `ignore=` of its `watch(…)`"
            )

    def _tell(self, problem: str) -> None:
        if problem not in self._told:
            self._told.add(problem)
            self._on_problem(problem)

    def _shown(self, path: str) -> str:
        shown = path.removeprefix(self._real_root + "/")
        return "".join(c if c.isprintable() else "?" for c in shown)
