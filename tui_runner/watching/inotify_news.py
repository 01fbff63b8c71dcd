"""News of directories on Linux, by inotify: complete, or it says that something was lost.

Why not `watchfiles` here is told in docs/decisions/0012.
"""

import ctypes
import errno
import os
import select
import struct
import time
from typing import Final

from tui_runner.watching.interrupt import Interrupt
from tui_runner.watching.news import LONGEST_MS, QUIET_MS, Heard, Identity

_MODIFY, _CLOSE_WRITE, _MOVED_FROM, _MOVED_TO = 0x2, 0x8, 0x40, 0x80
_CREATE, _DELETE, _DELETE_SELF, _MOVE_SELF = 0x100, 0x200, 0x400, 0x800
_OVERFLOW, _IGNORED = 0x4000, 0x8000
_ONLY_DIRECTORIES = 0x01000000
_MASK: Final = (
    _MODIFY | _CLOSE_WRITE | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE | _DELETE_SELF | _MOVE_SELF | _ONLY_DIRECTORIES
)
_HEADER: Final = struct.Struct("iIII")
_READ_BYTES: Final = 256 << 10
_NOT_THERE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.EACCES, errno.ELOOP, errno.ENAMETOOLONG})


class InotifyNews:
    """One inotify descriptor with a watch per directory."""

    def __init__(self) -> None:
        self._libc = ctypes.CDLL(None, use_errno=True)
        self._descriptor: int = self._libc.inotify_init1(os.O_NONBLOCK | os.O_CLOEXEC)
        if self._descriptor < 0:
            raise _last_error("inotify")
        self._paths: dict[int, str] = {}
        """By watch descriptor."""
        self._watches: dict[str, tuple[int, Identity]] = {}

    def follow(self, directory: str, identity: Identity) -> None:
        """Tell of this directory from now on."""
        known = self._watches.get(directory)
        if known is not None:
            if known[1] == identity:
                return
            self._drop(directory)
        watch: int = self._libc.inotify_add_watch(self._descriptor, os.fsencode(directory), _MASK)
        if watch < 0:
            error = _last_error(directory)
            if error.errno in _NOT_THERE:
                return
            raise error
        moved = self._paths.get(watch)  # the same directory under another name: it was renamed
        if moved is not None and moved != directory:
            self._watches.pop(moved, None)
        self._paths[watch] = directory
        self._watches[directory] = (watch, identity)

    def keep_only(self, directories: dict[str, Identity]) -> None:
        """Tell nothing more of others than these."""
        for directory in [directory for directory in self._watches if directory not in directories]:
            self._drop(directory)

    def settle(self) -> bool:
        """Do nothing: a directory is followed before it is looked at."""
        return False

    def wait(self, seconds: float, interrupt: Interrupt) -> Heard:
        """Wait for news; once some have come, until nothing has come for a moment."""
        poll = select.poll()
        poll.register(self._descriptor, select.POLLIN)
        poll.register(interrupt.fileno(), select.POLLIN)
        paths: set[str] = set()
        lost = False
        until = time.monotonic() + seconds
        patience_s = seconds
        while patience_s > 0 and not interrupt.is_set():
            ready = {descriptor for descriptor, _ in poll.poll(patience_s * 1000)}
            if self._descriptor not in ready:
                break
            if not paths and not lost:
                until = time.monotonic() + LONGEST_MS / 1000
            lost = self._read(paths) or lost
            patience_s = min(QUIET_MS / 1000, until - time.monotonic())
        return Heard(paths=frozenset(paths), lost=lost)

    def close(self) -> None:
        """Let go of everything. Idempotent."""
        descriptor, self._descriptor = self._descriptor, -1
        if descriptor >= 0:
            os.close(descriptor)

    def _read(self, paths: set[str]) -> bool:
        """Note where something happened; tell whether there is more than that."""
        try:
            data = os.read(self._descriptor, _READ_BYTES)
        except BlockingIOError:
            return False
        lost = False
        position = 0
        while position < len(data):
            watch, mask, _, size = _HEADER.unpack_from(data, position)
            position += _HEADER.size + size
            directory = self._paths.get(watch)
            if mask & _OVERFLOW:
                lost = True
            elif directory is None:
                continue
            elif mask & _IGNORED:
                del self._paths[watch]
                if self._watches.get(directory, (-1,))[0] == watch:  # it may be there again, and be another one
                    del self._watches[directory]
                    paths.add(directory)
                    lost = lost or os.path.isdir(directory)  # noqa: PTH112 - plain strings
            elif size:
                name = data[position - size : position].rstrip(b"\0")
                paths.add(f"{directory.rstrip('/')}/{os.fsdecode(name)}")
            else:
                paths.add(directory)
        return lost

    def _drop(self, directory: str) -> None:
        watch, _ = self._watches.pop(directory)
        if self._paths.get(watch) == directory:
            del self._paths[watch]
            self._libc.inotify_rm_watch(self._descriptor, watch)


def _last_error(what: str) -> OSError:
    number = ctypes.get_errno()
    return OSError(number, os.strerror(number), what)
