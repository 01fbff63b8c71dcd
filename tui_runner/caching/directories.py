"""Directories of the cache: made when they are first needed, private, and never through a symbolic link."""

import os
import stat
from pathlib import Path

from tui_runner.caching.places import CachePlaces
from tui_runner.caching.store import CacheError
from tui_runner.caching.trouble import cache_error
from tui_runner.process.state_directory import (
    DIRECTORY_MODE,
    STATE_DIRECTORY,
    StateDirectoryError,
    make_private_directory,
    make_state_directory,
)


def make_places(places: CachePlaces) -> None:
    """Make the directories of a cache; check those that are there.

    Raises:
        CacheError: something else is in the place of one, or it cannot be made.
    """
    make_cache_directory(places.directory)
    for path in (places.entries, places.blobs, places.tables, places.unfinished):
        make_directory_below(str(path))


def make_cache_directory(path: Path) -> None:
    """Make a directory below a `.tui_runner`, and all between the two; check those that are there.

    Raises:
        CacheError: something else is in its place, or it cannot be made.
    """
    state, *below = _levels(str(path))
    if all(map(_is_as_made, (state, *below))) and os.path.lexists(f"{state}/.gitignore"):
        return
    try:
        make_state_directory(Path(state).parent)
        for level in below:
            make_private_directory(Path(level))
    except StateDirectoryError as error:
        raise CacheError(f"{error} to have results cached") from error
    except OSError as error:
        raise cache_error("make", path, error) from error


def make_directory_below(path: str) -> None:
    """Make a directory in one that is known to be ours; cheap when it is there.

    Raises:
        CacheError: something else is in its place, or it cannot be made.
    """
    if not _is_as_made(path):
        make_cache_directory(Path(path))


def is_real_directory(path: str | Path) -> bool:
    """Tell whether a directory is there, and no link to one: what lies in it would not be ours to remove."""
    try:
        return stat.S_ISDIR(os.lstat(path).st_mode)
    except OSError:
        return False


def subdirectories(path: Path) -> list[Path]:
    """Return the directories in a directory, links left out; none when it is not there."""
    try:
        with os.scandir(path) as found:
            return [Path(entry.path) for entry in found if entry.is_dir(follow_symlinks=False)]
    except FileNotFoundError:
        return []


def _levels(path: str) -> list[str]:
    """Return the state directory above a path, all directories between, and the path itself."""
    levels = [path]
    while path.rpartition("/")[2] != STATE_DIRECTORY:
        path = path[: path.rindex("/")]
        levels.append(path)
    return levels[::-1]


def _is_as_made(path: str) -> bool:
    try:
        found = os.lstat(path)
    except OSError:
        return False
    return found.st_mode == stat.S_IFDIR | DIRECTORY_MODE and found.st_uid == os.geteuid()
