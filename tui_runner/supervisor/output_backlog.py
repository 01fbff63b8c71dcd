"""Output that waits for a host that is slow to take it: a little in memory, the rest where it is, in the log.

Must not hold what a log holds: without bound, a task that prints faster than the host listens would fill the memory.
"""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.task import TaskId
from tui_runner.process.log_file import LogFile

MOST_HELD_BYTES: Final = 4 << 20
"""Of all tasks together."""
_READ_BYTES: Final = 64 << 10


class Waiting(msgspec.Struct, kw_only=True, eq=False):
    """A stretch of one task's log that waits for its turn."""

    task: TaskId
    stream: Stream
    offset: int
    size: int
    data: bytes | None
    """None: it is to be read from the log."""


class OutputBacklog:
    """Keeps what waits, in memory as long as there is room for it."""

    def __init__(self, log_of: Callable[[TaskId], LogFile]) -> None:
        self._log_of = log_of
        self._held = 0
        self._open: dict[TaskId, Waiting] = {}
        """Stretches in the log that may still grow: nothing that must come behind them waits yet."""

    def add(self, task: TaskId, chunk: OutputChunk) -> Waiting | None:
        """Note a chunk, already in its log; return what has to be queued, None when a stretch that waits has grown."""
        size = len(chunk.data)
        grown = self._open.get(task)
        if grown is not None and grown.stream is chunk.stream and grown.offset + grown.size == chunk.offset:
            grown.size += size
            return None
        self.close(task)
        data = chunk.data if self._held + size <= MOST_HELD_BYTES else None
        waiting = Waiting(task=task, stream=chunk.stream, offset=chunk.offset, size=size, data=data)
        if data is None:
            self._open[task] = waiting
        else:
            self._held += size
        return waiting

    def close(self, task: TaskId) -> None:
        """Note that something else of the task is queued: what it prints from now on comes behind that."""
        self._open.pop(task, None)

    def take(self, waiting: Waiting) -> Iterator[bytes]:
        """Yield what has waited, in pieces. Where no file has it and the memory has let go of it, it is left out."""
        if waiting.data is not None:
            self._held -= waiting.size
            yield waiting.data
            return
        if self._open.get(waiting.task) is waiting:
            self.close(waiting.task)
        log = self._log_of(waiting.task)
        position, end = waiting.offset, waiting.offset + waiting.size
        while position < end:
            data = log.read(position, min(_READ_BYTES, end - position))
            if data:
                yield data
                position += len(data)
            else:
                first = log.first_from(position)
                if first <= position:
                    return
                position = first
