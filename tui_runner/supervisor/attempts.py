"""The attempts of one task, made of the states it goes through. Bounded; knows no clock."""

from collections import deque
from typing import Final

import msgspec

from tui_runner.model.details import Attempt
from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failed,
    Pending,
    Queued,
    Ready,
    Running,
    Skipped,
    SkipReason,
    Starting,
    Stopping,
    TaskState,
)

MOST_ATTEMPTS: Final = 50


class Attempts:
    """What is remembered of the latest attempts of a task."""

    __slots__ = ("_ended", "_open")

    def __init__(self) -> None:
        self._ended: deque[Attempt] | None = None
        self._open: Attempt | None = None

    def latest(self) -> tuple[Attempt, ...]:
        """Return them, oldest first; the last one may still live."""
        return (*(self._ended or ()), *(() if self._open is None else (self._open,)))

    def enter(self, state: TaskState, at: float) -> None:
        """Note a state with its time, in seconds since the epoch."""
        match state:
            case Running(attempt=number):
                self._open = Attempt(number=number, started_at=at, last=state)
            case Ready() if self._open is not None:
                self._open = msgspec.structs.replace(self._open, ready_at=at, last=state)
            case Stopping(attempt=number, pid=pid):
                if self._open is None and pid:
                    self._open = Attempt(number=number, started_at=at, last=state)
                elif self._open is not None:
                    self._open = msgspec.structs.replace(self._open, last=state)
            case Backoff() | Failed() | Completed() | Aborted():
                self._end(state, at)
            case Skipped(reason=SkipReason.CACHE_HIT):
                self._end(state, at, even_unseen=True)
            case Pending() | Queued() | Starting() | Skipped() | Ready():
                # Stopped to be started again: how it was ended stands in its last state.
                self._end(None, at)

    def _end(self, state: TaskState | None, at: float, *, even_unseen: bool = False) -> None:
        """Close the attempt; one that was never spawned counts when it failed, or the cache had its result."""
        attempt, self._open = self._open, None
        if attempt is None:
            if state is None or not (even_unseen or isinstance(state, Failed)):
                return
            attempt = Attempt(number=self._next_number(), last=state)
        if self._ended is None:
            self._ended = deque(maxlen=MOST_ATTEMPTS)
        self._ended.append(msgspec.structs.replace(attempt, finished_at=at, last=state or attempt.last))

    def _next_number(self) -> int:
        return self._ended[-1].number + 1 if self._ended else 1
