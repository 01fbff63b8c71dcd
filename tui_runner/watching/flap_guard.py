"""Notices a task that keeps changing the files it is restarted for. Pure; times are monotonic seconds."""

from collections import deque
from collections.abc import Sequence
from typing import Final

from tui_runner.model.task import TaskId

MOST_RESTARTS: Final = 10
WINDOW_S: Final = 10.0
PAUSE_S: Final = 30.0
"""So long nothing may change before watching goes on."""
_MOST_PATHS: Final = 100


class FlapGuard:
    """Counts restarts per task and path, and pauses a task that is restarted for the same path again and again."""

    def __init__(self) -> None:
        self._restarts: dict[TaskId, dict[str, deque[float]]] = {}
        self._paused_until: dict[TaskId, float] = {}

    def is_paused(self, task: TaskId, now: float) -> bool:
        """Tell whether a change is to be ignored. Each one that is ignored makes the pause last longer."""
        until = self._paused_until.get(task)
        if until is None:
            return False
        if now >= until:
            del self._paused_until[task]
            return False
        self._paused_until[task] = now + PAUSE_S
        return True

    def restarted(self, task: TaskId, paths: Sequence[str], now: float) -> str | None:
        """Note a restart and what it was for. Returns the path that pauses the task, None while all is well."""
        counted = self._restarts.setdefault(task, {})
        for path in [path for path, times in counted.items() if times[-1] < now - WINDOW_S]:
            del counted[path]
        for path in paths[:_MOST_PATHS]:
            times = counted.setdefault(path, deque(maxlen=MOST_RESTARTS))
            times.append(now)
            if len(times) == MOST_RESTARTS and times[0] > now - WINDOW_S:
                self._paused_until[task] = now + PAUSE_S
                del self._restarts[task]
                return path
        return None
