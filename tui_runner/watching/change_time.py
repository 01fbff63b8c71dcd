"""When a file came to be what it is, so that it can be compared with the start of a task. Asks the file system only.

A file's own time of change is not enough: a directory that is moved takes files along that are as old as before. Moving
sets the directory's time of change and not the time of its contents; where these differ, the former counts for all below.
"""

import os
import time

from tui_runner.watching.fingerprint import stat_of


class ChangeTimes:
    """Answers about one moment: directories are asked once. Nanoseconds since the epoch."""

    def __init__(self) -> None:
        self._moved_ns: dict[str, int] = {}

    def of(self, path: str) -> int:
        """Return when a file became what it is now; of one that is gone, when something last left where it was."""
        found = stat_of(path)
        if found is None:
            return _left_ns(path)
        return max(self.of_found(path, found), _link_ns(path))

    def of_found(self, path: str, found: os.stat_result) -> int:
        """Return the same of a file that has just been looked at, and is no link."""
        return max(found.st_ctime_ns, self._moved(_above(path)))

    def _moved(self, directory: str) -> int:
        """Return when a directory, or one above it, was moved last; earlier than that when it is not known."""
        known = self._moved_ns.get(directory)
        if known is None:
            found = stat_of(directory)
            known = 0 if found is None or found.st_ctime_ns == found.st_mtime_ns else found.st_ctime_ns
            above = _above(directory)
            if above != directory:
                known = max(known, self._moved(above))
            self._moved_ns[directory] = known
        return known


def _left_ns(path: str) -> int:
    while (above := _above(path)) != path:
        path = above
        found = stat_of(path)
        if found is not None:
            return found.st_ctime_ns
    return time.time_ns()


def _link_ns(path: str) -> int:
    try:
        return os.lstat(path).st_ctime_ns
    except (OSError, ValueError):
        return 0


def _above(path: str) -> str:
    return path.rpartition("/")[0] or "/"
