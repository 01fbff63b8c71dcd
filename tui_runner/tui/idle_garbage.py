"""Garbage is looked for when nobody types: what covered the screen and was left takes longer than a key may.

Collects garbage and nothing else. Reference counts free nearly all there is; what is left are screens, thousands of objects
each. The youngest generation is looked at as always; the middle one is where the latest screens are found; full collections,
which look at everything, are for what was old when it was left, such as panes, and are rarer. A thousand objects that are
found take a millisecond to be freed, therefore a look is never put off for long, and never comes in the midst of a picture.
"""

import asyncio
import gc
from collections.abc import Callable
from time import monotonic
from typing import Final

from textual.geometry import Region

IDLE_S: Final = 0.3
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
_OVERDUE: Final = 30
"""The same where nobody stops typing, or what covers the screen stays."""
_FULL: Final = 3
"""Looks at the middle generation after which all is looked at."""
_BREATH_S: Final = 0.05
"""From a look at the middle generation to one at all, which then has less to look at: what has come meanwhile goes first."""
_NEVER: Final = (1000, 1000)
"""Thresholds of the middle and the old generation where nobody types: next to nothing is left behind then."""


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
        gc.set_threshold(gc.get_threshold()[0], *_NEVER)
        gc.enable()

    def touched(self) -> None:
        """Note that somebody typed or clicked: something may have been left behind."""
        self._touched_at = monotonic()
        if self._looking is None:
            self._after(IDLE_S, self._look)

    def close(self) -> None:
        """Stop deciding."""
        if self._looking is not None:
            self._looking.cancel()
            self._looking = None

    def _after(self, delay_s: float, step: Callable[[], None]) -> None:
        self._looking = asyncio.get_running_loop().call_later(delay_s, step)

    def _is_calm(self) -> bool:
        return self._touched_at + IDLE_S <= monotonic() and not self._is_covered()

    def _look(self) -> None:
        self._looking = None
        is_calm = self._is_calm()
        _, middle, old = gc.get_count()
        if middle >= (_DUE if is_calm else _OVERDUE):
            gc.collect(1)
        wait = self._touched_at + IDLE_S - monotonic()
        if wait > 0:
            self._after(wait, self._look)
        elif is_calm and old >= _FULL:
            self._after(_BREATH_S, self._clear_caches)

    def _clear_caches(self) -> None:
        for cache in _CACHES:
            cache.cache_clear()
        self._after(_BREATH_S, self._look_at_all)

    def _look_at_all(self) -> None:
        self._looking = None
        if self._is_calm():
            gc.collect()
        else:
            self._look()  # all of it in the next pause
