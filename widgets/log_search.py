"""A search within a log and where in it one is. Pure."""

from bisect import bisect_left, bisect_right

from widgets.line_filter import Filters, TextFilter
from widgets.line_scan import LineScan
from widgets.line_store import LineStore
from widgets.log_rows import LogRows
from widgets.query import Query


class LogSearch:
    """Matches of a query that pass filters, one of which is the current one once `settle`, `next` or `previous` has found it."""

    def __init__(self, store: LineStore, query: Query, filters: Filters = ()) -> None:
        self.query = query
        self.scan = LineScan(store, (TextFilter(query=query), *filters))
        self.pattern = query.pattern()
        self.current: int | None = None
        """Number of the line a step has led to; None before the first."""
        self.settled = False
        """The first match was looked for."""

    def among(self, store: LineStore, filters: Filters) -> "LogSearch":
        """Return the same search with other filters; the current match stays the current one."""
        other = LogSearch(store, self.query, filters)
        other.current, other.settled = self.current, self.settled
        return other

    def settle(self, rows: LogRows, bottom: int) -> int | None:
        """Return the match nearest to the bottom of the screen, older ones first; None while it is not known yet."""
        if self.settled:
            return None
        index = bisect_right(self.scan, bottom) - 1
        if index < 0 and not self.scan.complete:
            return None
        self.settled = True
        return self._step(rows, index + 1, -1) if self.scan else None

    def next(self, rows: LogRows, bottom: int) -> int | None:
        """Return the next newer match that is shown, around the end; None when there is none."""
        after = bottom if self.current is None else self.current
        return self._step(rows, bisect_right(self.scan, after) - 1, 1)

    def previous(self, rows: LogRows, bottom: int) -> int | None:
        """Return the next older match that is shown, around the start; None when there is none."""
        before = bottom + 1 if self.current is None else self.current
        return self._step(rows, bisect_left(self.scan, before), -1)

    @property
    def position(self) -> int | None:
        """Which match is the current one, 1 for the oldest; None before the first step, and when filters hide it."""
        if self.current is None:
            return None
        index = bisect_left(self.scan, self.current)
        return index + 1 if index < len(self.scan) and self.scan[index] == self.current else None

    def _step(self, rows: LogRows, index: int, by: int) -> int | None:
        for _ in range(len(self.scan)):
            index = (index + by) % len(self.scan)
            number = self.scan[index]
            row = rows.row_of(number)
            if row < len(rows) and rows.number(row) == number:
                self.settled = True
                self.current = number
                return number
        return None
