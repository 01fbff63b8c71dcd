"""The entries of a cache: a directory per task and mode, a file per key, and beside it one whose time is its last use."""

import contextlib
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from tui_runner.caching.directories import is_real_directory, make_directory_below, subdirectories
from tui_runner.caching.entry import Entry
from tui_runner.caching.entry_file import encode_entry, read_entry
from tui_runner.caching.places import CachePlaces, name_of
from tui_runner.caching.trouble import cache_error
from tui_runner.caching.unfinished import unfinished_file
from tui_runner.process.atomic_file import write_all

KEPT_ENTRIES: Final = 10
"""So many of one task and mode are kept, those used last."""

_KEY: Final = re.compile(r"[0-9a-f]{1,128}")
_ENTRY: Final = ".entry"
_USED: Final = ".used"


class EntryFile(msgspec.Struct, frozen=True, kw_only=True):
    """What the file system says of an entry, without reading it."""

    path: str
    stored_ns: int
    """When it was stored; nanoseconds since the epoch."""
    used_ns: int
    """When it was last stored or restored."""
    size: int
    """Bytes of the file."""


class Entries:
    """Keeps entries. Holds no state of its own and may be used by several threads and processes."""

    def __init__(self, places: CachePlaces) -> None:
        self._directory = str(places.entries)
        self._unfinished = places.unfinished

    def path(self, task: str, mode: str, key: str) -> Path:
        """Return where an entry is, if it is there.

        Raises:
            ValueError: the key is not hexadecimal.
        """
        return Path(self._file(task, mode, key, _ENTRY))

    def load(self, task: str, mode: str, key: str) -> Entry | None:
        """Return an entry; None when there is none, or it is broken: then it is gone afterwards."""
        return self._read(self._file(task, mode, key, _ENTRY))

    def latest(self, task: str, mode: str) -> Entry | None:
        """Return the entry stored last that can be read."""
        files = sorted(_files(self._directory_of(task, mode)), key=_stored, reverse=True)
        return next((entry for file in files if (entry := self._read(file.path)) is not None), None)

    def save(self, entry: Entry) -> None:
        """Keep an entry in place of one of the same key; of the others of its task and mode only those used last.

        Raises:
            CacheError: it cannot be written.
        """
        path = self._file(entry.task, entry.mode, entry.key, _ENTRY)
        directory = self._directory_of(entry.task, entry.mode)
        make_directory_below(directory)
        now_ns = time.time_ns()
        try:
            with unfinished_file(self._unfinished) as (descriptor, temporary):
                write_all(descriptor, encode_entry(entry))
                os.utime(descriptor, ns=(now_ns, now_ns))  # finer than the clock of most file systems
                os.rename(temporary, path)  # noqa: PTH104 - plain strings
        except OSError as error:
            raise cache_error("write", path, error) from error
        for file in sorted(_files(directory), key=_used, reverse=True)[KEPT_ENTRIES:]:
            remove_entry(file.path)

    def used(self, task: str, mode: str, key: str) -> None:
        """Note that an entry was of use just now. A note that cannot be made is done without."""
        path = self._file(task, mode, key, _USED)
        if not is_real_directory(self._directory_of(task, mode)):
            return
        with contextlib.suppress(OSError):
            flags = os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(path, flags, 0o600)
            try:
                os.utime(descriptor)
            finally:
                os.close(descriptor)

    def all(self) -> Iterator[tuple[EntryFile, Entry]]:
        """Yield all entries, in no particular order. Those that are broken are gone afterwards.

        Raises:
            CacheError: the cache cannot be read.
        """
        try:
            for directory in subdirectories(Path(self._directory)):
                for file in list(_files(str(directory))):
                    entry = self._read(file.path)
                    if entry is not None:
                        yield file, entry
        except OSError as error:
            raise cache_error("read", self._directory, error) from error

    def _read(self, path: str) -> Entry | None:
        if not is_real_directory(path[: path.rindex("/")]):
            return None
        try:
            entry = read_entry(path)
        except FileNotFoundError:
            return None
        if entry is not None:
            with contextlib.suppress(ValueError):
                if self._file(entry.task, entry.mode, entry.key, _ENTRY) == path:  # else somebody has moved it
                    return entry
        remove_entry(path)
        return None

    def _directory_of(self, task: str, mode: str) -> str:
        return f"{self._directory}/{name_of(task, mode)}"

    def _file(self, task: str, mode: str, key: str, suffix: str) -> str:
        if not _KEY.fullmatch(key):
            raise ValueError(f"`{key:.80}` is no key")
        return f"{self._directory}/{name_of(task, mode)}/{key}{suffix}"


def remove_entry(path: str) -> bool:
    """Remove the file of an entry with what is noted of it; False when that cannot be done."""
    with contextlib.suppress(OSError):
        Path(path).with_suffix(_USED).unlink(missing_ok=True)
    try:
        Path(path).unlink()
    except OSError:
        return False
    return True


def _files(directory: str) -> Iterator[EntryFile]:
    """Yield the entries in a directory; nothing when it is none."""
    if not is_real_directory(directory):
        return
    try:
        with os.scandir(directory) as scan:
            found = {entry.name: entry.stat(follow_symlinks=False) for entry in scan}
    except OSError:
        return
    for name, looked in found.items():
        stem, suffix = os.path.splitext(name)  # noqa: PTH122 - plain strings
        if suffix == _ENTRY:
            used = found.get(f"{stem}{_USED}", looked)
            yield EntryFile(
                path=f"{directory}/{name}",
                stored_ns=looked.st_mtime_ns,
                used_ns=max(looked.st_mtime_ns, used.st_mtime_ns),
                size=looked.st_size,
            )


def _stored(file: EntryFile) -> int:
    return file.stored_ns


def _used(file: EntryFile) -> int:
    return file.used_ns
