"""Times as people type them. Pure, but for the local time zone."""

import re
from time import localtime, mktime, struct_time

_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(\.\d+)?)?", re.ASCII)
_AGO = re.compile(r"-?\s*(\d+(?:\.\d+)?)\s*(ms|s|m|min|h|d)(?:\s+ago)?", re.ASCII)
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0, "d": 86400.0}
_DAY_S = 86400.0


def moment(text: str, now: float) -> float | None:
    """Return the time somebody means, in seconds since the epoch; None when it is none.

    `14:03`, `14:03:05` and `14:03:05.250` are the latest such time of day that is not after `now`; `5m`, `-90s` and `2h ago`
    count back from `now`.
    """
    text = text.strip().lower()
    if match := _AGO.fullmatch(text):
        return now - float(match[1]) * _UNITS[match[2]]
    if (match := _CLOCK.fullmatch(text)) is None:
        return None
    hour, minute, second = int(match[1]), int(match[2]), int(match[3] or 0)
    if hour > 23 or minute > 59 or second > 59:
        return None
    today = localtime(now)
    parts = (today.tm_year, today.tm_mon, today.tm_mday, hour, minute, second, 0, 0, -1)
    at = mktime(struct_time(parts)) + float(match[4] or 0)
    return at if at <= now else at - _DAY_S
