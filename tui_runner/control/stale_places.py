"""Removes private directories of roots that are gone: temp directories of tests, deleted checkouts.

At most once a day, a few at a time, and only what is certainly ours and of no use any more: the directory names its
root, nothing is there, nobody holds its lock, and only files that we make lie in it. Never raises; what cannot be
removed stays.
"""

import contextlib
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from tui_runner.control.places import ROOT_NOTE, SWEPT_NOTE, is_private, name_of
from tui_runner.process.file_lock import try_lock
from tui_runner.process.regular_file import open_regular

LOOKED_AT: Final = 50
"""So many directories at most are looked at in one go."""
UNTOUCHED_S: Final = 24 * 3600.0
"""A directory in which a run began or ended later than this many seconds ago stays."""

_NAME: Final = re.compile(r"[0-9a-f]{16}")
_OURS: Final = ("sock", "supervisor.log", "layout.json", "lock", ROOT_NOTE)
"""In this order: what is interrupted can be finished another day.

Not the journal: while there is one, processes of a run may be left, and only the next run of that root ends them.
"""
_MOST_BYTES: Final = 8192


def sweep(base: Path, lock_of: Callable[[str], Path], now: float) -> None:
    """Remove stale directories from a base directory, which must be private, and note when that was.

    `lock_of` returns the lock of the root that a directory of this name belongs to; `now` is seconds since the epoch.
    """
    with contextlib.suppress(OSError):
        _note_time(base / SWEPT_NOTE, now)
        for name in _some_names(base):
            with contextlib.suppress(OSError):
                _remove_if_stale(base / name, lock_of(name), now)


def _note_time(stamp: Path, now: float) -> None:
    descriptor = open_regular(stamp, os.O_WRONLY | os.O_CREAT)
    try:
        os.utime(descriptor, (now, now))
    finally:
        os.close(descriptor)


def _some_names(base: Path) -> list[str]:
    """Return names of directories of roots, beginning anywhere, so that each has its turn some day."""
    names = sorted(entry.name for entry in base.iterdir() if _NAME.fullmatch(entry.name))
    start = os.urandom(8).hex()
    return sorted(names, key=lambda name: (name < start, name))[:LOOKED_AT]


def _remove_if_stale(directory: Path, lock: Path, now: float) -> None:
    root = _root_of(directory)
    if root is None or not _is_gone(root) or now - directory.lstat().st_mtime < UNTOUCHED_S:
        return
    with _held(lock) as free:
        # Looked at again: now nobody can begin in between.
        if free and _is_gone(root) and all(entry.name in _OURS for entry in directory.iterdir()):
            for name in _OURS:
                (directory / name).unlink(missing_ok=True)
            directory.rmdir()


def _root_of(directory: Path) -> bytes | None:
    """Return the root that a private directory belongs to; None when it does not say so, or cannot be believed."""
    if not is_private(directory):
        return None
    try:
        descriptor = open_regular(directory / ROOT_NOTE, os.O_RDONLY)
    except OSError:
        return None
    try:
        root = os.read(descriptor, _MOST_BYTES)
    finally:
        os.close(descriptor)
    return root if name_of(root) == directory.name else None


def _is_gone(root: bytes) -> bool:
    """Tell whether nothing is there for certain; what may not be looked at may be there."""
    try:
        os.lstat(root)
    except (FileNotFoundError, NotADirectoryError):
        return True
    except (OSError, ValueError):
        return False
    return False


@contextlib.contextmanager
def _held(lock: Path) -> Iterator[bool]:
    """Hold a lock during the block; False when somebody else does. Where there is no directory for it nobody does."""
    try:
        descriptor = try_lock(lock)
    except FileNotFoundError:
        yield True
        return
    try:
        yield descriptor is not None
    finally:
        if descriptor is not None:
            os.close(descriptor)
