"""Beginnings of files: what becomes part of the cache or of a workspace is made ready apart, and renamed into place.

What a killed process leaves is swept by the next one that is alone in the cache (see `usage`). Directories in here hold
what `staging` has made ready; those that it had to make elsewhere are noted in them.
"""

import contextlib
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tui_runner.caching.directories import make_cache_directory

ELSEWHERE: Final = "elsewhere"
"""Notes, in a directory here, the directories that belong to it in other places: absolute, each ended by a NUL."""

_ELSEWHERE_NAME: Final = ".tui_runner-"
_TOKEN: Final = re.compile(r"[0-9a-f]{16}")
_MOST_NOTED_BYTES: Final = 1 << 20


def new_token() -> str:
    """Return a name that nothing else has."""
    return os.urandom(8).hex()


def elsewhere_name(token: str) -> bytes:
    """Return the name of directories that belong to the one with this token."""
    return f"{_ELSEWHERE_NAME}{token}".encode()


@contextlib.contextmanager
def unfinished_file(directory: Path, mode: int = 0o600) -> Iterator[tuple[int, str]]:
    """Make a file that is gone after the block unless it was renamed; yields descriptor (read and write) and path.

    Raises:
        CacheError: the directory is not ours.
        OSError: the file cannot be made.
    """
    path = f"{directory}/{new_token()}"
    flags = os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    try:
        descriptor = os.open(path, flags, mode)
    except FileNotFoundError:
        make_cache_directory(directory)
        descriptor = os.open(path, flags, mode)
    try:
        yield descriptor, path
    finally:
        os.close(descriptor)
        with contextlib.suppress(FileNotFoundError):
            os.unlink(path)  # noqa: PTH108 - plain strings, thousands of them


def has_unfinished(directory: Path) -> bool:
    """Tell whether there is anything, of others that are at work or have died."""
    try:
        with os.scandir(directory) as found:
            return next(found, None) is not None
    except OSError:
        return False


def sweep_unfinished(directory: Path) -> None:
    """Remove everything. What cannot be removed stays: it is in nobody's way.

    Only for those who are alone in the cache.
    """
    with contextlib.suppress(OSError), os.scandir(directory) as found:
        for entry in list(found):
            with contextlib.suppress(OSError):
                if entry.is_dir(follow_symlinks=False):
                    _sweep_directory(Path(entry.path))
                else:
                    os.unlink(entry.path)  # noqa: PTH108 - as above


def _sweep_directory(path: Path) -> None:
    if _TOKEN.fullmatch(path.name):
        for other in _noted(path / ELSEWHERE):
            # The note lies in the workspace and may be anybody's: only what carries the same token is ours.
            if os.path.basename(other) == elsewhere_name(path.name):  # noqa: PTH119 - bytes
                with contextlib.suppress(OSError):
                    remove_flat_directory(other)
    import shutil  # noqa: PLC0415 - rarely needed, and slow to import

    shutil.rmtree(path)  # never follows a link


def remove_flat_directory(path: bytes) -> None:
    """Remove a directory with the files in it; links are not followed.

    Raises:
        OSError: it is no directory, or something in it cannot be removed.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for name in os.listdir(descriptor):  # noqa: PTH208 - of a descriptor
            os.unlink(name, dir_fd=descriptor)
    finally:
        os.close(descriptor)
    os.rmdir(path)  # noqa: PTH106 - bytes


def _noted(path: Path) -> list[bytes]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return []
    with os.fdopen(descriptor, "rb") as file:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return []
        whole, _, _ = file.read(_MOST_NOTED_BYTES).rpartition(b"\0")
    return [path for path in whole.split(b"\0") if path.startswith(b"/")]
