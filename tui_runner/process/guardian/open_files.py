"""The limit of open files of this process: as high as it may be for ourselves, unchanged for our children.

Little of the standard library only: the guardian starts with it.
"""

from __future__ import annotations

import resource

_WANTED = (65536, 10240)
"""Macs have a limit beside the hard one and refuse more than that; the second is what they always take."""


def limits() -> tuple[int, int]:
    """Return the soft and the hard limit."""
    return resource.getrlimit(resource.RLIMIT_NOFILE)


def raise_limit() -> tuple[int, int]:
    """Raise the soft limit as far as it makes sense; return the limits that hold now. Children inherit them."""
    soft, hard = before = limits()
    for wanted in _WANTED:
        most = wanted if hard == resource.RLIM_INFINITY else min(hard, wanted)
        if soft == resource.RLIM_INFINITY or soft >= most:
            return before
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))
        except (OSError, ValueError):
            continue
        return (most, hard)
    return before


def set_limits(wanted: tuple[int, int]) -> None:
    """Put limits back that held before."""
    resource.setrlimit(resource.RLIMIT_NOFILE, wanted)
