"""When a line came, in a few cells of fixed width. Pure, but for the local time zone."""

from enum import StrEnum
from time import localtime
from typing import assert_never


class StampMode(StrEnum):
    """What is written in front of each line."""

    NONE = "none"
    ABSOLUTE = "clock time"
    RELATIVE = "since the start"
    DELTA = "since the line before"

    @property
    def next(self) -> "StampMode":
        """The mode a person gets to next."""
        modes = list(StampMode)
        return modes[(modes.index(self) + 1) % len(modes)]

    @property
    def cells(self) -> int:
        """How wide a stamp is."""
        return _CELLS[self]


_CELLS = {StampMode.NONE: 0, StampMode.ABSOLUTE: 12, StampMode.RELATIVE: 12, StampMode.DELTA: 9}


def stamp(mode: StampMode, time: float, since: float) -> str:
    """Return the stamp of a line that came at `time`, as wide as `mode.cells`.

    `since` is what it is relative to: the start, or the time of the line before. Seconds since the epoch, both.
    """
    match mode:
        case StampMode.NONE:
            text = ""
        case StampMode.ABSOLUTE:
            at = localtime(time)
            text = f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}.{int(time % 1 * 1000):03}"
        case StampMode.RELATIVE:
            text = _long(time - since)
        case StampMode.DELTA:
            text = _short(max(0.0, time - since))
        case _:
            assert_never(mode)
    return text[: mode.cells].rjust(mode.cells)


def clock_text(time: float) -> str:
    """Return the local time of day, to the second."""
    at = localtime(time)
    return f"{at.tm_hour:02}:{at.tm_min:02}:{at.tm_sec:02}"


def _long(seconds: float) -> str:
    sign = "-" if seconds < 0 else "+"
    millis = round(abs(seconds) * 1000)
    minutes, millis = divmod(millis, 60_000)
    hours, minutes = divmod(minutes, 60)
    rest = f"{millis // 1000:02}.{millis % 1000:03}"
    return f"{sign}{hours}:{minutes:02}:{rest}" if hours else f"{sign}{minutes}:{rest}"


def _short(seconds: float) -> str:
    if seconds < 100:
        return f"+{seconds:.3f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"+{minutes}m{rest:02}s" if minutes < 60 else f"+{minutes // 60}h{minutes % 60:02}m"
