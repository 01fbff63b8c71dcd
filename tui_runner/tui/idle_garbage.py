"""Garbage is looked for when nobody types: what covered the screen and was left takes longer than a key may.

Collects garbage and nothing else. Reference counts free nearly all there is; what is left are screens, thousands of objects
each. The youngest generation is looked at as always; the middle one is where the latest screens are found; full collections,
which look at everything, are for what was old when it was left, such as panes, and are rare.
"""

import asyncio
import gc
from collections.abc import Callable
from time import monotonic
from typing import Final

from textual.geometry import Region

IDLE_S: Final = 0.7
"""Who has typed nothing for so long has seen what the last key did, and reads it."""
_CACHES: Final = (
    Region.contains_region,
    Region.grow,
    Region.intersection,
    Region.overlaps,
    Region.shrink,
    Region.split,
    Region.split_horizontal,
    Region.split_vertical,
    Region.translate,
    Region.union,
)
"""Where Textual remembers every rectangle it ever met: tens of thousands of objects to look through, and soon made anew."""
_DUE: Final = 5
"""Collections of the youngest generation after which the middle one is worth looking at."""
_FULL: Final = 10
"""Looks at the middle generation after which all is looked at."""
_BREATH_S: Final = 0.05
"""From a look at the middle generation to one at all, which then has less to look at: what has come meanwhile goes first."""
_OVERDUE: Final = (200, 1000)
"""The same two where nobody ever stops typing: it comes at once then."""


class IdleGarbage:
    """Decides when garbage is looked for in this process. For the event loop's thread."""

    def __init__(self) -> None:
        self._touched_at = 0.0
        self._looking: asyncio.TimerHandle | None = None
        self._is_covered: Callable[[], bool] = lambda: False

    def begin(self, is_covered: Callable[[], bool]) -> None:
        """Collect from now on; what is there, at the first picture, is left alone for good.

        Collecting first would hold the first output up for 30 ms, and find next to nothing. `is_covered` tells whether a
        screen is up that will be left: looked at now, it would count as old, and be found by full collections only.
        """
        self._is_covered = is_covered
        gc.freeze()
        gc.set_threshold(gc.get_threshold()[0], *_OVERDUE)
        gc.enable()

    def touched(self) -> None:
        """Note that somebody typed or clicked: something may have been left behind."""
        self._touched_at = monotonic()
        if self._looking is None:
            self._looking = asyncio.get_running_loop().call_later(IDLE_S, self._look)

    def close(self) -> None:
        """Stop deciding."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _look(self) -> None:
        self._looking = None
        wait = self._touched_at + IDLE_S - monotonic()
        if wait > 0:
            self._looking = asyncio.get_running_loop().call_later(wait, self._look)
        elif not self._is_covered():
            _, middle, old = gc.get_count()
            if middle >= _DUE:
                gc.collect(1)
            if old >= _FULL:
                self._looking = asyncio.get_running_loop().call_later(_BREATH_S, self._look_at_all)

    def _look_at_all(self) -> None:
        self._looking = None
        if self._touched_at + IDLE_S > monotonic() or self._is_covered():
            self._look()  # in the next pause
            return
        for cache in _CACHES:
            cache.cache_clear()
        gc.collect()
