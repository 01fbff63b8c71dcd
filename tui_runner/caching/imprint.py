"""The imprint of one file: its kind and the digest of its content. The same on every machine.

A link counts by its target text, and by the imprint of what it leads to where that is a regular file. Special files
count by their kind and are never opened.
"""

import errno
import os
import stat
from collections.abc import Iterable, Iterator
from typing import Final

from tui_runner.caching.cancelling import Cancelled, check_cancelled
from tui_runner.caching.copying import hash_bytes, hash_content
from tui_runner.caching.file_clock import FileClock
from tui_runner.caching.look_again import MOST_TRIES, NOTHING_THERE, LookAgainError, keeps_changing, reading_error
from tui_runner.caching.stat_record import NO_ANSWER, NO_FILE, record_of

DIGEST_BYTES: Final = 32
"""Of a SHA-256."""
IMPRINT_BYTES: Final = 1 + DIGEST_BYTES
"""One character for the kind, and the digest."""
FILE: Final = b"f"
EXECUTABLE: Final = b"x"
LINK: Final = b"l"

_KINDS_BY_TYPE: Final = {stat.S_IFIFO: b"p", stat.S_IFSOCK: b"s", stat.S_IFCHR: b"c", stat.S_IFBLK: b"b"}
_OTHER_KIND: Final = b"?"
SPECIAL_KINDS: Final = frozenset({*_KINDS_BY_TYPE.values(), _OTHER_KIND})
"""Pipes, sockets, devices, and what else a system may have."""

_FIRST_BYTES: Final = 64 << 10
"""Files up to this size are read into one place, again and again: new memory for each would take longer than reading."""
_LARGE_BYTES: Final = 4 << 20
"""From here on it pays to hash two at a time."""
_OPEN: Final = os.O_RDONLY | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC

Imprint = tuple[bytes, bytes]
"""The imprint of a file, and the record by which it is recognised; `UNKNOWN` while that may not be trusted."""


