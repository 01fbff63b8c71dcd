"""The timers of one run, on the event loop's monotonic clock."""

import asyncio
from collections.abc import Callable

from tui_runner.model.task import TaskId
from tui_runner.scheduling.effect import SetTimer
from tui_runner.scheduling.event import TimerFired, TimerKind


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
        self._handles[key] = self._loop.call_later(effect.delay_s, self._fire, key, effect.attempt)

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

    def _fire(self, key: tuple[TaskId, TimerKind], attempt: int) -> None:
        self._handles.pop(key, None)
        self._fired(TimerFired(task=key[0], kind=key[1], attempt=attempt))
