"""Durations as users write them: seconds, or strings such as `"500ms"`, `"30s"`, `"2m"`.

Pure. Definitions hold plain seconds afterwards.
"""

import math
import re

DURATION_FORMS = "a number of seconds or a string such as 500ms, 30s, 2m, 1h, 7d"
"""What a duration may be, for messages."""

_PATTERN = r"\s*(\d+(?:\.\d+)?)\s*(ms|s|m|h|d)\s*"
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0, "d": 86400.0}

Duration = float | int | str
"""Seconds, or a string with a unit."""


def parse_duration(value: Duration) -> float:
    """Return the duration in seconds.

    Raises:
        ValueError: it is not a finite, non-negative duration.
    """
    refused = ValueError(f"`{value}` is not a duration: give {DURATION_FORMS}")
    if isinstance(value, str):
        match = re.fullmatch(_PATTERN, value)
        if match is None:
            raise refused
        seconds = float(match[1]) * _SECONDS[match[2]]
    elif isinstance(value, bool) or not isinstance(value, int | float):
        raise refused
    else:
        try:
            seconds = float(value)
        except OverflowError:
            raise refused from None
    if not math.isfinite(seconds) or seconds < 0:
        raise refused
    return seconds


def format_duration(seconds: float) -> str:
    """Return a short text for people: `340 ms`, `1.2 s`, `2 m 05 s`, `1 h 02 m`."""
    if seconds < 0.9995:
        return f"{seconds * 1000:.0f} ms"
    if seconds < 59.95:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    if minutes < 60:
        return f"{minutes} m {rest:02d} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes:02d} m"
