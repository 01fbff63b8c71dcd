"""One set of watches as the watcher's thread sees it: blocks, and brings changes with the tasks they concern."""

import contextlib
import time
from pathlib import Path
from typing import Final

import msgspec

from tui_runner.model.task import TaskId
from tui_runner.watching.change_time import ChangeTimes
from tui_runner.watching.debounce import STORM_PATHS
from tui_runner.watching.git_work import GitWork
from tui_runner.watching.interrupt import Interrupt
from tui_runner.watching.routing import Routing
from tui_runner.watching.tree_watch import TreeWatch
from tui_runner.watching.watched import Watches

_STEP_S: Final = 0.05
_LONGEST_STORM_S: Final = 10.0
_LOCK_MAY_BE_LEFT_S: Final = 10.0
"""An older lock may be that of a git that died …"""
_LOCK_IS_LEFT_S: Final = 1.0
"""… and is, when nothing changes for so long."""
_LONGEST_S: Final = 120.0
"""Nothing is waited out longer."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """A file that a task watches is not what it was."""

    task: TaskId
    path: str
    at_ns: int
    """When, in nanoseconds since the epoch; of a file that is gone, when something last left where it was."""


class Problem(msgspec.Struct, frozen=True, kw_only=True):
    """Something people should know."""

    task: TaskId | None
    """None: it is about all that is watched."""
    text: str


class Session:
    """Every method blocks, none runs beside another."""

    def __init__(self, root: Path, watches: Watches, interrupt: Interrupt, *, since_ns: int | None) -> None:
        self._root = root
        self._watches = watches
        self._interrupt = interrupt
        self._since_ns = since_ns
        self._routing: Routing | None = None
        self._tree: TreeWatch | None = None
        self._git: GitWork | None = None
        self._problems: list[Problem] = []

    def step(self) -> list[Change]:
        """Begin to watch, or wait up to a second; return what changed. What git does, and other storms, are told when they are over."""
        if self._routing is None or self._git is None:
            self._routing = Routing(self._root, self._watches)
            self._problems += [Problem(task=task, text=text) for task, text in self._routing.problems]
            self._git = GitWork(self._routing.bases)
        changed = self._look(self._routing)
        if changed and self._tree is not None:
            changed = self._until_it_is_over(changed, self._tree, self._git)
        times = ChangeTimes()
        return [
            Change(task=task, path=path, at_ns=times.of(path))
            for path in changed
            for task in self._routing.tasks_for(path)
        ]

    def _look(self, routing: Routing) -> list[str]:
        """Return what changed. What was cut short by the interrupt is made up for by the next look."""
        if self._tree is not None:
            changed = self._tree.wait()
            if self._interrupt.is_set():
                self._tree.close()  # it looks at everything then
            return changed
        tree = TreeWatch(routing, self._interrupt, since_ns=self._since_ns)
        with contextlib.ExitStack() as undone:
            undone.callback(tree.close)
            changed = tree.open()
            if self._interrupt.is_set():
                return []
            undone.pop_all()
        self._tree = tree
        return changed

    def take_problems(self) -> list[Problem]:
        """Return what people should know, once."""
        if self._tree is not None and self._tree.problem is not None:
            self._problems.append(Problem(task=None, text=self._tree.problem))
            self._tree.problem = None
        problems, self._problems = self._problems, []
        return problems

    def pause(self) -> None:
        """Let go of the system's news; the next step looks at everything."""
        self.close()

    def rest(self, seconds: float) -> None:
        """Let go of the system's news for a while, or until interrupted."""
        self.close()
        self._interrupt.wait(seconds)

    def close(self) -> None:
        """Let go of the system's news."""
        if self._tree is not None:
            self._tree.close()

    def _until_it_is_over(self, changed: list[str], tree: TreeWatch, git: GitWork) -> list[str]:
        """Wait while git works, or while many files change faster than they can be looked at; return all that changed."""
        if len(changed) <= STORM_PATHS and git.lock_age_s() is None:
            return changed
        begun = latest = time.monotonic()
        while not self._interrupt.is_set():
            more = tree.wait(_STEP_S)
            changed += more
            now = time.monotonic()
            latest = now if more else latest
            age_s = git.lock_age_s()
            if age_s is None:
                over = not more or now - begun > _LONGEST_STORM_S
            else:
                over = age_s > _LOCK_MAY_BE_LEFT_S and now - latest > _LOCK_IS_LEFT_S
            if over or now - begun > _LONGEST_S:
                break
        return list(dict.fromkeys(changed))
