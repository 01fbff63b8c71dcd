"""Has a file really changed? Remembers what watched files held, so that a touch or a rewrite of the same bytes is nothing.

Decision: as soon as a file's content is known, only content counts. Contents are read when watching starts, small trees
at once and large ones piece by piece while nothing else happens; a file that changes before its content is known counts
as changed when its size, time or inode differ.
"""

import os
import stat
import time
from hashlib import blake2b
from typing import Final

_MOST_BYTES: Final = 8 << 20
"""Larger files are judged by size, time and inode."""
_READ_BYTES: Final = 1 << 20


class _Seen:
    """How a file looked when it was last looked at."""

    __slots__ = ("digest", "inode", "mtime_ns", "size")

    def __init__(self, found: os.stat_result, digest: bytes | None) -> None:
        self.mtime_ns = found.st_mtime_ns
        self.size = found.st_size
        self.inode = found.st_ino
        self.digest = digest

    def looks_like(self, found: os.stat_result) -> bool:
        return (self.mtime_ns, self.size, self.inode) == (found.st_mtime_ns, found.st_size, found.st_ino)


class Fingerprints:
    """What is known of the watched files, by path."""

    def __init__(self) -> None:
        self._seen: dict[str, _Seen] = {}
        self._unread: list[str] = []

    def __contains__(self, path: str) -> bool:
        return path in self._seen

    @property
    def paths(self) -> list[str]:
        """All known files."""
        return list(self._seen)

    def remember(self, path: str, found: os.stat_result) -> None:
        """Take a file as it is; its content is read later."""
        self._seen[path] = _Seen(found, None)
        self._unread.append(path)

    def read_some(self, budget_s: float) -> None:
        """Read contents that are not known yet, for about so long."""
        until = time.monotonic() + budget_s
        while self._unread and time.monotonic() < until:
            path = self._unread.pop()
            seen = self._seen.get(path)
            if seen is None or seen.digest is not None:
                continue
            digest = _digest(path, seen.size)
            if seen.looks_like(stat_of(path) or _NOTHING):
                seen.digest = digest

    def has_changed(self, path: str, *, trust_times: bool = False) -> bool:
        """Tell whether a file was added, deleted or got other content since it was last looked at, and remember it.

        `trust_times` takes an equal size, time and inode for an equal content; without it the file is read, because a
        second write can happen within one tick of the clock.
        """
        seen = self._seen.get(path)
        found = stat_of(path)
        if found is None or not stat.S_ISREG(found.st_mode):
            self._seen.pop(path, None)
            return seen is not None
        if seen is not None and seen.looks_like(found) and (trust_times or seen.digest is None):
            return False
        digest = _digest(path, found.st_size)
        self._seen[path] = _Seen(found, digest)
        if seen is None or seen.size != found.st_size:
            return True
        if seen.digest is None or digest is None:
            return not seen.looks_like(found)
        return seen.digest != digest


def stat_of(path: str) -> os.stat_result | None:
    """Return what a path is, links followed; None when there is nothing or it cannot be looked at."""
    try:
        return os.stat(path)  # noqa: PTH116 - plain strings, thousands of them
    except (OSError, ValueError):
        return None


_NOTHING: Final = os.stat_result((0,) * 10)


def _digest(path: str, size: int) -> bytes | None:
    if size > _MOST_BYTES:
        return None
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return None
    digest = blake2b(digest_size=16)
    try:
        while data := os.read(descriptor, _READ_BYTES):
            digest.update(data)
    except OSError:
        return None
    finally:
        os.close(descriptor)
    return digest.digest()
