"""Going to lines: marks, errors, times. Every way leads to lines that are shown; filters hold."""

import asyncio
from bisect import bisect_left, bisect_right
from time import perf_counter

from tui_runner.model.output import Stream
from widgets.line_filter import Filters, FilterSearch
from widgets.line_origin import stream_of
from widgets.line_scan import SLICE_S
from widgets.log_select import LogSelect


class LogJumps(LogSelect):
    """A log in which one can jump."""

    def toggle_mark(self) -> bool | None:
        """Mark the line at hand, or take its mark away; tell whether it is marked now, None when there is no line."""
        number, marks = self.line_at_hand, self._place.marks
        if number is None:
            return None
        marks.symmetric_difference_update({number})
        self._sync()
        self.refresh()
        return number in marks

    def go_to_mark(self, step: int) -> bool:
        """Go to the next mark (1) or the one before (-1), around the end; tell whether there is one that is shown."""
        marks = sorted(number for number in self._place.marks if self._is_shown(number))
        if not marks:
            return False
        at = self._from(step)
        index = bisect_left(marks, at) if step > 0 else bisect_right(marks, at) - 1
        self.jump_to(marks[index % len(marks)])
        return True

    def go_to_time(self, time: float) -> bool:
        """Go to the first line since a time (seconds since the epoch); tell whether there is one.

        A note of ours right before it, such as why the task was started, comes along.
        """
        number = self.store.first_since(time)
        if number > self.store.first and stream_of(self.store.origin_of(number - 1)) is Stream.NOTE:
            number -= 1
        row = self._rows.row_of(number)
        if row >= len(self._rows):
            return False
        self.jump_to(self._rows.number(row), on_top=True)
        return True

    async def go_to_line(self, filters: Filters, step: int) -> bool:
        """Go to the next (1) or previous (-1) line that passes these filters too; tell whether there is one.

        Looks at blocks of lines in slices of a few milliseconds: keys and frames come in between.
        """
        store, search = self.store, FilterSearch(self.store, filters)
        start = position = self._from(step)
        deadline = perf_counter() + SLICE_S
        while True:
            ahead = store.blocks_from(position) if step > 0 else store.blocks_before(position + 1)
            block = next(ahead, None)
            if block is None or not block.count:
                return False
            hits = search.in_block(block)
            for number in hits if step > 0 else reversed(hits):
                if (number >= start if step > 0 else number <= start) and self._is_shown(number):
                    self.jump_to(number)
                    return True
            position = block.first + block.count if step > 0 else block.first - 1
            if position >= store.total or position < store.first:
                return False
            if perf_counter() > deadline:
                await asyncio.sleep(0)
                if self.store is not store:
                    return True  # somebody looks at another log by now
                deadline = perf_counter() + SLICE_S

    def jump_to(self, number: int, *, on_top: bool = False) -> None:
        """Show a line and point at it."""
        if on_top:
            self._stay(self._rows.row_of(number), 0)
        else:
            self._go_to(number)
        self.point_at(number)

    def _from(self, step: int) -> int:
        """Return the first line to look at: beside the line at hand when a jump has led there, else from the screen on."""
        at = self.line_at_hand
        if at is None:
            return self.store.total - 1
        led = at in (self._place.pointed, self._cursor if self.selecting else None)
        return at + step if led or step > 0 else at

    def _is_shown(self, number: int) -> bool:
        row = self._rows.row_of(number)
        return row < len(self._rows) and self._rows.number(row) == number

    def _go_to(self, number: int | None) -> None:
        raise NotImplementedError
