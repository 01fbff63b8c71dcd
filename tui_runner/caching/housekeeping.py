"""Collecting by itself, now and then, so that a cache which nobody looks after does not grow for ever."""

import os
import time
from typing import Final

from tui_runner.caching.garbage import collect
from tui_runner.caching.local_store import LocalStore
from tui_runner.caching.store import CacheError

MAX_AGE_S: Final = 30 * 86400.0
"""Results that were of no use for so long go."""
MAX_SIZE_BYTES: Final = 10 * 10**9
"""When there is more, what was of no use for longest goes."""
_EVERY_S: Final = 86400.0
_STAMP: Final = "collected"


def keep_house(store: LocalStore) -> None:
    """Collect when that was last done a day ago or longer, and nobody uses the cache. Blocks; trouble is left alone."""
    stamp = store.places.directory / _STAMP
    try:
        if abs(time.time() - stamp.stat().st_mtime) < _EVERY_S:
            return
    except FileNotFoundError:
        pass  # never yet
    except OSError:
        return
    try:
        os.close(os.open(stamp, os.O_WRONLY | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600))
        os.utime(stamp)
        collect(store, MAX_AGE_S, MAX_SIZE_BYTES, patience_s=0)
    except (OSError, CacheError):
        return
