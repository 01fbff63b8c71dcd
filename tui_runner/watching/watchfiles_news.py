"""News of directories by `watchfiles`, for systems other than Linux.

What it cannot do is made up for: names that are no text and lost news have everything looked at; a changed set of
directories is watched anew as a whole.
"""

import os
import sys
from typing import TYPE_CHECKING, Final

from tui_runner.watching.interrupt import Interrupt
from tui_runner.watching.news import LONGEST_MS, QUIET_MS, Heard, Identity

if TYPE_CHECKING:
    from watchfiles._rust_notify import RustNotify

_MOST_TRIES: Final = 5
_MODIFIED: Final = 2
_RECURSIVE: Final = sys.platform == "darwin"
"""Where the system watches whole trees by itself, one watch per directory would be the expensive way."""


class WatchfilesNews:
    """A native watcher that is made anew whenever directories come or go."""

    def __init__(self, *, recursive: bool = _RECURSIVE) -> None:
        self._recursive = recursive
        self._wanted: dict[str, Identity] = {}
        self._watched: dict[str, Identity] | None = None
        """None while nothing is watched."""
        self._notify: RustNotify | None = None

    def follow(self, directory: str, identity: Identity) -> None:
        """Tell of this directory from the next `settle` on."""
        self._wanted[directory] = identity

    def keep_only(self, directories: dict[str, Identity]) -> None:
        """Tell nothing more of others than these, from the next `settle` on."""
        self._wanted = {path: identity for path, identity in self._wanted.items() if path in directories}

    def settle(self) -> bool:
        """Watch what is wanted; tell whether that is something new."""
        if self._watched == self._wanted:
            return False
        self.close()
        listed = self._listed()
        for _ in range(_MOST_TRIES):
            if self._watch(listed):
                self._watched = dict(self._wanted)
                return True
            listed = [path for path in listed if os.path.isdir(path)]  # noqa: PTH112 - plain strings
        raise FileNotFoundError("directories come and go too fast to be watched")

    def wait(self, seconds: float, interrupt: Interrupt) -> Heard:
        """Wait for news; it takes one to two quiet moments until they come."""
        if self._notify is None:
            return Heard(lost=not interrupt.wait(seconds))
        try:
            news = self._notify.watch(LONGEST_MS, QUIET_MS, round(seconds * 1000), interrupt)
        except RuntimeError as error:
            self.close()
            if "decode" not in str(error):
                raise OSError(str(error)) from error
            return Heard(lost=True)  # a name that is no text ends the native watcher
        if isinstance(news, str):
            return Heard()
        replaced = any(kind != _MODIFIED and path in self._wanted for kind, path in news)
        if replaced:  # its watch may be dead, even when what is there now looks the same
            self._watched = None
        return Heard(paths=frozenset(path for _, path in news), lost=replaced)

    def close(self) -> None:
        """Let go of everything. Idempotent."""
        self._watched = None
        if self._notify is not None:
            self._notify.close()
            self._notify = None

    def _watch(self, listed: list[str]) -> bool:
        from watchfiles._rust_notify import RustNotify  # noqa: PLC0415 - only where something is watched

        try:
            self._notify = RustNotify(listed, False, False, 0, self._recursive, False)
        except FileNotFoundError:
            return False
        return True

    def _listed(self) -> list[str]:
        """Return directories the native watcher can be given: it takes text only, and needs permission to read."""
        readable = [path for path in self._wanted if path.isprintable() or _is_text(path)]
        readable = [path for path in readable if os.access(path, os.R_OK | os.X_OK)]
        if not self._recursive:
            return readable
        known = set(readable)
        return [path for path in readable if path.rpartition("/")[0] not in known]


def _is_text(path: str) -> bool:
    try:
        path.encode()
    except UnicodeEncodeError:
        return False
    return True
