"""Contents of files, each kept once under the SHA-256 of what it is: `blobs/ab/abcdef…`.

Whatever comes out is verified; whatever goes in is hashed as it was copied. See docs/decisions/0008.
"""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tui_runner.caching.cancelling import Cancelled, never
from tui_runner.caching.copying import (
    PIECE_BYTES,
    UnreadableError,
    copy_content,
    hash_bytes,
    hash_content,
    read_whole,
)
from tui_runner.caching.directories import is_real_directory, make_directory_below, subdirectories
from tui_runner.caching.store import CacheError
from tui_runner.caching.trouble import cache_error, shown
from tui_runner.caching.unfinished import new_token, unfinished_file
from tui_runner.process.atomic_file import write_all
from tui_runner.process.regular_file import open_regular

_BLOB_MODE: Final = 0o400
"""Nobody writes to a blob, and nobody else may read it."""
_MOST_READ_BYTES: Final = 64 << 20
_NAME: Final = re.compile(r"[0-9a-f]{64}")


class Blobs:
    """Contents in one directory. Holds no state of its own and may be used by several threads and processes."""

    def __init__(self, directory: Path, unfinished: Path) -> None:
        self._directory = str(directory)
        self._unfinished = unfinished

    def add_file(self, path: bytes, cancelled: Cancelled = never) -> tuple[bytes, int]:
        """Copy a regular file into the store, unless it has one like it; return digest and size of what was copied.

        Raises:
            CacheError: it cannot be read or stored, or changed while it was copied; or `cancelled`.
        """
        with _reading(path) as (source, before):
            size = before.st_size
            if size < PIECE_BYTES:
                data = read_whole(source, size)
                _check_unchanged(path, source, before, len(data))
                return self._keep_bytes(data, path), size
            try:
                return self._keep_copy(path, source, before, cancelled), size
            except OSError as error:
                raise cache_error("keep in the cache", path, error) from error

    def add_bytes(self, data: bytes) -> bytes:
        """Keep a small blob from memory; return its digest.

        Raises:
            CacheError: it cannot be stored.
        """
        return self._keep_bytes(data, self._directory)

    def has(self, digest: bytes, size: int) -> bool:
        """Tell whether a blob of this digest and size seems to be there."""
        try:
            found = os.lstat(self._path(digest))
        except OSError:
            return False
        return stat.S_ISREG(found.st_mode) and found.st_size == size

    def copy(self, digest: bytes, size: int, destination: bytes, cancelled: Cancelled = never) -> bool:
        """Write a blob to a new file, private until the caller sets its mode; False when it is missing or broken.

        A broken blob is gone afterwards.

        Raises:
            CacheError: the destination cannot be written, or `cancelled`; then it is not there.
        """
        try:
            source = open_regular(self._path(digest), os.O_RDONLY)
        except FileNotFoundError:
            return False
        except OSError:
            self._discard(digest)
            return False
        try:
            if os.fstat(source).st_size == size:
                is_good = copied = _verified_copy(source, destination, digest, size, cancelled)
            else:
                is_good, copied = _holds(source, digest), False  # whoever says that size may be wrong, not the blob
        finally:
            os.close(source)
        if not is_good:
            self._discard(digest)
        return copied

    def read(self, digest: bytes) -> bytes | None:
        """Return a small blob; None when it is missing or broken."""
        try:
            source = open_regular(self._path(digest), os.O_RDONLY)
        except OSError:
            return None
        try:
            size = os.fstat(source).st_size
            data = read_whole(source, size) if size <= _MOST_READ_BYTES else b""
        except (OSError, UnreadableError):
            return None
        finally:
            os.close(source)
        if hash_bytes(data) == digest:
            return data
        self._discard(digest)
        return None

    def all(self) -> Iterator[tuple[bytes, int]]:
        """Yield digest and size of every blob, in no particular order. What is no blob is left out."""
        for directory in subdirectories(Path(self._directory)):
            with os.scandir(directory) as found:
                for entry in found:
                    digest = _digest_of(directory.name, entry.name)
                    if digest is not None and entry.is_file(follow_symlinks=False):
                        yield digest, entry.stat(follow_symlinks=False).st_size

    def remove(self, digest: bytes) -> bool:
        """Remove a blob; False when that cannot be done. Only for those who are alone in the cache."""
        try:
            os.unlink(self._path(digest))  # noqa: PTH108 - plain strings, thousands of them
        except OSError:
            return False
        return True

    def _path(self, digest: bytes) -> str:
        name = digest.hex()
        return f"{self._directory}/{name[:2]}/{name}"

    def _keep_bytes(self, data: bytes, named: bytes | str) -> bytes:
        digest = hash_bytes(data)
        if not self.has(digest, len(data)):
            try:
                with unfinished_file(self._unfinished, _BLOB_MODE) as (target, temporary):
                    write_all(target, data)
                    self._put(temporary, digest)
            except OSError as error:
                raise cache_error("keep in the cache", named, error) from error
        return digest

    def _keep_copy(self, path: bytes, source: int, before: os.stat_result, cancelled: Cancelled) -> bytes:
        with unfinished_file(self._unfinished, _BLOB_MODE) as (target, temporary):
            digest, copied = copy_content(source, target, before.st_size, cancelled)
            _check_unchanged(path, source, before, copied)
            if not self.has(digest, copied):
                self._put(temporary, digest)
        return digest

    def _put(self, temporary: str, digest: bytes) -> None:
        path = self._path(digest)
        make_directory_below(path[: path.rindex("/")])
        try:
            os.rename(temporary, path)  # noqa: PTH104 - plain strings, thousands of them
        except (IsADirectoryError, NotADirectoryError):
            self._discard(digest)
            os.rename(temporary, path)  # noqa: PTH104 - as above

    def _discard(self, digest: bytes) -> None:
        """Take away what is in the place of a blob and is none, whatever it is."""
        path = self._path(digest)
        if not is_real_directory(path[: path.rindex("/")]):
            return
        with contextlib.suppress(OSError):
            if stat.S_ISDIR(os.lstat(path).st_mode):
                os.rename(path, f"{self._unfinished}/{new_token()}")  # noqa: PTH104 - as above
            else:
                os.unlink(path)  # noqa: PTH108 - as above


