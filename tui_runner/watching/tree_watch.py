"""The blocking half of file watching: directories that matter, news of them, real changes.

Lives in one thread at a time. The truth is what a look at the disk says; news only tell where to look, because some of
them get lost. Only directories that can hold watched files are asked about, so that `node_modules` does not use up the
system's watches.
"""

import os
import stat
import time
from collections.abc import Callable, Iterable
from typing import Final

from tui_runner.watching.change_time import ChangeTimes
from tui_runner.watching.fingerprint import Fingerprints, stat_of
from tui_runner.watching.ignore import GITIGNORE
from tui_runner.watching.interrupt import Interrupt
from tui_runner.watching.limits import limit_message
from tui_runner.watching.news import Heard, Identity, News, open_news
from tui_runner.watching.polling import Polling
from tui_runner.watching.routing import Routing

_TIMEOUT_S: Final = 1.0
"""How often replaced directories and ignore files above are looked for."""
_MANY_PATHS: Final = 4096
"""With so many news at once it is quicker to look everywhere."""
_MOST_LOOKS: Final = 5
_READ_AT_ONCE_S: Final = 0.05
_READ_IDLE_S: Final = 0.02

_Stamp = tuple[int, int, int, int]
"""Device, inode, size in bytes, time of the last change in nanoseconds."""
_Visit = Callable[[str, os.stat_result], None]


