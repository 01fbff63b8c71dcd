"""The last lines of a task's log, for people: plain text, without what its stop and teardown commands printed.

However large a log is, only its end is read. The file lies in a workspace: links and anything but a regular file are
refused, and its index is believed as far as it makes sense. Never raises: what cannot be read has no lines.
"""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Final

from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.plain_text import plain_text
from tui_runner.process.log_reader import LogIndex, LogReader
from tui_runner.process.log_record import INDEX_RECORD, STREAMS

SHOWN_LINES: Final = 20
"""So many lines are told unless somebody says how many."""
MOST_BYTES: Final = 1 << 20
"""No more of a log is looked at; a longer line loses its beginning."""

_BLOCK_BYTES: Final = 16 << 10
_BLOCK_RECORDS: Final = 1024
_MOST_RECORDS: Final = 64 * _BLOCK_RECORDS
"""Of earlier pieces it is not asked who printed them."""
_TEARDOWN: Final = STREAMS.index(Stream.TEARDOWN)


def last_lines(log_file: str | Path, count: int = SHOWN_LINES, *, most_bytes: int = MOST_BYTES) -> tuple[str, ...]:
    """Return the last lines of a log, oldest first; empty when there are none or it cannot be read.

    Escape sequences are taken out; of a line that was written over, such as a progress bar, what was seen last is told.
    Empty lines at the end do not count.
    """
    with LogReader(str(log_file)) as log, LogIndex(str(log_file)) as index:
        return _collected(_pieces(log, index), count, most_bytes)


def last_lines_of(
    chunks: Sequence[OutputChunk], count: int = SHOWN_LINES, *, most_bytes: int = MOST_BYTES
) -> tuple[str, ...]:
    """Return the same of chunks that are in memory, oldest first."""
    pieces = (chunk.data for chunk in reversed(chunks) if chunk.stream is not Stream.TEARDOWN)
    return _collected(pieces, count, most_bytes)


def _collected(pieces: Iterator[bytes], count: int, most_bytes: int) -> tuple[str, ...]:
    """Take pieces from the last one backwards until there are enough lines in them."""
    if count <= 0:
        return ()
    taken: list[bytes] = []
    size = ends = 0
    for piece in pieces:
        data = piece if taken else piece.rstrip()
        if data:
            taken.append(data)
            size += len(data)
            ends += data.count(b"\n")
        if ends > count or size >= most_bytes:
            break
    text = b"".join(reversed(taken))[-most_bytes:]
    lines = [_seen_last(line) for line in text.split(b"\n")[-count:]]
    while lines and not lines[-1]:
        lines.pop()
    return tuple(lines)


def _seen_last(line: bytes) -> str:
    shown = plain_text(line.rstrip(b"\r")).decode("utf-8", "replace").split("\n")
    return next((part.rstrip() for part in reversed(shown) if part.strip()), "")


def _pieces(log: LogReader, index: LogIndex) -> Iterator[bytes]:
    """Yield what is in the log but not of a stop or teardown command, in blocks, the last one first."""
    start = end = log.size()
    for offset, stream in _records(index):
        if offset >= start:
            continue  # what it speaks of is not there
        if stream == _TEARDOWN:
            yield from _blocks(log, start, end)
            end = offset
        elif end - offset >= _BLOCK_BYTES:
            yield from _blocks(log, offset, end)
            end = offset
        start = offset
    yield from _blocks(log, 0, end)


def _blocks(log: LogReader, start: int, end: int) -> Iterator[bytes]:
    while end > start:
        begin = max(start, end - _BLOCK_BYTES)
        data = log.read(begin, end - begin)
        if len(data) < end - begin:
            stretch = log.stretch_before(end)
            if stretch is None or stretch.end <= start:
                return  # removed meanwhile, or never written
            begin, end = max(start, begin, stretch.start), stretch.end
            data = log.read(begin, end - begin)
        yield data
        end = begin


def _records(index: LogIndex) -> Iterator[tuple[int, int]]:
    """Yield offset and stream of the chunks in the index, the last one first."""
    size = INDEX_RECORD.size
    last = index.size() // size
    first = max(0, last - _MOST_RECORDS)
    while last > first:
        begin = max(first, last - _BLOCK_RECORDS)
        data = index.read(begin * size, (last - begin) * size)
        whole = data[: len(data) // size * size]
        for offset, _time, _attempt, stream in reversed(list(INDEX_RECORD.iter_unpack(whole))):
            yield offset, stream
        last = begin
