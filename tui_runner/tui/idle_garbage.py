"""Full garbage collections wait until nobody types: one looks at all there is, which takes longer than a key may.

Collects garbage and nothing else. Reference counts free nearly all there is; what is left are screens that were covered
and left, a few thousand objects each. Younger generations are looked at as always.
"""

import asyncio
import gc
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
_DUE: Final = 10
"""Collections of the middle generation after which a full one is due; Python's own number."""
_OVERDUE: Final = 100
"""The same where nobody ever stops typing: it comes at once then."""


class IdleGarbage:
    """Decides when garbage is looked for in this process. For the event loop's thread."""

    def __init__(self) -> None:
        self._touched_at = 0.0
        self._looking: asyncio.TimerHandle | None = None

    def begin(self) -> None:
        """Collect from now on; what is there, at the first picture, is left alone for good.

        Collecting first would hold the first output up for 30 ms, and find next to nothing.
        """
        gc.freeze()
        young, middle, _ = gc.get_threshold()
        gc.set_threshold(young, middle, _OVERDUE)
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
        elif gc.get_count()[2] >= _DUE:
            for cache in _CACHES:
                cache.cache_clear()
            gc.collect()
