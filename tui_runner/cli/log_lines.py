"""Output of tasks as lines for a terminal or a pipe: cut, cleaned, prefixed, merged by time.

What a task printed is hostile: nothing of it may move the cursor or set a title. Colours are kept where the reader
shows colour; everything else of escape sequences goes.
"""

import heapq
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from tui_runner.cli.line_style import LineCutter
from tui_runner.model.task import TaskId
from tui_runner.process.log_reader import LogIndex, LogReader
from tui_runner.process.log_record import INDEX_RECORD

READ_BYTES = 256 << 10


class TimedLine(NamedTuple):
    """A line and when its first bytes came (seconds since the epoch; 0 when unknown)."""

    time: float
    task: TaskId
    line: bytes


def merged(
    files: Mapping[TaskId, str], starts: Mapping[TaskId, int], ends: Mapping[TaskId, int]
) -> Iterator[TimedLine]:
    """Yield the lines of several logs in the order they were printed, from `starts` up to `ends` (offsets)."""
    streams = [timed_lines(task, path, starts[task], ends[task]) for task, path in files.items()]
    return heapq.merge(*streams, key=lambda line: line.time)


def timed_lines(task: TaskId, path: str, start: int, end: int) -> Iterator[TimedLine]:
    """Yield the lines of one log with their times, which its index tells. Without an index all times are 0."""
    with LogReader(path) as log, LogIndex(path) as index:
        cutter = LineCutter()
        began = 0.0
        for time, data in _pieces(log, index, start, end):
            continued = cutter.pending
            lines = cutter.feed(data)
            for line in lines:
                yield TimedLine(began if continued else time, task, line)
                continued = False
            if lines or not continued:
                began = time
        for line in cutter.finish():
            yield TimedLine(began, task, line)


def _pieces(log: LogReader, index: LogIndex, start: int, end: int) -> Iterator[tuple[float, bytes]]:
    position = start
    time = 0.0
    for offset, at in _records(index):
        if offset > position:
            for _, data in log.blocks(position, min(offset, end), READ_BYTES):
                yield time, data
            position = offset
        time = at
    for _, data in log.blocks(position, end, READ_BYTES):
        yield time, data


def _records(index: LogIndex) -> Iterator[tuple[int, float]]:
    position = 0
    size = INDEX_RECORD.size
    while data := index.read(position, READ_BYTES // size * size):
        whole = len(data) // size * size
        for offset, time, _attempt, _stream in INDEX_RECORD.iter_unpack(data[:whole]):
            yield offset, time
        if not whole:
            return
        position += whole


def offset_of_last_lines(path: str, end: int, count: int) -> int:
    """Return where the last `count` lines before `end` begin; where the log begins when there are not so many."""
    if count <= 0:
        return end
    with LogReader(path) as log:
        wanted = count
        position = end
        # The end of the last line is not the beginning of another one.
        if position and log.read(position - 1, 1) == b"\n":
            wanted += 1
        while position > 0:
            size = min(READ_BYTES, position)
            data = log.read(position - size, size)
            if len(data) < size:
                # What lies before was removed, or was never written.
                stretch = log.stretch_before(position)
                begin = position if stretch is None or stretch.end < position else stretch.start
                data = log.read(begin, position - begin)
                found = data.count(b"\n")
                return begin if found < wanted else begin + _nth_from_end(data, wanted) + 1
            found = data.count(b"\n")
            if found >= wanted:
                return position - size + _nth_from_end(data, wanted) + 1
            wanted -= found
            position -= size
    return 0


def _nth_from_end(data: bytes, count: int) -> int:
    place = len(data)
    for _ in range(count):
        place = data.rfind(b"\n", 0, place)
    return place
