"""Amounts of bytes, as users write them and as they are shown. Pure."""

import re

_PATTERN = r"\s*(\d+(?:\.\d+)?)\s*([kmgt]?)(i?)b?\s*"
_UNITS = ("", "k", "m", "g", "t")


def parse_size(value: str) -> int:
    """Return the bytes that a text such as `500MB`, `2 GiB` or `1048576` means.

    Raises:
        ValueError: it means none.
    """
    match = re.fullmatch(_PATTERN, value, re.IGNORECASE)
    if match is None:
        raise ValueError(f"`{value}` is not a size: give bytes, or a text such as 500MB, 2GiB")
    return int(float(match[1]) * (1024 if match[3] else 1000) ** _UNITS.index(match[2].lower()))


def format_size(size: int) -> str:
    """Return a short text for people: `0 B`, `812 kB`, `3.4 MB`."""
    if size < 1000:
        return f"{size} B"
    amount = float(size)
    for unit in ("kB", "MB", "GB"):
        amount /= 1000
        if amount < 999.5:
            return f"{amount:.1f} {unit}" if amount < 9.95 else f"{amount:.0f} {unit}"
    return f"{amount / 1000:.1f} TB"
