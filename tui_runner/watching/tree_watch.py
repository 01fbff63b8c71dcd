"""The blocking half of file watching: directories that matter, the operating system's news of them, real changes.

Lives in one thread at a time. The truth is what a look at the disk says; news of the operating system only tell where
to look, because some of them get lost: in directories that were just made, and when too many come at once. Only
directories that can hold watched files are asked about, so that `node_modules` does not use up the system's watches.
"""

import os
import stat
import sys
import threading
import time
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final

from tui_runner.watching.fingerprint import Fingerprints, stat_of
from tui_runner.watching.ignore import GITIGNORE
from tui_runner.watching.limits import limit_message
from tui_runner.watching.routing import Routing

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

STEP_MS: Final = 50
"""How often the native watcher looks at its queue. News come one to two steps after the last new path."""
_BATCH_MS: Final = 400
_TIMEOUT_MS: Final = 1000
"""How often missing and replaced directories are looked for."""
_POLL_S: Final = 1.0
_POLL_SHARE: Final = 20
"""Where the system gives no news, looking takes at most one part of this many of a processor."""
_MANY_PATHS: Final = 4096
"""With so many news at once some may be lost: look everywhere."""
_MOST_LOOKS: Final = 5
_READ_AT_ONCE_S: Final = 0.05
_READ_IDLE_S: Final = 0.02
_RECURSIVE: Final = sys.platform == "darwin"
"""Where the system watches whole trees by itself, one watch per directory would be the expensive way."""

_Identity = tuple[int, int]
_Stamp = tuple[int, int, int, int]
"""Device, inode, size in bytes, time of the last change in nanoseconds."""
_Visit = Callable[[str, os.stat_result], None]


