"""Who printed which part of a log file and when: bounded reads of the index beside it.

The index lies in a workspace and is believed as far as it makes sense. Never raises: what is not known has no origin.
"""

from collections.abc import Iterator
from itertools import chain
from math import isfinite
from typing import NamedTuple

from tui_runner.model.output import Stream
from tui_runner.process.log_reader import LogIndex
from tui_runner.process.log_record import INDEX_RECORD, STREAMS

_RECORDS = 1024
"""Read at once."""
_APART_S = 0.1
_APART_BYTES = 1024
"""What one stream printed is told apart from this much time or text on: a log of millions of reads must open at once."""


class Piece(NamedTuple):
    """A part of a log file that was printed at one time."""

    data: bytes
    time: float
    """Seconds since the epoch."""
    stream: Stream
    attempt: int = 0
    """Of the task; 0 when the index does not know."""


class _Record(NamedTuple):
    offset: int
    time: float
    stream: Stream
    attempt: int = 0


def pieces(index: LogIndex, offset: int, data: bytes, now: float) -> Iterator[Piece]:
    """Yield what was read from the log file at this offset, by when and where it was printed; nothing is left out.

    `now` is the time of what the index does not know, in seconds since the epoch.
    """
    end = offset + len(data)
    begun = _Record(offset, now, Stream.STDOUT)
    for record in _records(index, offset, end):
        start = max(record.offset, offset)
        same = record[2:] == begun[2:] and record.stream is not Stream.NOTE
        if same and abs(record.time - begun.time) < _APART_S and start - begun.offset < _APART_BYTES:
            continue
        if start > begun.offset:
            yield from _printed(data[begun.offset - offset : start - offset], begun, now)
        begun = record._replace(offset=start)
    yield from _printed(data[begun.offset - offset :], begun, now)


def attempt_start(index: LogIndex) -> int:
    """Return the offset in the log file where what the index knows of the latest attempt begins; 0 without an index."""
    count = index.size() // INDEX_RECORD.size
    last = next(_read(index, count - 1, 1), None) if count else None
    if last is None:
        return 0
    low, high = 0, count - 1
    while low < high:
        middle = (low + high) // 2
        found = next(_read(index, middle, 1), None)
        if found is not None and found[2] < last[2]:
            low = middle + 1
        else:
            high = middle
    first = next(_read(index, low, 1), None)
    return 0 if first is None else first[0]


def _printed(data: bytes, record: _Record, now: float) -> Iterator[Piece]:
    if record.stream is not Stream.NOTE:
        yield Piece(data, *record[1:])
        return
    # A note is one line, maybe after the end of an unfinished one. What follows is newer than the index.
    end = data.find(b"\n", 1) + 1 or len(data)
    yield Piece(data[:end], *record[1:])
    if data[end:]:
        yield Piece(data[end:], now, Stream.STDOUT)


def _records(index: LogIndex, offset: int, end: int) -> Iterator[_Record]:
    """Yield the records from the one that covers `offset` up to `end`, in order."""
    count = index.size() // INDEX_RECORD.size
    low, high = 0, count
    while low < high:
        middle = (low + high) // 2
        found = next(_read(index, middle, 1), None)
        if found is not None and found[0] <= offset:
            low = middle + 1
        else:
            high = middle
    last = -1
    for position, time, attempt, code in chain.from_iterable(
        _read(index, start, _RECORDS) for start in range(max(0, low - 1), count, _RECORDS)
    ):
        if position >= end:
            return
        if position > last and code < len(STREAMS) and isfinite(time):
            last = position
            yield _Record(position, time, STREAMS[code], attempt)


def _read(index: LogIndex, start: int, count: int) -> Iterator[tuple[int, float, int, int]]:
    data = index.read(start * INDEX_RECORD.size, count * INDEX_RECORD.size)
    return INDEX_RECORD.iter_unpack(data[: len(data) // INDEX_RECORD.size * INDEX_RECORD.size])
