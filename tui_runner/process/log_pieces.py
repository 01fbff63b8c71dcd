"""One log as pieces: the file that is written now, and older ones in a directory beside it.

    api.log, api.log.idx                    what is written now
    api.log.old/000000000125000000          an older piece, called by the offset of its first byte in the whole log
    api.log.old/000000000125000000.idx      its index

Offsets count from the beginning of the log, whatever has been removed since: where a piece ends the next one begins,
unless the disk was full in between. An empty piece says where the file that is written now begins when nothing else
does. Standard library only, and little of it: the guardian writes logs too. Must not know the event loop.
"""

from __future__ import annotations

import os
import stat

from tui_runner.process.regular_file import open_regular

_CREATE = os.O_WRONLY | os.O_CREAT | os.O_EXCL


class Piece:
    """An older piece of a log: bytes from `start` up to but not including `end`."""

    __slots__ = ("end", "index_size", "path", "start")

    def __init__(self, path: str, start: int, size: int, index_size: int) -> None:
        self.path = path
        self.start = start
        self.end = start + size
        self.index_size = index_size

    @property
    def size(self) -> int:
        """Bytes on the disk, index included."""
        return self.end - self.start + self.index_size


def older_pieces(path: str) -> list[Piece]:
    """Return the older pieces of a log, oldest first; none when there are none or they cannot be read."""
    directory = f"{path}.old"
    try:
        if not stat.S_ISDIR(os.lstat(directory).st_mode):
            return []
        names = sorted(name for name in os.listdir(directory) if name.isdecimal() and name.isascii())
    except OSError:
        return []
    found: list[Piece] = []
    for name in names:
        piece = f"{directory}/{name}"
        size = _size(piece)
        if size is not None:
            found.append(Piece(piece, int(name), size, _size(f"{piece}.idx") or 0))
    return found


class LogPieces:
    """The pieces of a log, for whoever writes it. Methods raise OSError when the disk does not let them."""

    __slots__ = ("older", "path", "start")

    def __init__(self, path: str) -> None:
        self.path = path
        """The file that is written now; it need not exist."""
        self.older = older_pieces(path)
        self.start = self.older[-1].end if self.older else 0
        """Offset of the first byte of the file that is written now."""

    @property
    def older_size(self) -> int:
        """Bytes that older pieces take."""
        return sum(piece.size for piece in self.older)

    def turn(self) -> None:
        """Put the file that is written now, which nobody has open for writing, to the older pieces."""
        self._make_directory()
        target = self._place(self.start)
        size = _size(self.path) or 0
        index_size = _size(f"{self.path}.idx")
        os.rename(self.path, target)
        if index_size is not None:
            os.rename(f"{self.path}.idx", f"{target}.idx")
        if self.older and self.older[-1].start == self.start:
            del self.older[-1]  # the empty one that said where this one begins
        self.older.append(Piece(target, self.start, size, index_size or 0))
        self.start += size

    def skip_to(self, offset: int) -> None:
        """Let the next file begin at an offset beyond the end: what is in between was never written."""
        if offset == self.start:
            return
        if _size(self.path):
            self.turn()
        elif _size(f"{self.path}.idx") is not None:
            os.unlink(f"{self.path}.idx")
        self._mark(offset)

    def drop_oldest(self) -> None:
        """Remove the oldest piece; where the file that is written now begins is not forgotten."""
        if len(self.older) == 1:
            if self.older[0].start == self.start:
                return
            self._mark(self.start)
        piece = self.older[0]
        for path in (f"{piece.path}.idx", piece.path):
            try:
                os.unlink(path)
            except FileNotFoundError:
                continue  # somebody else has tidied up
        del self.older[0]

    def prune(self, most: int) -> None:
        """Remove the oldest pieces until the older ones take at most so many bytes."""
        while self.older_size > most:
            self.drop_oldest()

    def _mark(self, offset: int) -> None:
        """Make an empty piece, so that the next file begins at this offset."""
        self._make_directory()
        if self.older and not self.older[-1].size:
            os.rename(self.older[-1].path, self._place(offset))
            del self.older[-1]
        else:
            os.close(open_regular(self._place(offset), _CREATE))
        self.older.append(Piece(self._place(offset), offset, 0, 0))
        self.start = offset

    def _make_directory(self) -> None:
        if not os.path.isdir(f"{self.path}.old"):
            os.mkdir(f"{self.path}.old", 0o700)

    def _place(self, start: int) -> str:
        return f"{self.path}.old/{start:018d}"


def _size(path: str) -> int | None:
    """Return the size of a regular file; None when there is none."""
    try:
        found = os.lstat(path)
    except OSError:
        return None
    return found.st_size if stat.S_ISREG(found.st_mode) else None
