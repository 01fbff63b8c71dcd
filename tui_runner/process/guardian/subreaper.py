"""Make this process a child subreaper: orphans below it become its children instead of escaping. Linux only."""

from __future__ import annotations

import sys

_PR_SET_CHILD_SUBREAPER = 36


def become_subreaper() -> bool:
    """Return whether it worked; elsewhere than on Linux it cannot."""
    if sys.platform != "linux":
        return False
    try:
        # What `ctypes.CDLL(None).prctl` does, without the 3 ms of importing `ctypes`.
        import _ctypes

        address = _ctypes.dlsym(_ctypes.dlopen(None, 0), "prctl")  # type: ignore[arg-type]  # None: this program
        return bool(_ctypes.call_function(address, (_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)) == 0)
    except (ImportError, AttributeError, TypeError):
        import ctypes

        return bool(ctypes.CDLL(None).prctl(_PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) == 0)
