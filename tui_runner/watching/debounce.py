"""Many changes become one restart: pure bookkeeping with a clock from outside. Times are monotonic seconds."""

from collections.abc import Mapping
from typing import Final

import msgspec

from tui_runner.model.task import TaskId

LONGEST_WAIT_S: Final = 1.0
"""So long a change waits at most for quiet …"""
STORM_PATHS: Final = 500
"""… unless more paths than this have changed: a checkout or an installation is under way."""
STORM_QUIET_S: Final = 0.3
STORM_LONGEST_WAIT_S: Final = 10.0


class Due(msgspec.Struct, frozen=True, kw_only=True):
    """A task whose files have changed and are quiet now."""

    task: TaskId
    changes: Mapping[str, int]
    """What changed, in order, and when: nanoseconds since the epoch."""


class _Waiting:
    def __init__(self, now: float) -> None:
        self.first = now
        self.last = now
        self.changes: dict[str, int] = {}


class Debouncer:
    """Waits per task for a quiet moment after the last change."""

    def __init__(self, quiet_s: Mapping[TaskId, float]) -> None:
        self._quiet_s = quiet_s
        self._waiting: dict[TaskId, _Waiting] = {}

    def note(self, task: TaskId, path: str, now: float, *, changed_ns: int = 0) -> None:
        """Note that a file of the task changed at this time; `changed_ns` is when by the clock of files."""
        waiting = self._waiting.setdefault(task, _Waiting(now))
        waiting.last = now
        waiting.changes[path] = changed_ns

    @property
    def next_due(self) -> float | None:
        """When `take_due` should be asked; None when nothing waits."""
        return min((self._due(task, waiting) for task, waiting in self._waiting.items()), default=None)

    def take_due(self, now: float) -> list[Due]:
        """Return the tasks that are due, and forget them."""
        due = [task for task, waiting in self._waiting.items() if self._due(task, waiting) <= now]
        return [self._taken(task, self._waiting.pop(task)) for task in due]

    @staticmethod
    def _taken(task: TaskId, waiting: _Waiting) -> Due:
        return Due(task=task, changes=waiting.changes)

    def _due(self, task: TaskId, waiting: _Waiting) -> float:
        quiet_s, longest_s = self._quiet_s.get(task, 0.0), LONGEST_WAIT_S
        if len(waiting.changes) > STORM_PATHS:
            quiet_s, longest_s = max(quiet_s, STORM_QUIET_S), STORM_LONGEST_WAIT_S
        return min(waiting.last + quiet_s, waiting.first + max(longest_s, quiet_s))