class ImprintReader:
    """Reads files, judging by one clock what may be trusted."""

    def __init__(self, clock: FileClock, cancelled: Cancelled) -> None:
        """`clock` was read before anything else is. Whatever is read ends with a `CacheError` once `cancelled`."""
        from hashlib import sha256  # noqa: PLC0415 - slow to import

        self._sha256 = sha256
        self._clock = clock
        self._cancelled = cancelled
        self._first = memoryview(bytearray(_FIRST_BYTES))

    def files(self, paths: list[bytes]) -> Iterator[Imprint]:
        """Yield the imprints of regular files in order; links are not followed.

        Raises:
            LookAgainError: one is gone, or is no regular file any more.
            CacheError: one cannot be read, or keeps changing.
        """
        found = [self._at_once(path, os.O_NOFOLLOW) for path in paths]
        late = [path for path, imprint in zip(paths, found, strict=True) if imprint is None]
        rest = self._one_by_one(late) if len(late) < 2 else self._some_together(late)
        for imprint in found:
            yield next(rest) if imprint is None else imprint

    def link(self, path: bytes) -> tuple[Imprint, bytes]:
        """Return the imprint of a link, and the record of what it leads to.

        Raises:
            LookAgainError: it is gone, or no link any more.
            CacheError: the file it leads to cannot be read, or keeps changing.
        """
        for _ in range(MOST_TRIES):
            try:
                before = os.lstat(path)
                if not stat.S_ISLNK(before.st_mode):
                    raise LookAgainError(path)
                target = os.readlink(path)  # noqa: PTH115 - bytes
                content, record = self._followed(path)
                if record_of(os.lstat(path)) == record_of(before):
                    imprint = LINK + hash_bytes(target + b"\0" + content)
                    return (imprint, self._clock.record(before)), record
            except OSError as error:
                if error.errno == errno.EINVAL:  # no link any more when its target was asked for
                    raise LookAgainError(path) from error
                raise reading_error(path, error) from error
        raise keeps_changing(path)

    def special(self, path: bytes) -> Imprint:
        """Return the imprint of what is neither file nor link nor directory.

        Raises:
            LookAgainError: it is gone, or is one of these now.
            CacheError: it cannot be looked at.
        """
        try:
            found = os.lstat(path)
        except OSError as error:
            raise reading_error(path, error) from error
        kind = stat.S_IFMT(found.st_mode)
        if kind in {stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR}:
            raise LookAgainError(path)
        return _KINDS_BY_TYPE.get(kind, _OTHER_KIND).ljust(IMPRINT_BYTES, b"\0"), self._clock.record(found)

    def _at_once(self, path: bytes, flags: int) -> Imprint | None:
        """Read a small file that nobody has touched lately: one look is enough. None for all others."""
        check_cancelled(self._cancelled)
        try:
            descriptor = os.open(path, _OPEN | flags)
            try:
                count = os.readv(descriptor, [self._first])
                found = os.fstat(descriptor)
            finally:
                os.close(descriptor)
        except OSError as error:
            raise reading_error(path, error) from error
        if count != found.st_size or not self._clock.is_settled(found) or not stat.S_ISREG(found.st_mode):
            return None
        return _kind_of(found) + self._sha256(self._first[:count]).digest(), record_of(found)

    def _carefully(self, path: bytes, flags: int) -> Imprint:
        """Read any file, of any size, and make sure that it was not touched meanwhile."""
        for _ in range(MOST_TRIES):
            try:
                descriptor = os.open(path, _OPEN | flags)
                try:
                    before = os.fstat(descriptor)
                    if not stat.S_ISREG(before.st_mode):
                        raise LookAgainError(path)
                    digest, _ = hash_content(descriptor, before.st_size, self._cancelled)
                    after = os.fstat(descriptor)
                finally:
                    os.close(descriptor)
            except OSError as error:
                raise reading_error(path, error) from error
            if record_of(before) == record_of(after):
                return _kind_of(before) + digest, self._clock.record(before)
        raise keeps_changing(path)

    def _one_by_one(self, paths: Iterable[bytes]) -> Iterator[Imprint]:
        for path in paths:
            yield self._carefully(path, os.O_NOFOLLOW)

    def _some_together(self, paths: list[bytes]) -> Iterator[Imprint]:
        """Hash large files two at a time: hashing lets other threads run."""
        large = [path for path in paths if _size_of(path) >= _LARGE_BYTES]
        if len(large) < 2:
            yield from self._one_by_one(paths)
            return
        from concurrent.futures import ThreadPoolExecutor  # noqa: PLC0415 - slow to import

        with ThreadPoolExecutor(2, "fingerprint") as pool:
            waiting = dict(zip(large, pool.map(self._carefully, large, [os.O_NOFOLLOW] * len(large)), strict=True))
        for path in paths:
            yield waiting.get(path) or self._carefully(path, os.O_NOFOLLOW)

    def _followed(self, path: bytes) -> tuple[bytes, bytes]:
        """Return what a link leads to: imprint (empty when it is no regular file) and record."""
        try:
            found = os.stat(path)  # noqa: PTH116 - bytes
        except OSError as error:
            if error.errno in NOTHING_THERE:
                return b"", NO_FILE
            raise
        if not stat.S_ISREG(found.st_mode):
            return b"", NO_FILE
        return self._at_once(path, 0) or self._carefully(path, 0)


def record_of_target(path: bytes) -> bytes:
    """Return the record of the file a link leads to; `NO_FILE` when there is none, `NO_ANSWER` when nobody can tell."""
    try:
        found = os.stat(path)  # noqa: PTH116 - bytes
    except OSError as error:
        return NO_FILE if error.errno in NOTHING_THERE else NO_ANSWER
    return record_of(found) if stat.S_ISREG(found.st_mode) else NO_FILE


def _kind_of(found: os.stat_result) -> bytes:
    return EXECUTABLE if found.st_mode & stat.S_IXUSR else FILE


def _size_of(path: bytes) -> int:
    try:
        return os.lstat(path).st_size
    except OSError as error:
        raise reading_error(path, error) from error
