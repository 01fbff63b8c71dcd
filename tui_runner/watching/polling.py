"""When the system gives no news of changes: how often to look instead. The words of the environment are read here."""

import os
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Final, Self

from tui_runner.model.duration import parse_duration

VARIABLE: Final = "TUI_RUNNER_WATCH_POLL"
"""How often to look, such as `1s`; `0` never looks instead of listening; without it the file systems decide."""
_FOREIGN_VARIABLE: Final = "WATCHFILES_FORCE_POLLING"
_PAUSE_S: Final = 1.0
_SHARE: Final = 20
"""Looking takes at most one part of this many of a processor."""
_TRY_AGAIN_S: Final = 30.0
_MOUNTS: Final = Path("/proc/self/mounts")
_WRITTEN_BY_A_HOST: Final = frozenset({"vboxsf", "prl_fs", "fuse.vmhgfs-fuse"})
"""Directories of the machine around a virtual one: what its editors write is not noticed in here."""
_WRITTEN_BY_WINDOWS: Final = frozenset({"9p", "drvfs", "v9fs"})


class Polling:
    """How long to pause between two looks."""

    def __init__(self, pause_s: float, *, try_again_at_s: float | None = None) -> None:
        """`try_again_at_s` is the monotonic time from which on there may be news again; None means never."""
        self._least_s = pause_s
        self.pause_s = pause_s
        """Seconds until the next look; the larger the tree, the longer."""
        self._try_again_at_s = try_again_at_s

    @classmethod
    def wanted(cls, bases: Iterable[str]) -> Self | None:
        """Return how to poll where the system gives no news of these paths, or the user says so; None elsewhere."""
        wish = os.environ.get(VARIABLE, "")
        if wish:
            pause_s = _seconds(wish)
            return cls(pause_s) if pause_s else None
        wish = os.environ.get(_FOREIGN_VARIABLE, "").lower()
        if wish:
            return None if wish in {"false", "disable", "disabled"} else cls(_PAUSE_S)
        mounts = _mounts()
        silent = _silent_kinds()
        return cls(_PAUSE_S) if any(_kind_of(base, mounts) in silent for base in bases) else None

    @classmethod
    def because_of_limits(cls) -> Self:
        """Return how to poll until a limit of the system was raised."""
        return cls(_PAUSE_S, try_again_at_s=time.monotonic() + _TRY_AGAIN_S)

    def looked(self, took_s: float) -> None:
        """Note how long a look took."""
        self.pause_s = max(self._least_s, _SHARE * took_s)

    def may_try_news(self) -> bool:
        """Tell whether it is time to see if the system gives news again."""
        return self._try_again_at_s is not None and time.monotonic() >= self._try_again_at_s


def _seconds(wish: str) -> float:
    """Return the seconds of a duration; a number without a unit is seconds, and what cannot be read is the usual pause."""
    try:
        return parse_duration(float(wish) if wish.replace(".", "", 1).isdigit() else wish)
    except ValueError:
        return _PAUSE_S


def _silent_kinds() -> frozenset[str]:
    under_windows = "microsoft" in os.uname().release.lower()
    return _WRITTEN_BY_A_HOST | _WRITTEN_BY_WINDOWS if under_windows else _WRITTEN_BY_A_HOST


def _mounts() -> list[tuple[str, str]]:
    """Return mount points and their kinds of file system."""
    try:
        lines = _MOUNTS.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []
    fields = [line.split(" ") for line in lines]
    return [(field[1].replace("\\040", " "), field[2]) for field in fields if len(field) > 2]


def _kind_of(path: str, mounts: list[tuple[str, str]]) -> str:
    """Return the kind of the file system that a path lies on; empty when it is unknown."""
    found = ("", "")
    for point, kind in mounts:
        below = point if point.endswith("/") else point + "/"
        if (path == point or path.startswith(below)) and len(point) >= len(found[0]):
            found = (point, kind)
    return found[1]
