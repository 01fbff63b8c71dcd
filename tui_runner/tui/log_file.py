"""Bounded reads of a log file that somebody else writes.

The path comes over a socket and lies in a workspace, so both are distrusted: symbolic links and anything but a regular
file are refused. Never raises for a file that is missing, unreadable or replaced: there is simply nothing to read.
"""

import os
import stat
from types import TracebackType
from typing import Self

_FLAGS = os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY


class LogFile:
    """An open log file; use as a context manager. Opening never blocks, not even on a named pipe."""

    __slots__ = ("_descriptor",)

    def __init__(self, path: str) -> None:
        self._descriptor = _open(path)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def readable(self) -> bool:
        """Tell whether there is a regular file to read."""
        return self._descriptor is not None

    def size(self) -> int:
        """Return the present size in bytes; 0 when there is nothing to read."""
        return 0 if self._descriptor is None else os.fstat(self._descriptor).st_size

    def read(self, offset: int, most: int) -> bytes:
        """Return up to `most` bytes from this offset; empty at the end, and when it cannot be read."""
        if self._descriptor is None:
            return b""
        try:
            return os.pread(self._descriptor, most, offset)
        except OSError:
            return b""

    def close(self) -> None:
        """Close the file; again is fine."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def _open(path: str) -> int | None:
    if not path:
        return None
    try:
        descriptor = os.open(path, _FLAGS)
    except (OSError, ValueError):
        return None
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    return None


def last_bytes(path: str, most: int) -> bytes:
    """Return up to `most` bytes from the end of the file; empty when there is nothing to read."""
    with LogFile(path) as file:
        return file.read(max(0, file.size() - most), most)
