"""Is git at work in a checkout? A checkout or a rebase of many files is one change, however long it takes."""

import os
import time
from collections.abc import Iterable
from typing import Final

from tui_runner.watching.fingerprint import stat_of

LONGEST_S: Final = 10.0
"""An older lock was left behind by a git that died."""


class GitWork:
    """The locks of the checkouts around some paths. Each question costs a look at one file per checkout."""

    def __init__(self, paths: Iterable[str]) -> None:
        found = (_checkout_of(path) for path in paths)
        self._locks = list(dict.fromkeys(f"{top}/.git/index.lock" for top in found if top))

    def is_under_way(self) -> bool:
        """Tell whether git is changing one of the checkouts right now."""
        for lock in self._locks:
            found = stat_of(lock)
            if found is not None and abs(time.time() - found.st_mtime) < LONGEST_S:
                return True
        return False


def _checkout_of(path: str) -> str | None:
    """Return the directory that holds `.git`, at a path or above it; None outside of checkouts."""
    while True:
        if os.path.isdir(f"{path}/.git"):  # noqa: PTH112 - plain strings
            return path
        above = os.path.dirname(path)  # noqa: PTH120 - plain strings
        if above == path:
            return None
        path = above
