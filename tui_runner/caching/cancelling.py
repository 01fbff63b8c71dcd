"""Giving up work on files in the middle, because nobody wants its result any more."""

from collections.abc import Callable

from tui_runner.caching.store import CacheError

Cancelled = Callable[[], bool]
"""Tells whether the work is to be given up. Called from any thread, often."""


def never() -> bool:
    """Tell that work is to be done to its end."""
    return False


def check_cancelled(cancelled: Cancelled) -> None:
    """Go no further when that is so.

    Raises:
        CacheError: it was cancelled.
    """
    if cancelled():
        raise CacheError("it was cancelled")
