"""Reads a log that somebody else writes, by offsets that count from its beginning, whatever has been removed since.

The path may come over a socket and lies in a workspace, so both are distrusted: symbolic links and anything but a
regular file are refused. Never raises for what is missing, unreadable, replaced or removed meanwhile: there is simply
nothing to read.
"""

import os
import sys
from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from types import TracebackType
from typing import NamedTuple, Self

from tui_runner.process.log_pieces import Piece, older_pieces
from tui_runner.process.log_record import INDEX_RECORD
from tui_runner.process.regular_file import open_regular

_Pread = Callable[[int | None, int, int], bytes]
"""Takes a descriptor, a number of bytes and an offset."""
_TRIES = 5
"""The log may turn to a new file while it is being opened."""


class Stretch(NamedTuple):
    """Bytes that can be read without a gap: from `start` up to but not including `end`."""

    start: int
    end: int


class Block(NamedTuple):
    """Bytes at an offset."""

    offset: int
    data: bytes


class LogReader:
    """An open log; use as a context manager. Opening never blocks, not even on a named pipe."""

    __slots__ = ("_begin", "_descriptor", "_older", "_opened", "_path")

    def __init__(self, path: str) -> None:
        """Open it; nothing can be read while `path` is empty."""
        self._path = path
        self._descriptor: int | None = None
        self._older: Sequence[Piece] = ()
        self._begin = 0
        """Offset of the first byte of the newest file."""
        self._opened: tuple[Piece, int] | None = None
        """The older piece that was read last, with its descriptor."""
        self._open()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @property
    def readable(self) -> bool:
        """Tell whether there is a regular file to read."""
        return self._descriptor is not None or bool(self._older)

    @property
    def start(self) -> int:
        """Offset of the first byte that is still there: above 0, older ones were removed."""
        return next((piece.start for piece in self._older if piece.end > piece.start), self._begin)

    def size(self) -> int:
        """Return the offset after the last byte that was written; 0 when there is nothing to read."""
        self._keep_up()
        return self._begin + (0 if self._descriptor is None else os.fstat(self._descriptor).st_size)

    def read(self, offset: int, most: int) -> bytes:
        """Return up to `most` bytes from this offset, fewer before a gap; empty at the end, and when they are gone."""
        parts: list[bytes] = []
        while most > 0 and (data := self._read(offset, most, _pread)):
            parts.append(data)
            offset += len(data)
            most -= len(data)
        return parts[0] if len(parts) == 1 else b"".join(parts)

    def read_held(self, offset: int, most: int) -> bytes:
        """Return bytes from this offset like `read`, fewer if need be, but never wait for a disk.

        What a task has just printed is in memory; what it printed this morning may not be.

        Raises:
            BlockingIOError: they must be fetched from the disk first, which the system has been asked for.
        """
        return self._read(offset, most, _pread_held)

    def blocks(self, start: int, end: int, most: int) -> Iterator[Block]:
        """Yield what is there between two offsets, up to `most` bytes at once; what is gone is left out."""
        while start < end:
            data = self.read(start, min(most, end - start))
            if data:
                yield Block(start, data)
                start += len(data)
            else:
                first = self.first_from(start)
                if first <= start:
                    return
                start = first

    def first_from(self, offset: int) -> int:
        """Return the first offset from this one on that can be read; the end when there is none."""
        self._open()  # pieces may have been removed
        return next((max(offset, one.start) for one in self._stretches() if one.end > offset), self.size())

    def stretch_before(self, end: int) -> Stretch | None:
        """Return the last bytes without a gap before an offset; None when all of them are gone."""
        before = [one for one in self._stretches() if one.start < end]
        return Stretch(before[-1].start, min(before[-1].end, end)) if before else None

    def close(self) -> None:
        """Close the files; again is fine."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        if self._opened is not None:
            os.close(self._opened[1])
            self._opened = None

    def _stretches(self) -> list[Stretch]:
        end = self.size()
        found: list[Stretch] = []
        for one in (*(Stretch(piece.start, piece.end) for piece in self._older), Stretch(self._begin, end)):
            if one.end > one.start:
                joined = found and found[-1].end == one.start
                found[-1:] = [Stretch(found[-1].start, one.end)] if joined else [*found[-1:], one]
        return found

    def _read(self, offset: int, most: int, pread: _Pread) -> bytes:
        if offset < self._begin:
            return self._read_older(offset, most, pread)
        data = pread(self._descriptor, most, offset - self._begin)
        if not data and self._keep_up() and offset < self._begin:
            return self._read_older(offset, most, pread)
        return data or pread(self._descriptor, most, offset - self._begin)

    def _read_older(self, offset: int, most: int, pread: _Pread) -> bytes:
        index = bisect_right(self._older, offset, key=lambda piece: piece.start) - 1
        if index < 0 or offset >= self._older[index].end:
            return b""
        piece = self._older[index]
        if self._opened is None or self._opened[0] is not piece:
            if self._opened is not None:
                os.close(self._opened[1])
                self._opened = None
            descriptor = _open_file(piece.path)
            if descriptor is None:
                return b""
            self._opened = (piece, descriptor)
        return pread(self._opened[1], min(most, piece.end - offset), offset - piece.start)

    def _keep_up(self) -> bool:
        """Open the newest file if another one is being written now; tell whether that was so."""
        if _identity(self._path) == self._own_identity():
            return False
        self._open()
        return True

    def _open(self) -> None:
        """Open what is there as it is at one moment."""
        for _ in range(_TRIES):
            self.close()
            self._descriptor = _open_file(self._path)
            self._older = older_pieces(self._path) if self._path else ()
            if _identity(self._path) == self._own_identity():
                break
        self._begin = self._older[-1].end if self._older else 0

    def _own_identity(self) -> tuple[int, int] | None:
        if self._descriptor is None:
            return None
        found = os.fstat(self._descriptor)
        return (found.st_dev, found.st_ino)


class LogIndex:
    """The index of a log as one: the records of all its pieces, oldest first. As it was when it was opened, and what was added."""

    __slots__ = ("_files", "_pread", "_starts")

    def __init__(self, path: str, *, held: bool = False) -> None:
        """Open it; nothing can be read while `path`, that of the log, is empty.

        With `held`, reading never waits for a disk, and raises BlockingIOError as `LogReader.read_held` does.
        """
        self._pread = _pread_held if held else _pread
        paths = [f"{piece.path}.idx" for piece in older_pieces(path)] + [f"{path}.idx"] if path else []
        opened = (_open_file(one) for one in paths)
        self._files = [descriptor for descriptor in opened if descriptor is not None]
        self._starts = [0]
        for descriptor in self._files:
            self._starts.append(self._starts[-1] + _whole(descriptor))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def size(self) -> int:
        """Return the bytes of all whole records."""
        return self._starts[-2] + _whole(self._files[-1]) if self._files else 0

    def read(self, position: int, most: int) -> bytes:
        """Return up to `most` bytes from this position on; empty at the end, and when they cannot be read."""
        parts: list[bytes] = []
        while most > 0 and self._files:
            index = min(bisect_right(self._starts, position) - 1, len(self._files) - 1)
            last = index == len(self._files) - 1
            size = most if last else min(most, self._starts[index + 1] - position)
            data = self._pread(self._files[index], size, position - self._starts[index])
            if not data:
                break
            parts.append(data)
            position += len(data)
            most -= len(data)
        return b"".join(parts)

    def close(self) -> None:
        """Close the files; again is fine."""
        for descriptor in self._files:
            os.close(descriptor)
        self._files = []
        self._starts = [0]


def _whole(descriptor: int) -> int:
    """Return the size without a record that is being written, or was torn."""
    size = os.fstat(descriptor).st_size
    return size - size % INDEX_RECORD.size


def _open_file(path: str) -> int | None:
    if not path:
        return None
    try:
        return open_regular(path, os.O_RDONLY)
    except (OSError, ValueError):
        return None


def _identity(path: str) -> tuple[int, int] | None:
    """Return what tells the file at a path from others; None when there is none that could be opened."""
    if not path:
        return None
    try:
        found = os.lstat(path)
    except (OSError, ValueError):
        return None
    return (found.st_dev, found.st_ino)


def _pread(descriptor: int | None, most: int, offset: int) -> bytes:
    if descriptor is None:
        return b""
    try:
        return os.pread(descriptor, most, offset)
    except OSError:
        return b""


def _pread_held(descriptor: int | None, most: int, offset: int) -> bytes:
    if descriptor is None or sys.platform != "linux" or not hasattr(os, "RWF_NOWAIT"):
        return _pread(descriptor, most, offset)
    buffer = bytearray(most)
    try:
        count = os.preadv(descriptor, [buffer], offset, os.RWF_NOWAIT)
    except BlockingIOError:
        if offset < os.fstat(descriptor).st_size:  # kernels before 5.11 also say so at the end
            os.posix_fadvise(descriptor, offset, most, os.POSIX_FADV_WILLNEED)
            raise
        return b""
    except OSError:  # of file systems that do not know the flag
        return _pread(descriptor, most, offset)
    return bytes(memoryview(buffer)[:count])