class TreeWatch:
    """Watches everything a routing wants. Not thread-safe; `interrupt` may be set from anywhere."""

    def __init__(
        self,
        routing: Routing,
        interrupt: Interrupt,
        *,
        since_ns: int | None = None,
        news: Callable[[], News] = open_news,
    ) -> None:
        """`interrupt`, once set, makes every call return soon.

        What changed after `since_ns`, in nanoseconds since the epoch, and before the first look, counts as changed;
        with None nothing does.
        """
        self.problem: str | None = None
        """Something people should know, to be taken away by whoever tells them."""
        self._routing = routing
        self._interrupt = interrupt
        self._since_ns = since_ns
        self._open_news = news
        self._files = Fingerprints()
        self._directories: dict[str, Identity] = {}
        self._anchors: dict[str, Identity | None] = {}
        """Watched paths that are directories or missing, and the directories of the others: looked at each second."""
        self._ways: set[str] = set()
        """Missing paths on the way to watched ones."""
        self._ignore_files: dict[str, _Stamp | None] = dict.fromkeys(routing.ignore_files_above)
        """Those above what is watched, where no news come from: looked at whenever there are others, and each second."""
        self._news: News | None = None
        self._looked_s = 0.0
        """When anchors were looked at last."""
        self._polling = Polling.wanted(routing.bases)
        """How to go on without news; None while there are some."""

    @property
    def directories(self) -> frozenset[str]:
        """Everything that is watched, and not what lies below."""
        return frozenset(self._directories)

    @property
    def polls(self) -> bool:
        """Tell whether it looks again and again because the system gives no news."""
        return self._polling is not None

    def open(self) -> list[str]:
        """Look at everything for the first time and begin to watch; return files that changed since `since_ns`.

        Raises:
            OSError: the system's news could not be had.
        """
        self._read_changed_ignore_files()
        self._begin_news()
        early: list[str] = []
        times = ChangeTimes()

        def visit(path: str, found: os.stat_result) -> None:
            self._files.remember(path, found)
            if self._since_ns is not None and times.of_found(path, found) > self._since_ns:
                early.append(path)

        self._look(visit)
        changed = self.look_again() if self._settle() else []
        self._files.read_some(_READ_AT_ONCE_S)
        return list(dict.fromkeys(early + changed))

    def wait(self, seconds: float = _TIMEOUT_S) -> list[str]:
        """Wait so long at most, longer where it polls, and return files that really changed; empty when there are none.

        Raises:
            OSError: the news broke; `close`, then `look_again` watches anew.
        """
        if self._polling is not None:
            return self._poll(self._polling)
        if self._news is None:
            return self.look_again()
        heard = self._news.wait(seconds, self._interrupt)
        if self._interrupt.is_set() and not heard.paths:
            return []
        if not heard.paths:
            self._files.read_some(_READ_IDLE_S)
        if heard.lost or len(heard.paths) > _MANY_PATHS or self._moved(heard):
            changed = self._examine(heard.paths) if len(heard.paths) <= _MANY_PATHS else []
            return list(dict.fromkeys(changed + self.look_again()))
        return self._examine(heard.paths)

    def look_again(self) -> list[str]:
        """Look at everything, watch the directories that are there now, and return files that changed since the last look."""
        self._begin_news()
        changed: list[str] = []
        for _ in range(_MOST_LOOKS):
            changed += self._look_for_changes()
            if self._interrupt.is_set() or not self._settle():
                break
        return list(dict.fromkeys(changed))

    def close(self) -> None:
        """Stop watching. Idempotent."""
        if self._news is not None:
            self._news.close()
            self._news = None

    # -- news -------------------------------------------------------------------------------------------------

    def _begin_news(self) -> None:
        if self._polling is not None or self._news is not None:
            return
        try:
            self._news = self._open_news()
        except Exception as error:
            if not self._falls_back(error):
                raise

    def _follow(self, directory: str) -> None:
        identity = _identity(directory)
        if identity is None:
            return
        self._directories[directory] = identity
        if self._news is None:
            return
        try:
            self._news.follow(directory, identity)
        except OSError as error:
            if not self._falls_back(error):
                raise

    def _settle(self) -> bool:
        """Have the news go on for what is there now; tell whether all has to be looked at once more."""
        if self._news is None:
            return False
        self._news.keep_only(self._directories)
        try:
            return self._news.settle()
        except Exception as error:
            if not self._falls_back(error):
                raise
            return False

    def _falls_back(self, error: Exception) -> bool:
        """Go on without news when a limit of the system is the reason that there are none."""
        message = limit_message(error)
        if message is None:
            return False
        self.problem = message
        self.close()
        self._polling = Polling.because_of_limits()
        return True

    def _poll(self, polling: Polling) -> list[str]:
        """Wait a while and look at everything."""
        self._interrupt.wait(polling.pause_s)
        if self._interrupt.is_set():
            return []
        self._read_changed_ignore_files()
        if polling.may_try_news():
            self._polling = None
            return self.look_again()
        begun = time.monotonic()
        changed = self._look_for_changes()
        polling.looked(time.monotonic() - begun)
        self._files.read_some(_READ_IDLE_S)
        return changed

    # -- looking ----------------------------------------------------------------------------------------------

    def _moved(self, heard: Heard) -> bool:
        """Tell whether rules changed, or a watched path appeared, went away or was replaced."""
        if any(path.rpartition("/")[2] == GITIGNORE for path in heard.paths):
            self._routing.forget_ignore_files()
            return True
        if self._read_changed_ignore_files():
            return True
        if not self._ways.isdisjoint(heard.paths) or not heard.paths.isdisjoint(self._anchors):
            return self._anchors_moved() or not self._ways.isdisjoint(heard.paths)
        now = time.monotonic()
        if now - self._looked_s < _TIMEOUT_S and heard.paths:
            return False
        self._looked_s = now
        return self._anchors_moved()

    def _examine(self, paths: Iterable[str]) -> list[str]:
        """Return the files that really changed; go into directories that came, leave those that went."""
        changed: list[str] = []
        came: list[str] = []
        for path in paths:
            found = stat_of(path)
            is_directory = found is not None and stat.S_ISDIR(found.st_mode)
            if path in self._directories and _identity(path) != self._directories[path]:
                changed += self._leave(path)
            if is_directory:
                if path not in self._directories and self._routing.enters(path) and not os.path.islink(path):  # noqa: PTH114 - plain strings
                    came.append(path)
            elif (path in self._files or self._routing.wants(path)) and self._files.has_changed(path):
                changed.append(path)
        return list(dict.fromkeys(changed + self._enter(came)))

    def _enter(self, tops: list[str]) -> list[str]:
        """Look at directories that were not there before; return files in them."""
        if not tops:
            return []
        changed: list[str] = []

        def visit(path: str, _found: os.stat_result) -> None:
            if self._files.has_changed(path, trust_times=True):
                changed.append(path)

        for top in tops:
            self._walk(top, visit)
        return changed + self.look_again() if self._settle() else changed

    def _leave(self, top: str) -> list[str]:
        """Forget a directory that is gone, or another one now; return files that went with it."""
        below = top + "/"
        for path in [path for path in self._directories if path == top or path.startswith(below)]:
            del self._directories[path]
        if self._news is not None:
            self._news.keep_only(self._directories)
        return [path for path in self._files.paths if path.startswith(below) and self._files.has_changed(path)]

    def _read_changed_ignore_files(self) -> bool:
        """Have the rules read anew if one of the ignore files above has changed; tell whether it has."""
        now = {path: _stamp(path) for path in self._ignore_files}
        if now == self._ignore_files:
            return False
        self._ignore_files = now
        self._routing.forget_ignore_files()
        return True

    def _look_for_changes(self) -> list[str]:
        found_now: set[str] = set()
        changed: list[str] = []

        def visit(path: str, _found: os.stat_result) -> None:
            found_now.add(path)
            if self._files.has_changed(path, trust_times=True):
                changed.append(path)

        self._look(visit)
        if not self._interrupt.is_set():
            changed += [path for path in self._files.paths if path not in found_now and self._files.has_changed(path)]
        return changed

    def _look(self, visit: _Visit) -> None:
        """Walk everything that matters: note directories, show files."""
        self._looked_s = time.monotonic()
        self._directories.clear()
        self._anchors.clear()
        self._ways.clear()
        for base in self._routing.bases:
            found = stat_of(base)
            if found is not None and stat.S_ISDIR(found.st_mode):
                self._anchors[base] = (found.st_dev, found.st_ino)
                self._walk(base, visit)
                continue
            if found is None:
                self._anchors[base] = None
            elif stat.S_ISREG(found.st_mode):
                visit(base, found)
            # A file is watched through its directory: editors replace files instead of writing them.
            parent = os.path.dirname(base)  # noqa: PTH120 - plain strings
            while not os.path.isdir(parent):  # noqa: PTH112 - plain strings
                self._ways.add(parent)
                parent = os.path.dirname(parent)  # noqa: PTH120 - plain strings
            self._anchors[parent] = _identity(parent)
            self._follow(parent)

    def _walk(self, top: str, visit: _Visit) -> None:
        waiting = [top]
        while waiting and not self._interrupt.is_set():
            directory = waiting.pop()
            self._follow(directory)  # first: what comes while it is read is told
            try:
                with os.scandir(directory) as entries:
                    listed = list(entries)
            except OSError:
                self._directories.pop(directory, None)
                continue
            for entry in listed:
                if entry.is_dir(follow_symlinks=False):
                    if entry.path not in self._directories and self._routing.enters(entry.path):
                        waiting.append(entry.path)
                elif entry.path in self._files or self._routing.wants(entry.path):
                    found = stat_of(entry.path)
                    if found is not None and stat.S_ISREG(found.st_mode):
                        visit(entry.path, found)

    def _anchors_moved(self) -> bool:
        """Tell whether a watched path appeared, went away or was replaced: its watch is dead then."""
        return any(_identity(path) != known for path, known in self._anchors.items())


def _identity(path: str) -> Identity | None:
    found = stat_of(path)
    return None if found is None else (found.st_dev, found.st_ino)


def _stamp(path: str) -> _Stamp | None:
    found = stat_of(path)
    return None if found is None else (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)
