"""One run at a time of a cached task in a workspace: `flock` on a file per task and mode.

Held from looking an entry up until its outputs are stored, so that nobody snapshots what somebody else is writing.
"""

import fcntl
import os
from pathlib import Path
from typing import Self

from tui_runner.caching.directories import make_cache_directory
from tui_runner.caching.trouble import cache_error
from tui_runner.process.file_lock import try_lock
from tui_runner.process.regular_file import open_regular


class EntryLock:
    """The lock of one task and mode. Polled: waiting is up to the caller, who can then be cancelled."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @classmethod
    def acquire(cls, path: Path) -> Self | None:
        """Return the lock, or None when another process has it.

        Raises:
            CacheError: nothing can be locked here; the message says why.
        """
        make_cache_directory(path.parent)
        try:
            descriptor = try_lock(path)
            if descriptor is None:
                return None
            lock = cls(descriptor)
            try:
                lock._write_holder()
            except BaseException:
                lock.release()
                raise
        except OSError as error:
            raise cache_error("lock", path, error) from error
        return lock

    @property
    def descriptor(self) -> int:
        """Whoever has it open keeps the lock; -1 after `release`."""
        return self._descriptor

    def release(self) -> None:
        """Give the lock up. Idempotent."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    @staticmethod
    def holder(path: Path) -> int | None:
        """Return the process id of whoever has it, as far as known; None when nobody has."""
        try:
            descriptor = open_regular(path, os.O_RDONLY)
        except OSError:
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            text = os.pread(descriptor, 32, 0).strip()
            return int(text) if text.isdigit() else None
        except OSError:
            return None
        finally:
            os.close(descriptor)
        return None

    def _write_holder(self) -> None:
        # Over what is there: cutting the file first would make some file systems write it to the disk at once.
        os.pwrite(self._descriptor, b"%-20d\n" % os.getpid(), 0)