class TreeWatch:
    """Watches everything a routing wants. Not thread-safe; `interrupt` may be set from anywhere."""

    def __init__(self, routing: Routing, interrupt: threading.Event, *, recursive: bool = _RECURSIVE) -> None:
        """`interrupt`, once set, makes every call return soon."""
        self.problem: str | None = None
        """Something people should know, to be taken away by whoever tells them."""
        self._routing = routing
        self._interrupt = interrupt
        self._recursive = recursive
        self._files = Fingerprints()
        self._directories: dict[str, _Identity] = {}
        self._anchors: dict[str, _Identity | None] = {}
        """Watched paths that are directories or missing, and the directories of the others: looked at each second."""
        self._ignore_files: dict[str, _Stamp | None] = dict.fromkeys(routing.ignore_files_above)
        """Those above what is watched, where no news come from: looked at each second, too."""
        self._notify: RustNotify | None = None
        self._polling = _wants_polling(routing.bases)
        """The system gives no news here: look at everything again and again."""
        self._poll_s = _POLL_S

    def open(self) -> list[str]:
        """Look at everything for the first time and begin to watch; return files that changed since the look began.

        Raises:
            Exception: the native watcher could not be started.
        """
        self._read_changed_ignore_files()
        self._look(self._files.remember)
        self._watch_directories()
        changed = self.look_again()
        self._files.read_some(_READ_AT_ONCE_S)
        return changed

    def wait(self) -> list[str]:
        """Wait up to a second and return files that really changed; empty when there are none.

        Raises:
            Exception: the native watcher broke; `close`, then `look_again` watches anew.
        """
        if self._polling:
            return self._poll()
        if self._notify is None:
            return self.look_again()
        try:
            news = self._notify.watch(_BATCH_MS, STEP_MS, _TIMEOUT_MS, self._interrupt)
        except RuntimeError as error:
            if "decode" not in str(error):
                raise
            self.close()  # a name that is no text ends the native watcher; the disk tells what happened
            return self.look_again()
        rules_changed = self._read_changed_ignore_files()
        if isinstance(news, str):
            self._files.read_some(_READ_IDLE_S)
            return self.look_again() if rules_changed or self._anchors_moved() else []
        changed, structure = self._examine({path for _, path in news})
        return changed + self.look_again() if structure or rules_changed else changed

    def _poll(self) -> list[str]:
        """Wait a while and look at everything; the larger the tree, the longer the while."""
        self._interrupt.wait(self._poll_s)
        self._read_changed_ignore_files()
        begun = time.monotonic()
        changed = [] if self._interrupt.is_set() else self._look_for_changes()
        self._poll_s = max(_POLL_S, _POLL_SHARE * (time.monotonic() - begun))
        self._files.read_some(_READ_IDLE_S)
        return changed

    def look_again(self) -> list[str]:
        """Look at everything, watch the directories that are there now, and return files that changed since the last look."""
        changed: list[str] = []
        for _ in range(_MOST_LOOKS):
            before = dict(self._directories)
            changed += self._look_for_changes()
            if self._polling or (self._notify is not None and before == self._directories):
                break
            self._watch_directories()  # and look once more: something may have happened before the watch was in place
        return list(dict.fromkeys(changed))

    def close(self) -> None:
        """Stop watching. Idempotent."""
        if self._notify is not None:
            self._notify.close()
            self._notify = None

    def _examine(self, paths: Iterable[str]) -> tuple[list[str], bool]:
        """Return the files that really changed, and whether directories came or went."""
        listed = list(paths)
        if len(listed) > _MANY_PATHS:
            return [], True
        changed: list[str] = []
        structure = False
        for path in listed:
            name = path.rpartition("/")[2]
            if path in self._directories or path in self._anchors:
                structure = structure or _identity(path) != self._directories.get(path, self._anchors.get(path))
            if name == GITIGNORE:
                self._routing.forget_ignore_files()
                structure = True
            found = stat_of(path)
            if found is not None and stat.S_ISDIR(found.st_mode):
                structure = structure or (path not in self._directories and self._routing.enters(path))
            elif (path in self._files or self._routing.wants(path)) and self._files.has_changed(path):
                changed.append(path)
        return changed, structure

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
        self._directories.clear()
        self._anchors.clear()
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
            self._anchors[parent] = _identity(parent)
            self._add_directory(parent)

    def _walk(self, top: str, visit: _Visit) -> None:
        waiting = [top]
        while waiting and not self._interrupt.is_set():
            directory = waiting.pop()
            self._add_directory(directory)
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

    def _add_directory(self, directory: str) -> None:
        identity = _identity(directory)
        if identity is not None:
            self._directories[directory] = identity

    def _anchors_moved(self) -> bool:
        """Tell whether a watched path appeared, went away or was replaced: its watch is dead then."""
        return any(_identity(path) != known for path, known in self._anchors.items())

    def _watch_directories(self) -> None:
        from watchfiles._rust_notify import RustNotify  # noqa: PLC0415 - only where something is watched

        self.close()
        if self._polling:
            return
        listed = self._to_watch()
        for _ in range(_MOST_LOOKS):
            try:
                self._notify = RustNotify(listed, False, False, 0, self._recursive, False)
            except FileNotFoundError:
                listed = [path for path in listed if os.path.isdir(path)]  # noqa: PTH112 - plain strings
            except Exception as error:
                self.problem = limit_message(error)
                if self.problem is None:
                    raise
                self._polling = True
                return
            else:
                return
        raise FileNotFoundError("directories come and go too fast to be watched")

    def _to_watch(self) -> list[str]:
        """Return directories the native watcher can be given: it takes text only, and needs permission to read."""
        readable = [path for path in self._directories if path.isprintable() or _is_text(path)]
        readable = [path for path in readable if os.access(path, os.R_OK | os.X_OK)]
        if not self._recursive:
            return readable
        known = set(readable)
        return [path for path in readable if path.rpartition("/")[0] not in known]


def _identity(path: str) -> _Identity | None:
    found = stat_of(path)
    return None if found is None else (found.st_dev, found.st_ino)


def _stamp(path: str) -> _Stamp | None:
    found = stat_of(path)
    return None if found is None else (found.st_dev, found.st_ino, found.st_size, found.st_mtime_ns)


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True


def _wants_polling(bases: Iterable[str]) -> bool:
    """Tell whether the system gives no news of these paths: by the user's word, and on Windows drives seen from Linux."""
    wish = os.environ.get("WATCHFILES_FORCE_POLLING", "").lower()
    if wish:
        return wish not in {"false", "disable", "disabled"}
    return "microsoft" in os.uname().release.lower() and any(base.startswith("/mnt/") for base in bases)
