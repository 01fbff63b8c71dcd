"""Where a package's manifest and lock file may lie: the directories from the task's cwd upwards.

The walk ends at the top of the repository that holds the root of the run, so that a `pipeline.py` in a sub-directory of
a workspace finds the lock file above it, and never leaves the repository: a lock file in somebody's home directory is
none of ours. Without a repository it ends at the root of the run. A cwd outside the root is walked up to the top of its
own repository, or not at all.
"""

import os
from collections.abc import Iterable
from pathlib import Path

from tui_runner.model.cache import ResolveContext

_MARKS_OF_A_REPOSITORY = (".git", ".hg", ".jj")


def search_path(context: ResolveContext) -> tuple[Path, ...]:
    """Return the directories to look in, nearest first, symbolic links resolved."""
    cwd, root = Path(os.path.realpath(context.cwd)), Path(os.path.realpath(context.root))
    base = root if cwd.is_relative_to(root) else cwd
    top = next((place for place in (base, *base.parents) if _is_repository(place)), base)
    places = (cwd, *cwd.parents)
    return places[: places.index(top) + 1]


def nearest(places: Iterable[Path], names: tuple[str, ...]) -> Path | None:
    """Return the first of the named files in the nearest directory that has one."""
    return next((place / name for place in places for name in names if is_file(place / name)), None)


def is_file(path: Path) -> bool:
    """Tell whether there is a file or a link to one; False where one may not look."""
    return os.path.isfile(path)  # noqa: PTH113 - Path.is_file raises where a directory may not be entered


def relative(directory: Path, start: Path) -> str:
    """Return how package managers name a directory, seen from that of the lock file: with `/`, `.` for itself."""
    return os.path.relpath(directory, start).replace(os.sep, "/")


def _is_repository(place: Path) -> bool:
    return any(os.path.lexists(place / mark) for mark in _MARKS_OF_A_REPOSITORY)
