"""Output of tasks as lines for a terminal or a pipe: cut, cleaned, prefixed, merged by time.

What a task printed is hostile: nothing of it may move the cursor or set a title. Colours are kept where the reader
shows colour; everything else of escape sequences goes.
"""

import heapq
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from tui_runner.errors.render import printable
from tui_runner.model.plain_text import plain_text
from tui_runner.model.task import TaskId
from tui_runner.process.log_file import INDEX_RECORD
from tui_runner.tui.log_file import LogFile

READ_BYTES = 256 << 10
MAX_PREFIX = 24
"""Longer names are cut in the middle."""

_SGR = re.compile(rb"(\x1b\[[0-9;:]*m)")
_RESET = "\x1b[0m"
_PREFIX_COLORS = ("36", "33", "32", "35", "34", "96", "93", "92", "95", "94")


class LineCutter:
    """Cuts a stream of bytes into finished lines, without their ends. Memory: one line."""

    __slots__ = ("_rest",)

    def __init__(self) -> None:
        self._rest = b""

    @property
    def pending(self) -> bool:
        """Tell whether a line has begun and not ended."""
        return bool(self._rest)

    def feed(self, data: bytes) -> list[bytes]:
        """Return the lines that are finished now."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        return lines

    def finish(self) -> list[bytes]:
        """Return what is left without a line end."""
        rest, self._rest = self._rest, b""
        return [rest] if rest else []


class LineStyle:
    """How lines of several tasks look. Without prefixes when there is only one task."""

    def __init__(self, tasks: Sequence[TaskId], *, color: bool) -> None:
        self._color = color
        width = max((len(_cut(task)) for task in tasks), default=0)
        self._prefixes: Mapping[TaskId, str] = (
            {task: self._prefix(task, index, width) for index, task in enumerate(tasks)} if len(tasks) > 1 else {}
        )

    def render(self, task: TaskId, line: bytes) -> str:
        """Return a line for people, with its line end. Of a line that was written over, what was seen last is shown."""
        shown = [part for part in self._clean(line) if part.strip()]
        return f"{self._prefixes.get(task, '')}{shown[-1] if shown else ''}\n"

    def _clean(self, line: bytes) -> list[str]:
        line = line.rstrip(b"\r")
        if not self._color:
            return _printable_lines(plain_text(line).decode("utf-8", "replace")).split("\n")
        pieces = _SGR.split(line)
        shown = [
            piece.decode("ascii") if index % 2 else _printable_lines(plain_text(piece).decode("utf-8", "replace"))
            for index, piece in enumerate(pieces)
        ]
        parts = "".join(shown).split("\n")
        return [f"{part}{_RESET}" if "\x1b" in part else part for part in parts]

    def _prefix(self, task: TaskId, index: int, width: int) -> str:
        name = printable(_cut(task)).ljust(width)
        if not self._color:
            return f"{name} | "
        return f"\x1b[{_PREFIX_COLORS[index % len(_PREFIX_COLORS)]}m{name} |{_RESET} "


def _printable_lines(text: str) -> str:
    return "\n".join(printable(line) for line in text.split("\n"))


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
    with LogFile(path) as log, LogFile(path + ".idx") as index:
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


def _pieces(log: LogFile, index: LogFile, start: int, end: int) -> Iterator[tuple[float, bytes]]:
    position = start
    time = 0.0
    for offset, at in _records(index):
        while position < min(offset, end):
            data = log.read(position, min(READ_BYTES, offset - position, end - position))
            if not data:
                return
            yield time, data
            position += len(data)
        time = at
    while position < end and (data := log.read(position, min(READ_BYTES, end - position))):
        yield time, data
        position += len(data)


def _records(index: LogFile) -> Iterator[tuple[int, float]]:
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
    """Return where the last `count` lines before `end` begin; 0 when there are not so many."""
    if count <= 0:
        return end
    with LogFile(path) as log:
        wanted = count
        position = end
        # The end of the last line is not the beginning of another one.
        if position and log.read(position - 1, 1) == b"\n":
            wanted += 1
        while position > 0:
            size = min(READ_BYTES, position)
            data = log.read(position - size, size)
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


def _cut(task: TaskId) -> str:
    if len(task) <= MAX_PREFIX:
        return task
    half = (MAX_PREFIX - 1) // 2
    return f"{task[:half]}…{task[-(MAX_PREFIX - 1 - half) :]}"
