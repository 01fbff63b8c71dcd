"""What a process uses, looked at now and then, and whether that grows. Linux only."""

import os
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import NamedTuple

_MIB = 1 << 20


class Sample(NamedTuple):
    """What a process used at one moment."""

    memory_mib: float
    """Resident memory, shared pages included."""
    descriptors: int
    threads: int


class Limit(NamedTuple):
    """By how much the last third of the samples may lie above the first one."""

    what: str
    of: Callable[[Sample], float]
    most: float
    share: float
    """This share of what was used first may be added on top of `most`."""


LIMITS = (
    Limit("memory (MiB)", lambda sample: sample.memory_mib, 8, 0.1),
    Limit("descriptors", lambda sample: sample.descriptors, 4, 0),
    Limit("threads", lambda sample: sample.threads, 2, 0),
)


def sample(pid: int) -> Sample:
    """Look at a process.

    Raises:
        OSError: it is gone.
    """
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    threads = list(Path(f"/proc/{pid}/task").iterdir())
    descriptors = list(Path(f"/proc/{pid}/fd").iterdir())
    return Sample(pages * os.sysconf("SC_PAGE_SIZE") / _MIB, len(descriptors), len(threads))


def first_and_last(samples: Sequence[Sample], of: Callable[[Sample], float]) -> tuple[float, float]:
    """Return the medians of the first third and of the last third."""
    third = max(1, len(samples) // 3)
    return median(map(of, samples[:third])), median(map(of, samples[-third:]))


def growths(samples: Sequence[Sample]) -> list[str]:
    """Return what has grown too much, in words; empty when nothing has."""
    told = []
    for limit in LIMITS:
        first, last = first_and_last(samples, limit.of)
        if last - first > limit.most + limit.share * first:
            told.append(f"{limit.what} grew from {first:.0f} to {last:.0f}")
    return told
