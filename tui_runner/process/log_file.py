"""The log of one task: raw bytes in a file, an index of chunks beside it, and a tail in memory.

Must not split lines and must not know the event loop. Never raises for a full or broken disk: services go on.
"""

import os
import struct
from collections import deque
from pathlib import Path
from typing import Final

from tui_runner.model.output import OutputChunk, Stream
from tui_runner.process.regular_file import open_regular

TAIL_BYTES: Final = 1 << 20
INDEX_RECORD: Final = struct.Struct("<QdIB3x")
"""Per chunk: offset in bytes, seconds since the epoch, attempt, stream (index into `STREAMS`)."""
STREAMS: Final = (Stream.STDOUT, Stream.STDERR, Stream.TEARDOWN, Stream.NOTE)

_CODES: Final = {stream: code for code, stream in enumerate(STREAMS)}
_FLAGS: Final = os.O_WRONLY | os.O_CREAT | os.O_APPEND


class LogFile:
    """The log of one task. `path` None keeps the tail only."""

    def __init__(self, path: Path | None) -> None:
        self.path = path
        self.failed: str | None = None
        """Why nothing is written to the disk any more; None while all is well."""
        self.end = 0
        """Offset after the last byte."""
        self._tail: deque[OutputChunk] = deque()
        self._tail_size = 0
        self._index = bytearray()
        self._fd: int | None = None
        if path is not None and path.exists():
            self.end = path.stat().st_size

    @property
    def index_path(self) -> Path | None:
        """Where the index is; None without a file."""
        return None if self.path is None else self.path.with_name(self.path.name + ".idx")

    @property
    def tail(self) -> tuple[OutputChunk, ...]:
        """The latest chunks, at most 1 MiB of them, oldest first."""
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
        self._tail_size += len(data)
        while self._tail_size > TAIL_BYTES and len(tail) > 1:
            self._tail_size -= len(tail.popleft().data)
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
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None

    def read(self, offset: int, size: int) -> bytes:
        """Return up to `size` bytes from `offset`; fewer at the end, and where the disk failed."""
        if size <= 0 or offset >= self.end or offset < 0:
            return b""
        if self._tail and offset >= self._tail[0].offset:
            return self._read_tail(offset, size)
        if self.path is None:
            return b""
        try:
            fd = open_regular(self.path, os.O_RDONLY)
        except OSError:
            return b""
        try:
            return os.pread(fd, min(size, self.end - offset), offset)
        except OSError:
            return b""
        finally:
            os.close(fd)

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

    def _give_up(self, path: Path, error: OSError) -> None:
        self.failed = f"cannot write {path}: {error.strerror}; only the latest output is kept, in memory"
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
