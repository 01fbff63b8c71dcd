"""What `stat` says of a file, packed so that a hundred thousand of them are compared at once.

The time of the last access is left out: looking at a file must not make it look changed. Must import nothing heavy:
`stat_program` uses it too.
"""

from __future__ import annotations

import os
import struct
import sys
from itertools import starmap
from operator import attrgetter

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

_FIELDS = attrgetter("st_mtime_ns", "st_ctime_ns", "st_size", "st_ino", "st_dev", "st_mode")
_RECORD = struct.Struct("=qqqQqI")
_CUT_RECORD = struct.Struct("=QQQQQI")
_CUT = (1 << 64) - 1
_DIRECTORY = (os.O_PATH if sys.platform == "linux" else os.O_RDONLY) | os.O_DIRECTORY | os.O_CLOEXEC

RECORD_BYTES = _RECORD.size
UNKNOWN = bytes(RECORD_BYTES)
"""Equals no record, because no file has the mode 0: what it stands for has to be looked at again."""
NO_FILE = b"\xff" * RECORD_BYTES
"""Stands for the target of a link that is no regular file."""
NO_ANSWER = b"\xfe" * RECORD_BYTES
"""Stands for what cannot be looked at; never kept."""


def record_of(found: os.stat_result) -> bytes:
    """Return the record of one file."""
    try:
        return _RECORD.pack(*_FIELDS(found))
    except struct.error:  # a time beyond all sense
        *numbers, mode = _FIELDS(found)
        return _CUT_RECORD.pack(*(number & _CUT for number in numbers), mode)


def records_of(paths: Iterable[bytes], look: Callable[[bytes], os.stat_result] = os.lstat) -> bytes:
    """Return the records of all files, one after the other.

    Raises:
        OSError: one of them cannot be looked at.
    """
    paths = list(paths)
    try:
        return b"".join(starmap(_RECORD.pack, map(_FIELDS, map(look, paths))))
    except struct.error:
        return b"".join(record_of(look(path)) for path in paths)


def records_below(directory: bytes, names: list[bytes]) -> bytes:
    """Return the records of files, one after the other; links are not followed.

    Names are relative to the directory, or absolute. The system has less to walk than for whole paths.

    Raises:
        OSError: one of them cannot be looked at; `filename` is its name.
    """
    look = os.lstat
    descriptor = os.open(directory, _DIRECTORY)
    try:
        # A call in the text is faster than one by `map`, which could not take the keyword.
        return b"".join(starmap(_RECORD.pack, map(_FIELDS, (look(name, dir_fd=descriptor) for name in names))))
    except struct.error:
        return b"".join(record_of(look(name, dir_fd=descriptor)) for name in names)
    finally:
        os.close(descriptor)


def mode_in(record: bytes) -> int:
    """Return the mode that is in a record."""
    return int(_RECORD.unpack(record)[-1])