@contextlib.contextmanager
def _reading(path: bytes) -> Iterator[tuple[int, os.stat_result]]:
    try:
        source = open_regular(os.fsdecode(path), os.O_RDONLY)
    except OSError as error:
        raise cache_error("read", path, error) from error
    try:
        yield source, os.fstat(source)
    except UnreadableError as error:
        raise cache_error("read", path, error.cause) from error
    finally:
        os.close(source)


def _check_unchanged(path: bytes, source: int, before: os.stat_result, copied: int) -> None:
    after = os.fstat(source)
    same = (before.st_size, before.st_mtime_ns, before.st_ctime_ns) == (copied, after.st_mtime_ns, after.st_ctime_ns)
    if not same or after.st_size != copied:
        raise CacheError(f"{shown(path)} was changed while it was copied into the cache")


def _digest_of(directory: str, name: str) -> bytes | None:
    return bytes.fromhex(name) if _NAME.fullmatch(name) and name.startswith(directory) else None


def _holds(source: int, digest: bytes) -> bool:
    try:
        return hash_content(source)[0] == digest
    except OSError:
        return False


def _verified_copy(source: int, destination: bytes, digest: bytes, size: int, cancelled: Cancelled) -> bool:
    """Copy to a new file; False, and it is not there, when something else came out."""
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        target = os.open(destination, flags, 0o600)
        try:
            if copy_content(source, target, size, cancelled) == (digest, size):
                return True
        except UnreadableError:
            pass
        except (OSError, CacheError):
            os.unlink(destination)  # noqa: PTH108 - bytes
            raise
        finally:
            os.close(target)
        os.unlink(destination)  # noqa: PTH108 - bytes
    except OSError as error:
        raise cache_error("write", destination, error) from error
    return False
