"""The clock of a file system, for tests of what is believed of files that were touched a moment ago."""

import os
import time
from pathlib import Path

_LONG_AGO_NS = 30_000_000
"""Longer than what the cache takes for a moment ago."""


def let_time_pass(directory: Path) -> None:
    """Wait until all that was written before is old, by the clock of the file system itself."""
    start = _now_ns(directory)
    while _now_ns(directory) - start <= _LONG_AGO_NS:
        time.sleep(0.005)


def ticks_finely(directory: Path) -> bool:
    """Tell whether two changes of a file, one after the other, show in its time if somebody looks in between."""
    probe = directory / f".clock-{os.getpid()}"
    times: set[int] = set()
    for number in range(20):
        probe.write_text(str(number))
        times.add(probe.stat().st_mtime_ns)
    probe.unlink()
    return len(times) == 20


def _now_ns(directory: Path) -> int:
    probe = directory / f".clock-{os.getpid()}"
    probe.touch()
    try:
        return probe.stat().st_ctime_ns
    finally:
        probe.unlink()
