"""Notices a task that changes the files it is restarted for. Pure; times are monotonic seconds.

Who wrote a file nobody tells. So a loop is what repeats itself: a change each time while the task comes up, always at
about the same time after its start, or of the same file very often. A person who saves often does neither.
"""

from collections import deque
from collections.abc import Sequence
from typing import Final

import msgspec

from tui_runner.model.task import TaskId

SOON_S: Final = 1.0
MOST_SOON: Final = 3
"""So many changes in a row, each so soon after a start and before the task was up, are a loop …"""
MOST_ALIKE: Final = 5
"""… and so many that come later, at about the same time after each start."""
MOST_RESTARTS: Final = 20
WINDOW_S: Final = 10.0
"""So many changes of one file within so long are a loop, whenever they come."""
PAUSE_S: Final = 30.0
"""So long nothing may change before a change counts again."""
_MOST_PATHS: Final = 100
_SPREAD_S: Final = 0.25
_SPREAD: Final = 0.1


class Loop(msgspec.Struct, frozen=True, kw_only=True):
    """What does not count for a while."""

    path: str
    """One of the files, for people."""
    whole_task: bool
    """No change counts: it is another file each time."""
    reason: str
    """For people, as in `src/gen.py …`."""


class _Streak:
    """Changes in a row, each made while the task came up."""

    def __init__(self, age_s: float, paths: Sequence[str]) -> None:
        self.age_s = age_s
        self.count = 1
        self.paths = dict.fromkeys(paths)
        """In common."""

    def goes_on(self, age_s: float) -> bool:
        return abs(age_s - self.age_s) <= _SPREAD_S + _SPREAD * max(age_s, self.age_s)

    def add(self, age_s: float, paths: Sequence[str]) -> None:
        self.age_s = age_s
        self.count += 1
        latest = set(paths)
        self.paths = {path: None for path in self.paths if path in latest}

    @property
    def is_loop(self) -> bool:
        return self.count >= (MOST_SOON if self.age_s <= SOON_S and self.paths else MOST_ALIKE)


class LoopGuard:
    """Counts what tasks are restarted for, and mutes what goes in circles."""

    def __init__(self) -> None:
        self._streaks: dict[TaskId, _Streak] = {}
        self._restarts: dict[TaskId, dict[str, deque[float]]] = {}
        self._muted_until: dict[tuple[TaskId, str | None], float] = {}
        """Without a path: all of the task."""

    def is_muted(self, task: TaskId, path: str, now: float) -> bool:
        """Tell whether a change is to be ignored. Each one that is ignored makes the pause last longer."""
        if not self._muted_until:
            return False
        by_path, as_a_whole = self._is_muted((task, path), now), self._is_muted((task, None), now)
        return by_path or as_a_whole

    def was_restarted_for(self, task: TaskId, paths: Sequence[str]) -> bool:
        """Tell whether one of these has restarted the task a short while ago."""
        return not self._restarts.get(task, {}).keys().isdisjoint(paths)

    def mute(self, task: TaskId, path: str | None, now: float) -> None:
        """Ignore changes of this file, or with None of all, until there are none for a while."""
        self._muted_until[task, path] = now + PAUSE_S
        self._streaks.pop(task, None)
        self._restarts.pop(task, None)

    def restarted(self, task: TaskId, paths: Sequence[str], now: float, *, early_s: float | None = None) -> Loop | None:
        """Note what a task is restarted for. Returns what is muted from now on, None while all is well.

        `early_s` is how long after its start the change was made when the task was not up yet; None when it was.
        """
        return self._too_early(task, paths, now, early_s) or self._too_often(task, paths, now)

    def _too_early(self, task: TaskId, paths: Sequence[str], now: float, early_s: float | None) -> Loop | None:
        streak = self._streaks.get(task)
        if early_s is None:
            self._streaks.pop(task, None)
            return None
        if streak is None or not streak.goes_on(early_s):
            self._streaks[task] = _Streak(early_s, paths)
            return None
        streak.add(early_s, paths)
        if not streak.is_loop:
            return None
        common = list(streak.paths)[:_MOST_PATHS]
        if not common:
            self.mute(task, None, now)
        for path in common:
            self.mute(task, path, now)
        return Loop(
            path=common[0] if common else paths[0],
            whole_task=not common,
            reason=f"changed during each of the last {streak.count} starts of the task, which seems to write it",
        )

    def _too_often(self, task: TaskId, paths: Sequence[str], now: float) -> Loop | None:
        counted = self._restarts.setdefault(task, {})
        for path in [path for path, times in counted.items() if times[-1] < now - WINDOW_S]:
            del counted[path]
        for path in paths[:_MOST_PATHS]:
            times = counted.setdefault(path, deque(maxlen=MOST_RESTARTS))
            times.append(now)
            if len(times) == MOST_RESTARTS and times[0] > now - WINDOW_S:
                self.mute(task, path, now)
                reason = f"changed {MOST_RESTARTS} times within {WINDOW_S:g} s, perhaps written by the task itself"
                return Loop(path=path, whole_task=False, reason=reason)
        return None

    def _is_muted(self, key: tuple[TaskId, str | None], now: float) -> bool:
        until = self._muted_until.get(key)
        if until is None:
            return False
        if now >= until:
            del self._muted_until[key]
            return False
        self._muted_until[key] = now + PAUSE_S
        return True
