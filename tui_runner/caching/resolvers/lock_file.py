"""Reads files that others wrote: bounded, regular ones only; parses a lock file once for all tasks of a run.

What was parsed is remembered by what `stat` says of the file. A file that was written a moment ago may be written again
without `stat` showing it; its content is compared too.
"""

import os
import re
import stat
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import Final, NamedTuple, TypeVar, cast

from tui_runner.caching.resolvers.resolver_error import ResolverError, unusable

Parsed = TypeVar("Parsed")

Parse = Callable[[Path, str], Parsed]
"""Makes data out of the text of a file; raises nothing but ResolverError."""

_MOST_BYTES: Final = 32 * 1024 * 1024
_YOUNG_NS: Final = 2_000_000_000
"""The coarsest clock of a file system in use is that of FAT: two seconds."""
_TRIES: Final = 3
_CONFLICT: Final = re.compile(r"^(?:<{7} |>{7} |<{7}$|>{7}$)", re.MULTILINE)
_PARSING: Final = threading.Lock()
"""Tasks that begin together wait for the one that parses. They could not do it side by side anyway."""


class _Stamp(NamedTuple):
    """What tells one state of a file from another."""

    device: int
    inode: int
    size: int
    modified_ns: int
    changed_ns: int


class _ChangedError(Exception):
    """The file was written between looking and reading."""


def read_lock_file(path: Path, parse: Parse[Parsed]) -> Parsed:
    """Return what `parse` makes of the file; of the same file and the same function it is the same object.

    Raises:
        ResolverError: it cannot be read, keeps changing, or is not what `parse` expects.
    """
    for _ in range(_TRIES):
        stamp, content = _look(path)
        try:
            with _PARSING:
                outcome = _outcome(parse, path, stamp, content)
        except _ChangedError:
            continue
        if isinstance(outcome, ResolverError):
            raise ResolverError(str(outcome))
        return cast("Parsed", outcome)  # the function is part of what the outcome is remembered by
    raise unusable(path, "is being written just now", "run the task again when that has ended")


def read_bytes(path: Path) -> bytes:
    """Return the content of a regular file.

    Raises:
        ResolverError: it cannot be read or is too large.
    """
    return _read(path)[1]


def refuse_conflicts(path: Path, text: str, advice: str) -> None:
    """Make sure that nobody left the marks of a merge in a file.

    Raises:
        ResolverError: somebody did; it names the line.
    """
    if "<<<<<<<" in text or ">>>>>>>" in text:
        found = _CONFLICT.search(text)
        if found:
            line = text.count("\n", 0, found.start()) + 1
            raise unusable(path, f"has the marks of a merge conflict in line {line}", advice)


@lru_cache(maxsize=8)
def _outcome(parse: Parse[object], path: Path, stamp: _Stamp, content: bytes | None) -> object:
    """Parse a file; an error is an outcome too, so that a hundred tasks do not read a broken file a hundred times."""
    try:
        if content is None:
            read, content = _read(path)
            if read != stamp:
                raise _ChangedError
        return parse(path, _text(path, content))
    except ResolverError as error:
        return error


def _look(path: Path) -> tuple[_Stamp, bytes | None]:
    try:
        stamp = _stamp(path.stat())
    except OSError as error:
        raise _unreadable(path, error) from None
    if time.time_ns() - max(stamp.modified_ns, stamp.changed_ns) > _YOUNG_NS:
        return stamp, None
    return _read(path)


def _read(path: Path) -> tuple[_Stamp, bytes]:
    try:
        # Opening a pipe must not wait for somebody who writes to it.
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            return _read_regular(path, descriptor)
        finally:
            os.close(descriptor)
    except OSError as error:
        raise _unreadable(path, error) from None
    except ValueError:
        raise unusable(path, "has a name that no file can have", "correct it where it is named") from None


def _read_regular(path: Path, descriptor: int) -> tuple[_Stamp, bytes]:
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        raise unusable(path, "is no regular file", "put the real file there")
    with open(descriptor, "rb", closefd=False) as file:
        content = file.read(_MOST_BYTES + 1)
    if len(content) > _MOST_BYTES:
        raise unusable(path, f"is larger than {_MOST_BYTES >> 20} MiB", "list it as an input file instead")
    return _stamp(os.fstat(descriptor)), content


def _text(path: Path, content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise unusable(path, f"is not UTF-8 at byte {error.start}", "bring it back from version control") from None


def _stamp(status: os.stat_result) -> _Stamp:
    return _Stamp(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _unreadable(path: Path, error: OSError) -> ResolverError:
    return unusable(path, f"cannot be read ({error.strerror})", "make it readable, or take the resolver away")
