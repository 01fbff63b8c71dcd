"""The clock of a file system, and which files have been left alone long enough for their `stat` to be trusted.

A file written twice within one tick of the clock looks the same after both. So what `stat` says stands for a content
only when the file was last touched clearly before it was looked at, as in git. Copying a time back (`utime`) does not
help a liar: it moves the time of the last change of the inode, which nobody can set.
"""

import os
import time
from pathlib import Path
from typing import Final, Self

import msgspec

from tui_runner.caching.stat_record import UNKNOWN, record_of

_SECOND_NS: Final = 1_000_000_000
_SLACK_NS: Final = 20_000_000
"""More than one tick of any kernel."""
_COARSE_SLACK_NS: Final = 2 * _SECOND_NS
"""For file systems that keep whole seconds, or every other one."""
_FOREIGN_SLACK_NS: Final = 120 * _SECOND_NS
"""For other file systems, whose clock may differ from the one that was read."""


class FileClock(msgspec.Struct, frozen=True, kw_only=True):
    """The time before which files must have been touched last."""

    now_ns: int
    """Not later than any look at a file that is judged by this clock."""
    device: int | None
    """File system this time comes from; None when it is the time of this machine."""

    @classmethod
    def read(cls, directory: Path | None) -> Self:
        """Read the clock of the file system of a directory of ours, by touching it; None reads the machine's clock."""
        if directory is not None:
            try:
                os.utime(directory)
                found = directory.stat()
            except OSError:
                pass  # the clock of this machine will do, only less well
            else:
                return cls(now_ns=min(found.st_mtime_ns, found.st_ctime_ns), device=found.st_dev)
        return cls(now_ns=time.time_ns(), device=None)

    def is_settled(self, found: os.stat_result) -> bool:
        """Tell whether a file was last touched so long ago that a change after this look would show."""
        slack = _SLACK_NS
        if not (found.st_mtime_ns % _SECOND_NS or found.st_ctime_ns % _SECOND_NS):
            slack = _COARSE_SLACK_NS
        if found.st_dev != self.device:
            slack = _FOREIGN_SLACK_NS
        return max(found.st_mtime_ns, found.st_ctime_ns) < self.now_ns - slack

    def record(self, found: os.stat_result) -> bytes:
        """Return the record by which a file can be recognised later; `UNKNOWN` while it may not be."""
        return record_of(found) if self.is_settled(found) else UNKNOWN
