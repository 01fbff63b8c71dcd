"""A piece of a log: bytes of whole lines, with an index that is built when somebody first looks. Pure."""

import re
from array import array
from bisect import bisect_right

_newlines = re.compile(b"\n").finditer
_SAME_MOMENT_S = 0.001


class LineBlock:
    """Consecutive lines. Appended to while it is the newest of its store, then sealed."""

    __slots__ = ("_moments", "_numbers", "_starts", "count", "data", "first")

    def __init__(self, first: int) -> None:
        self.first = first
        """Absolute number of its first line."""
        self.count = 0
        """Lines in it."""
        self.data: bytes | bytearray = bytearray()
        """Every line ends with a newline."""
        self._starts = array("I", [0])
        self._numbers = array("Q")
        self._moments = array("d")

    def append(self, data: bytes, count: int, time: float) -> None:
        """Add whole lines, all completed at this time (seconds since the epoch). Not after `seal`."""
        if not self._moments or abs(time - self._moments[-1]) >= _SAME_MOMENT_S:
            self._numbers.append(self.first + self.count)
            self._moments.append(time)
        self.data += data
        self.count += count

    def seal(self) -> None:
        """Freeze the bytes; nothing is appended any more."""
        self.data = bytes(self.data)

    @property
    def starts(self) -> "array[int]":
        """Offset of each line, and the length of the data last. Costs a scan of what is new since the last look."""
        starts = self._starts
        if starts[-1] != len(self.data):
            starts.extend([match.end() for match in _newlines(self.data, starts[-1])])
        return starts

    def line(self, number: int) -> bytes:
        """Return a line of this block by its absolute number, without its newline."""
        starts = self.starts
        index = number - self.first
        return bytes(self.data[starts[index] : starts[index + 1] - 1])

    def slice(self, low: int, high: int) -> bytes:
        """Return the lines from `low` up to but not including `high`, newlines included. A low before the block is its start."""
        starts = self.starts
        return bytes(self.data[starts[max(0, low - self.first)] : starts[high - self.first]])

    def time_of(self, number: int) -> float:
        """Return when a line of this block was completed, in seconds since the epoch."""
        return self._moments[max(0, bisect_right(self._numbers, number) - 1)]
