"""Who uses the cache at the moment, and what was left unfinished by those who no longer do.

Everybody who reads or writes it holds its lock file shared, whoever removes from it exclusively. So whoever has it
exclusively knows that all unfinished files belong to processes that were killed.
"""

import contextlib
import os
import time
from collections.abc import Iterator
from typing import Final

from tui_runner.caching.cancelling import Cancelled, check_cancelled, never
from tui_runner.caching.directories import make_places
from tui_runner.caching.places import CachePlaces
from tui_runner.caching.store import CacheError
from tui_runner.caching.trouble import cache_error, shown
from tui_runner.caching.unfinished import has_unfinished, sweep_unfinished
from tui_runner.process.file_lock import try_lock

_POLL_S: Final = 0.01
_PATIENCE_S: Final = 30.0
"""Removing what is not needed any more takes seconds at most."""


@contextlib.contextmanager
def in_use(places: CachePlaces, cancelled: Cancelled = never) -> Iterator[None]:
    """Keep everything in the cache from being removed while the block lasts.

    Raises:
        CacheError: the cache cannot be used here, or is being cleared for very long; or `cancelled` while waiting for that.
    """
    make_places(places)
    if has_unfinished(places.unfinished):
        with alone(places, 0) as nobody_else:
            if nobody_else:
                sweep_unfinished(places.unfinished)
    descriptor = _lock(places, shared=True, patience_s=_PATIENCE_S, cancelled=cancelled)
    if descriptor is None:
        raise CacheError(f"{shown(places.directory)} has been locked by another process for {_PATIENCE_S:g} s")
    try:
        yield
    finally:
        os.close(descriptor)


@contextlib.contextmanager
def alone(places: CachePlaces, patience_s: float) -> Iterator[bool]:
    """Keep all others from using the cache while the block lasts; False when they still do after so many seconds.

    Raises:
        CacheError: the cache cannot be used here.
    """
    make_places(places)
    descriptor = _lock(places, shared=False, patience_s=patience_s)
    if descriptor is None:
        yield False
        return
    try:
        yield True
    finally:
        os.close(descriptor)


def _lock(places: CachePlaces, *, shared: bool, patience_s: float, cancelled: Cancelled = never) -> int | None:
    until = time.monotonic() + patience_s
    try:
        while (descriptor := try_lock(places.usage, shared=shared)) is None and time.monotonic() < until:
            check_cancelled(cancelled)
            time.sleep(_POLL_S)
    except OSError as error:
        raise cache_error("lock", places.usage, error) from error
    return descriptor
