"""The numbers of the lines of a store that pass filters, found in small slices, newest first. Pure but for its clock."""

from array import array
from bisect import bisect_left
from collections.abc import Callable, Sequence
from time import perf_counter
from typing import overload

from widgets.line_filter import Filters, FilterSearch
from widgets.line_store import LineStore

SLICE_S = 0.005
"""How long one slice may take; a block more at most."""
CATCH_UP_S = 0.015
"""The same for what is new: at every frame, it keeps up with what a pane can be fed."""
_FEW = 300
"""Up to this many new lines are tried one by one; more are searched by block."""


class LineScan(Sequence[int]):
    """A growing, sorted sequence of matching line numbers.

    `step` looks at older lines until all are seen; `catch_up` at lines that came meanwhile. The unfinished line is
    never matched: it may still change. Lines that the store has dropped are gone from here, too, at once.
    """

    def __init__(self, store: LineStore, filters: Filters, clock: Callable[[], float] = perf_counter) -> None:
        self.filters = filters
        self._store = store
        self._search = FilterSearch(store, filters)
        self._clock = clock
        # Older hits are found after newer ones: kept in falling order, so that nothing is ever moved.
        self._older = array("Q")
        self._newer = array("Q")
        self._low = self._high = store.total

    @property
    def complete(self) -> bool:
        """Every finished line that is held has been looked at, new ones aside."""
        return self._low <= self._store.first

    def step(self) -> None:
        """Look at older lines for a few milliseconds."""
        deadline = self._clock() + SLICE_S
        for block in self._store.blocks_before(self._low):
            hits = self._search.in_block(block)
            if hits and hits[-1] >= self._low:  # the newest block has grown since
                hits = hits[: bisect_left(hits, self._low)]
            hits.reverse()
            self._older.extend(hits)
            self._low = block.first
            if self._clock() > deadline:
                break

    @property
    def behind(self) -> bool:
        """Lines have come that nobody has looked at yet."""
        return self._high < self._store.total

    def catch_up(self) -> bool:
        """Look at lines that were finished since, for some milliseconds; returns whether one of them matches.

        Oldest first, so that what is `behind` is a matter for the next call.
        """
        deadline = self._clock() + CATCH_UP_S
        low, total = max(self._high, self._store.first), self._store.total
        before = len(self._newer)
        if total - low > _FEW:
            for block in self._store.blocks_from(low):
                self._newer.extend(number for number in self._search.in_block(block) if number >= low)
                low = block.first + block.count
                if self._clock() > deadline:
                    break
        else:
            matches = self._search.matches
            self._newer.extend(number for number in range(low, total) if matches(number))
            low = total
        self._high = low
        return len(self._newer) > before

    def _forget_evicted(self) -> None:
        first = self._store.first
        if self._older and self._older[-1] < first:
            keep = len(self._older)
            while keep and self._older[keep - 1] < first:
                keep -= 1
            del self._older[keep:]
        if not self._older and self._newer and self._newer[0] < first:
            del self._newer[: bisect_left(self._newer, first)]

    def __len__(self) -> int:
        self._forget_evicted()
        return len(self._older) + len(self._newer)

    @overload
    def __getitem__(self, index: int) -> int: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[int]: ...
    def __getitem__(self, index: int | slice) -> int | Sequence[int]:
        if isinstance(index, slice):
            return [self[one] for one in range(*index.indices(len(self)))]
        older = len(self._older)
        if index < 0:
            index += older + len(self._newer)
        return self._older[older - 1 - index] if index < older else self._newer[index - older]
