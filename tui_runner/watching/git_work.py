"""Is git at work in a checkout? A checkout or a rebase of many files is one change, however long it takes."""

import os
import time
from collections.abc import Iterable
from typing import Final

from tui_runner.watching.fingerprint import stat_of

_PREFIX: Final = "gitdir:"
_MOST_BYTES: Final = 8192


class GitWork:
    """The locks of the checkouts around some paths. Each question costs a look at one file per checkout."""

    def __init__(self, paths: Iterable[str]) -> None:
        found = (_git_directory_of(path) for path in paths)
        self._locks = list(dict.fromkeys(f"{directory}/index.lock" for directory in found if directory))

    def lock_age_s(self) -> float | None:
        """Return how long git has been changing one of the checkouts, or since when a dead one left its lock; None: not."""
        now = time.time()
        ages = [abs(now - found.st_mtime) for found in map(stat_of, self._locks) if found is not None]
        return min(ages, default=None)


def _git_directory_of(path: str) -> str | None:
    """Return where git keeps the index of the checkout around a path; None outside of checkouts."""
    while True:
        own = f"{path}/.git"
        if os.path.isdir(own):  # noqa: PTH112 - plain strings
            return own
        named = _named_in(own)
        if named is not None:
            return os.path.join(path, named)  # noqa: PTH118 - the same
        above = os.path.dirname(path)  # noqa: PTH120 - the same
        if above == path:
            return None
        path = above


def _named_in(file: str) -> str | None:
    """Return the directory that the `.git` file of a worktree or submodule names; None when it is no such file."""
    try:
        if not os.path.isfile(file):  # noqa: PTH113 - the same
            return None
        with open(file, "rb") as opened:  # noqa: PTH123 - the same
            text = os.fsdecode(opened.read(_MOST_BYTES))
    except OSError:
        return None
    named = text.partition("\n")[0].removeprefix(_PREFIX).strip()
    return named if text.startswith(_PREFIX) and "\0" not in named else None
