"""The log of one task: raw bytes in a file, an index of chunks beside it, and a tail in memory.

When the file has grown to a piece, it is put to the older ones, and the oldest of those go. Must not split lines and must
not know the event loop. Never raises for a full or broken disk: services go on, and `resume` takes writing up again.
"""

import contextlib
import errno
import os
from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.retention import LogLimits
from tui_runner.process.log_pieces import LogPieces
from tui_runner.process.log_reader import LogReader
from tui_runner.process.log_record import INDEX_RECORD, STREAMS
from tui_runner.process.regular_file import open_regular

TAIL_BYTES: Final = 1 << 20
CHUNK_BYTES: Final = 192
"""What a chunk takes in memory beside its data: of a task that prints single bytes it is most of all."""

_CODES: Final = {stream: code for code, stream in enumerate(STREAMS)}
_NO_ROOM: Final = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EFBIG})
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND


def _nothing() -> None:
    """Nobody wants to know."""


class LogFile:
    """The log of one task. `path` None keeps the tail only. `turned` is called when a piece was put to the older ones."""

    def __init__(
        self, path: Path | None, limits: LogLimits | None = None, turned: Callable[[], None] = _nothing
    ) -> None:
        self.path = path
        self.failed: str | None = None
        """Why nothing is written to the disk now; None while all is well."""
        self.lacks_room = False
        """When it failed last there was no room for it."""
        self.end = 0
        """Offset after the last byte."""
        self._limits = limits or LogLimits()
        self._turned = turned
        self._pieces = None if path is None else LogPieces(str(path))
        self._tail: deque[OutputChunk] = deque()
        self._tail_size = 0
        self._index = bytearray()
        self._fd: int | None = None
        self._piece_size = 0
        """Bytes in the file that is written now and in its index."""
        if self._pieces is not None:
            self._piece_size = self._written_size()
            self.end = self._pieces.start + self._piece_size

    @property
    def index_path(self) -> Path | None:
        """Where the index is; None without a file."""
        return None if self.path is None else self.path.with_name(self.path.name + ".idx")

    @property
    def tail(self) -> tuple[OutputChunk, ...]:
        """The latest chunks, which take at most 1 MiB of memory, oldest first."""
        return tuple(self._tail)

    @property
    def tail_start(self) -> int:
        """Offset of the first byte that is in memory: where older ones are in no file, they are gone."""
        return self._tail[0].offset if self._tail else self.end

    @property
    def in_line(self) -> bool:
        """The last line has no end yet."""
        return bool(self._tail) and not self._tail[-1].data.endswith(b"\n")

    @property
    def pending(self) -> bool:
        """Index records wait for `flush`."""
        return bool(self._index)

    def append(self, data: bytes, stream: Stream, attempt: int, time: float) -> OutputChunk:
        """Append bytes as one chunk; return it with its offset. `time` is seconds since the epoch."""
        chunk = OutputChunk(offset=self.end, time=time, stream=stream, attempt=attempt, data=data)
        if self.path is not None and self.failed is None:
            self._write(self.path, chunk)
        self.end += len(data)
        tail = self._tail
        tail.append(chunk)
        self._tail_size += len(data) + CHUNK_BYTES
        while self._tail_size > TAIL_BYTES and len(tail) > 1:
            self._tail_size -= len(tail.popleft().data) + CHUNK_BYTES
        return chunk

    def flush(self) -> None:
        """Append waiting records to the index; call it soon after `append`, readers depend on it."""
        if not self._index:
            return
        index_path = self.index_path
        if index_path is None:
            return
        records = bytes(self._index)
        self._index.clear()
        if self.failed is not None:
            return
        try:
            fd = open_regular(index_path, _FLAGS)
            try:
                _write_all(fd, records)
            finally:
                os.close(fd)
        except OSError as error:
            self._give_up(index_path, error)

    def release(self) -> None:
        """Flush and close the file until the next `append`."""
        self.flush()
        self._close()

    def resume(self) -> int | None:
        """Write to the disk again after a failure; return how many bytes are in no file.

        None when it still cannot be written.
        """
        pieces = self._pieces
        if pieces is None or self.path is None:
            return None
        missing = self.end - pieces.start - self._written_size()
        try:
            if missing > 0:
                pieces.skip_to(self.end)
                self._piece_size = 0
            self._fd = _open(self.path)
        except OSError as error:
            self._give_up(self.path, error)
            return None
        self.failed = None
        return missing

    @property
    def older_size(self) -> int:
        """Bytes that older pieces take on the disk."""
        return 0 if self._pieces is None else self._pieces.older_size

    def drop_oldest(self) -> None:
        """Remove the oldest piece, if there is one that is not written any more."""
        if self._pieces is not None and self._pieces.older:
            with contextlib.suppress(OSError):  # it is tried again when the next piece is full
                self._pieces.drop_oldest()

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`; fewer at the end, and where the disk failed."""
        if size <= 0 or offset >= self.end or offset < 0:
            return b""
        if self._tail and offset >= self._tail[0].offset:
            return self._read_tail(offset, size)
        if self.path is None:
            return b""
        with LogReader(str(self.path)) as log:
            return log.read(offset, min(size, self.end - offset))

    def first_from(self, offset: int) -> int:
        """Return the first offset from this one on that `read` has; the end when there is none."""
        if self._tail and offset >= self._tail[0].offset:
            return offset
        if self.path is None:
            return self.tail_start
        with LogReader(str(self.path)) as log:
            return min(log.first_from(offset), self.tail_start)

    def _read_tail(self, offset: int, size: int) -> bytes:
        parts: list[bytes] = []
        for chunk in self._tail:
            start = max(0, offset - chunk.offset)
            if size <= 0:
                break
            if start < len(chunk.data):
                part = chunk.data[start : start + size]
                parts.append(part)
                size -= len(part)
        return b"".join(parts)

    def _write(self, path: Path, chunk: OutputChunk) -> None:
        try:
            if self._fd is None:
                self._fd = _open(path)
            _write_all(self._fd, chunk.data)
        except OSError as error:
            self._give_up(path, error)
            return
        self._index += INDEX_RECORD.pack(chunk.offset, chunk.time, chunk.attempt, _CODES[chunk.stream])
        self._piece_size += len(chunk.data) + INDEX_RECORD.size
        if self._piece_size >= self._limits.piece:
            self._turn()

    def _turn(self) -> None:
        """Put the file to the older pieces, and remove the oldest of them."""
        self.release()
        if self.failed is not None or self._pieces is None:
            return
        self._piece_size = 0
        try:
            self._pieces.turn()
            self._pieces.prune(max(0, self._limits.log - self._limits.piece))
        except OSError:
            return  # it is tried again when as much was written
        self._turned()

    def _written_size(self) -> int:
        try:
            return 0 if self.path is None else self.path.stat().st_size
        except OSError:
            return 0

    def _give_up(self, path: Path, error: OSError) -> None:
        self.failed = f"cannot write {path}: {error.strerror}; only the latest output is kept, in memory"
        self.lacks_room = error.errno in _NO_ROOM
        self._index.clear()
        self._close()

    def _close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None


def _open(path: Path) -> int:
    try:
        return open_regular(path, _FLAGS)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return open_regular(path, _FLAGS)


def _write_all(fd: int, data: bytes) -> None:
    written = os.write(fd, data)
    while written < len(data):
        written += os.write(fd, data[written:])
