"""Which line of a store is in which row: all of them, or those that a filter lets through. Pure."""

from bisect import bisect_left

from widgets.line_scan import LineScan
from widgets.line_store import LineStore


class LogRows:
    """Rows from 0 on, oldest first. Rows move when old lines are dropped or a filter finds more; line numbers do not."""

    def __init__(self, store: LineStore, scan: LineScan | None = None) -> None:
        self.store = store
        self.scan = scan

    def __len__(self) -> int:
        return len(self.store) if self.scan is None else len(self.scan)

    def number(self, row: int) -> int:
        """Return the absolute number of the line in a row.

        Raises:
            IndexError: there is no such row.
        """
        if not 0 <= row < len(self):
            raise IndexError(f"row {row} of {len(self)}")
        return self.store.first + row if self.scan is None else self.scan[row]

    def row_of(self, number: int) -> int:
        """Return the row of a line, or of the next one that is shown; the number of rows if there is none."""
        if self.scan is None:
            return min(max(0, number - self.store.first), len(self.store))
        return bisect_left(self.scan, number)

    def numbers(self, low: int, high: int) -> range | list[int]:
        """Return the numbers of the shown lines from `low` up to and including `high`."""
        if self.scan is None:
            return range(max(low, self.store.first), min(high + 1, self.store.end))
        return list(self.scan[self.row_of(low) : self.row_of(high + 1)])
