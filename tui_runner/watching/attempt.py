"""What the watcher has to know of a task's current attempt: when it began, and when it was up. Data only."""

import time
from typing import Final, Self

import msgspec

_CLOCK_MOVED_NS: Final = 500_000_000
_SHORTLY_NS: Final = 500_000_000
"""A service that does not tell when it is ready is taken to be coming up for so long."""


class Moment(msgspec.Struct, frozen=True, kw_only=True):
    """A point in time by two clocks, so that one that was put right is noticed."""

    wall_ns: int
    """Since the epoch, as file systems count."""
    monotonic_ns: int

    @classmethod
    def now(cls) -> Self:
        """Return this moment."""
        return cls(wall_ns=time.time_ns(), monotonic_ns=time.monotonic_ns())

    def is_comparable(self, now: "Moment") -> bool:
        """Tell whether times of files of then can be compared with times of now."""
        drift = (now.wall_ns - now.monotonic_ns) - (self.wall_ns - self.monotonic_ns)
        return abs(drift) < _CLOCK_MOVED_NS


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """The attempt of a task that runs, or ran last."""

    started: Moment
    """Just before it was spawned."""
    pid: int | None = None
    """The leader of its process group; None when none runs."""
    up: Moment | None = None
    """When it was ready or had ended; None before."""
    tells_ready: bool = True
    """It has a probe."""

    def has_seen(self, changed_ns: int, now: Moment) -> bool:
        """Tell whether a change is older than the attempt, which has found the file as it is."""
        return self.started.is_comparable(now) and changed_ns <= self.started.wall_ns

    def made_while_coming_up(self, changed_ns: int, now: Moment) -> bool:
        """Tell whether a change happened between the start of the attempt and its being up: it may be its own."""
        if not self.started.is_comparable(now) or changed_ns <= self.started.wall_ns:
            return False
        if self.up is not None:
            return changed_ns <= self.up.wall_ns
        return self.tells_ready or changed_ns <= self.started.wall_ns + _SHORTLY_NS

    def age_s(self, changed_ns: int) -> float:
        """Return how long after its start a change happened."""
        return (changed_ns - self.started.wall_ns) / 1e9
