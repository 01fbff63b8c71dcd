"""SKELETON. One run at a time of a cached task in a workspace: `flock` on a file per task and mode.

Held from looking an entry up until its outputs are stored, so that nobody snapshots what somebody else is writing.
"""

from pathlib import Path
from typing import Self


class EntryLock:
    """The lock of one task and mode. Polled: waiting is up to the caller, who can then be cancelled."""

    def __init__(self, path: Path) -> None:
        raise NotImplementedError

    @classmethod
    def acquire(cls, path: Path) -> "Self | None":
        """Return the lock, or None when another process has it."""
        raise NotImplementedError

    @property
    def descriptor(self) -> int:
        raise NotImplementedError

    def release(self) -> None:
        raise NotImplementedError

    @staticmethod
    def holder(path: Path) -> int | None:
        """Return the process id of whoever has it, as far as known."""
        raise NotImplementedError
