"""How many tasks the open-file limit allows, and the count of descriptors while they run."""

import os
import resource
import sys
from typing import Final

PER_SPAWN: Final = 5
"""Two pipes with both ends until the guardian has answered, and the log file."""
_RESERVE: Final = 64
"""For sockets, probes, teardowns, watchers and the host program; less under a small limit."""


def open_file_limit() -> int:
    """Return how many descriptors this process may have open."""
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return sys.maxsize if soft == resource.RLIM_INFINITY else soft


def default_concurrency(limit: int) -> int:
    """Return how many tasks may run at once under an open-file limit; at least 1.

    A running task costs the supervisor two read ends and a log file, and two write ends more while it is spawned. The
    guardian raises its own limit; its children keep theirs.
    """
    return max(1, (limit - _reserve(limit)) // PER_SPAWN)


class DescriptorBudget:
    """Counts the descriptors of tasks against what the process has left."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.used = 0

    @classmethod
    def of_this_process(cls) -> "DescriptorBudget":
        """Return a budget of what is free now, less a reserve."""
        limit = open_file_limit()
        return cls(max(PER_SPAWN, limit - _reserve(limit) - _open_now()))

    def fits(self, count: int) -> bool:
        """Tell whether that many are left; a first task always gets them."""
        return not self.used or self.used + count <= self.capacity

    def take(self, count: int) -> None:
        """Count descriptors that were opened."""
        self.used += count

    def give_back(self, count: int) -> None:
        """Return descriptors."""
        self.used -= count


def _reserve(limit: int) -> int:
    return min(_RESERVE, limit // 4)


def _open_now() -> int:
    try:
        return len(os.listdir("/dev/fd"))  # noqa: PTH208 - a count only
    except OSError:
        return _RESERVE
