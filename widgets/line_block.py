"""A piece of a log: bytes of whole lines, with an index that is built when somebody first looks. Pure."""

import re
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from typing import NamedTuple

_newlines = re.compile(b"\n").finditer
_SAME_MOMENT_S = 0.001


class LineRun(NamedTuple):
    """Consecutive lines that came at one moment from one origin."""

    first: int
    """Absolute number of the first line."""
    past: int
    """One past the last one."""
    time: float
    """Seconds since the epoch."""
    origin: int
    """See `line_origin`."""


class LineBlock:
    """Consecutive lines. Appended to while it is the newest of its store, then sealed."""

    __slots__ = ("_moments", "_numbers", "_origins", "_starts", "count", "data", "first")

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
        self._origins = array("H")

    def append(self, data: bytes, count: int, time: float, origin: int = 0) -> None:
        """Add whole lines of one origin, all completed at this time (seconds since the epoch). Not after `seal`."""
        moments = self._moments
        if not moments or abs(time - moments[-1]) >= _SAME_MOMENT_S or origin != self._origins[-1]:
            self._numbers.append(self.first + self.count)
            moments.append(time)
            self._origins.append(origin)
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
        return self._moments[self._run_of(number)]

    def origin_of(self, number: int) -> int:
        """Return the origin of a line of this block."""
        return self._origins[self._run_of(number)]

    def first_since(self, time: float) -> int:
        """Return the first line that was completed at this time or later; one past the last line when there is none."""
        index = bisect_left(self._moments, time)
        return self._numbers[index] if index < len(self._numbers) else self.first + self.count

    def runs(self) -> Iterator[LineRun]:
        """Yield its lines by moment and origin, in order."""
        numbers, last = self._numbers, len(self._numbers) - 1
        for index, first in enumerate(numbers):
            past = numbers[index + 1] if index < last else self.first + self.count
            yield LineRun(first, past, self._moments[index], self._origins[index])

    def _run_of(self, number: int) -> int:
        return max(0, bisect_right(self._numbers, number) - 1)
