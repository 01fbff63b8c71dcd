"""Which modes of a terminal a program has switched on or off, found in what it printed without understanding the rest. Pure.

For output that is too long to be shown again: a program says once that it wants the whole screen or the mouse.
"""

import re
from typing import Final

_CHANGE: Final = re.compile(rb"\x1b(?:\[\?[0-9;]{1,40}[hl]|[=>]|c)")
_LONGEST: Final = 44
_RESET: Final = b"\x1bc"
_MOST: Final = 4096
"""Different changes that are kept: there are some fifty modes, and programs may print anything."""


class ModeChanges:
    """Takes output piece by piece."""

    def __init__(self) -> None:
        self._tail = b""
        self._changes: dict[bytes, None] = {}
        """The latest of each, in order."""

    def take(self, data: bytes) -> None:
        """Take more of the output; a sequence may be cut between two pieces."""
        text = self._tail + data
        end = 0
        for found in _CHANGE.finditer(text):
            end = found.end()
            self._note(found[0])
        rest = text[end:]
        cut = rest.rfind(b"\x1b", -_LONGEST)
        self._tail = rest[cut:] if cut >= 0 else b""

    def _note(self, change: bytes) -> None:
        if change == _RESET or len(self._changes) > _MOST:
            self._changes.clear()
        self._changes.pop(change, None)
        self._changes[change] = None

    @property
    def sequences(self) -> bytes:
        """What brings a terminal into the same modes."""
        return b"".join(self._changes)
