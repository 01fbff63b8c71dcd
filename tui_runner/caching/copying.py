"""Copies the content of a file: by reference where the file system can, else piece by piece. Says what it copied.

The bytes have to pass through this process anyway, to be hashed: `copy_file_range` would save nothing.
"""

import fcntl
import os
import sys
from typing import TYPE_CHECKING, Final

from tui_runner.caching.cancelling import Cancelled, check_cancelled, never
from tui_runner.errors.runner_error import RunnerError
from tui_runner.process.atomic_file import write_all

if TYPE_CHECKING:
    from hashlib import _Hash

PIECE_BYTES: Final = 1 << 20
"""No more of a file is in memory at a time."""

_SMALLEST_PIECE_BYTES: Final = 4 << 10
_WORTH_SHARING_BYTES: Final = 256 << 10
_FICLONE: Final = 0x40049409


class UnreadableError(RunnerError):
    """The file to copy from could not be read to its end."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


def copy_content(source: int, target: int, size: int, cancelled: Cancelled = never) -> tuple[bytes, int]:
    """Copy a whole file into an empty one that can also be read; return SHA-256 and size of what the target now holds.

    Ends soon after `size` bytes: a source that has grown yields a larger size. Long runs of zeros become holes.

    Raises:
        UnreadableError: the source cannot be read.
        OSError: the target cannot be written.
        CacheError: `cancelled`.
    """
    if size >= _WORTH_SHARING_BYTES and _share_content(source, target):
        return hash_content(target, cancelled=cancelled)
    return _copy_pieces(source, target, size, cancelled)


def hash_content(source: int, size: int = PIECE_BYTES, cancelled: Cancelled = never) -> tuple[bytes, int]:
    """Return SHA-256 and size of a file, read from where its descriptor stands. It should have `size` bytes or so.

    Raises:
        OSError: it cannot be read.
        CacheError: `cancelled`.
    """
    from hashlib import sha256  # noqa: PLC0415 - slow to import

    digest = sha256()
    hashed = 0
    piece = memoryview(bytearray(min(max(size + 1, _SMALLEST_PIECE_BYTES), PIECE_BYTES)))
    while count := os.readv(source, [piece]):
        check_cancelled(cancelled)
        digest.update(piece[:count])
        hashed += count
    return digest.digest(), hashed


def hash_bytes(data: bytes | memoryview) -> bytes:
    """Return SHA-256 of something small."""
    from hashlib import sha256  # noqa: PLC0415 - slow to import

    return sha256(data).digest()


def read_whole(source: int, size: int) -> bytes:
    """Return the content of a small file of this size; one that has grown yields one byte more.

    Raises:
        UnreadableError: it cannot be read.
    """
    pieces: list[bytes] = []
    missing = size + 1
    try:
        while missing > 0 and (piece := os.read(source, missing)):
            pieces.append(piece)
            missing -= len(piece)
    except OSError as error:
        raise UnreadableError(error) from error
    return pieces[0] if len(pieces) == 1 else b"".join(pieces)


def _share_content(source: int, target: int) -> bool:
    """Let two files have one content until one of them is written to. False where that cannot be done."""
    if sys.platform != "linux":
        return False
    try:
        fcntl.ioctl(target, _FICLONE, source)
    except OSError:
        return False
    return True


def _copy_pieces(source: int, target: int, size: int, cancelled: Cancelled) -> tuple[bytes, int]:
    from hashlib import sha256  # noqa: PLC0415 - slow to import

    digest: _Hash = sha256()
    buffer = bytearray(min(size + 1, PIECE_BYTES))
    piece = memoryview(buffer)
    zeros = bytearray(PIECE_BYTES if len(buffer) == PIECE_BYTES else 0)
    copied = 0
    while copied <= size and (count := _read(source, piece)):
        check_cancelled(cancelled)
        digest.update(piece[:count])
        if count == PIECE_BYTES and buffer == zeros:
            os.lseek(target, count, os.SEEK_CUR)
        else:
            write_all(target, piece[:count])
        copied += count
    os.ftruncate(target, copied)  # a hole at the end
    return digest.digest(), copied


def _read(source: int, piece: memoryview) -> int:
    try:
        return os.readv(source, [piece])
    except OSError as error:
        raise UnreadableError(error) from error
