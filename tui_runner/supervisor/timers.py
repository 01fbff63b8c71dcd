"""The timers of one run, on the event loop's monotonic clock.

A process that was stopped, by Ctrl-Z or a debugger, finds its timers due before it hears what has happened meanwhile
(epoll_wait ends with EINTR then, and Python does not ask again past the deadline). Such timers get a moment more.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from tui_runner.model.task import TaskId
from tui_runner.scheduling.effect import SetTimer
from tui_runner.scheduling.event import TimerFired, TimerKind

_LATE_S: Final = 0.1
"""A timer that is later than this was not late because of work."""
_GRACE_S: Final = 0.5
"""For what happened meanwhile to be heard, and for probes to ask once more."""


class Timers:
    """At most one timer per task and kind; a new one replaces the old."""

    def __init__(self, loop: asyncio.AbstractEventLoop, fired: Callable[[TimerFired], None]) -> None:
        self._loop = loop
        self._fired = fired
        self._handles: dict[tuple[TaskId, TimerKind], asyncio.TimerHandle] = {}

    def set(self, effect: SetTimer) -> None:
        """Start a timer."""
        self.cancel(effect.task, effect.kind)
        key = (effect.task, effect.kind)
        due = self._loop.time() + effect.delay_s
        self._handles[key] = self._loop.call_at(due, self._due, key, effect.attempt, due)

    def cancel(self, task: TaskId, kind: TimerKind) -> None:
        """Forget a timer; unknown ones are ignored."""
        handle = self._handles.pop((task, kind), None)
        if handle is not None:
            handle.cancel()

    def close(self) -> None:
        """Forget all timers."""
        for handle in self._handles.values():
            handle.cancel()
        self._handles.clear()

    def _due(self, key: tuple[TaskId, TimerKind], attempt: int, due: float) -> None:
        if self._loop.time() - due > _LATE_S:
            self._handles[key] = self._loop.call_later(_GRACE_S, self._fire, key, attempt)
        else:
            self._fire(key, attempt)

    def _fire(self, key: tuple[TaskId, TimerKind], attempt: int) -> None:
        self._handles.pop(key, None)
        self._fired(TimerFired(task=key[0], kind=key[1], attempt=attempt))
