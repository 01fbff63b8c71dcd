"""One supervisor per root: an flock on a file that also tells who holds it.

The kernel gives the lock up when its holders are gone, however they died: the supervisor, and its guardian, which is
given the descriptor so that a root stays locked until everything is cleaned up. The descriptor is close-on-exec: a task
that inherited it would keep the lock.
"""

import fcntl
import os
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import msgspec

from tui_runner.process.file_lock import try_lock

_TRIES = 5
_PAUSE_S = 0.01


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """Who holds a lock, as it wrote itself."""

    pid: int
    """0 when it has not said so yet."""
    run_id: str


class Lock:
    """A lock that is held. Made by `acquire`; given up by `release` or by the end of the process."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor

    @property
    def descriptor(self) -> int:
        """The locked descriptor; -1 after `release`."""
        return self._descriptor

    def write_holder(self, run_id: str) -> None:
        """Write this process and its run into the file, for people and for `doctor`."""
        text = f"{os.getpid()} {run_id}\n".encode()
        os.ftruncate(self._descriptor, 0)
        os.pwrite(self._descriptor, text, 0)

    def release(self) -> None:
        """Give the lock up. The file stays: removing it would let two processes lock two files of one name."""
        if self._descriptor >= 0:
            try:
                os.ftruncate(self._descriptor, 0)
            finally:
                os.close(self._descriptor)
                self._descriptor = -1

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def acquire(path: Path) -> Lock | Holder:
    """Take the lock without waiting, or return who has it.

    Looking at a lock (`holder_of`) takes it shared for an instant, so a few short tries are made.
    """
    for attempt in range(_TRIES):
        if attempt:
            time.sleep(_PAUSE_S)
        try:
            descriptor = try_lock(path)
        except FileNotFoundError:  # the directory was prepared, and removed as stale before we came here
            path.parent.mkdir(mode=0o700, exist_ok=True)
            descriptor = try_lock(path)
        if descriptor is not None:
            lock = Lock(descriptor)
            try:
                lock.write_holder("")
            except BaseException:
                lock.release()
                raise
            return lock
    return _read_holder(path)


def holder_of(path: Path) -> Holder | None:
    """Return who holds the lock, or None when nobody does."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except OSError:
        return None
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        return _read_holder(path)
    finally:
        os.close(descriptor)
    return None


def acquire_after_cleanup(path: Path) -> Lock | Holder:
    """Do as `acquire`, but wait while a supervisor that was killed is being cleaned up after."""
    lock = acquire(path)
    while isinstance(lock, Holder) and lock.pid and not _lives(lock.pid):
        wait_until_free(path)
        lock = acquire(path)
    return lock


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
        state = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()[0]
    except ProcessLookupError:
        return False
    except (OSError, IndexError):  # somebody else's, or a system without /proc: it answered to the signal
        return True
    return state != "Z"


def wait_until_free(path: Path) -> None:
    """Block until nobody holds the lock: the holding process has ended."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_CLOEXEC | os.O_NOFOLLOW)
    except FileNotFoundError:
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_SH)
    finally:
        os.close(descriptor)


def _read_holder(path: Path) -> Holder:
    try:
        pid, _, run_id = path.read_text(encoding="utf-8", errors="replace").strip().partition(" ")
    except OSError:
        return Holder(pid=0, run_id="")
    return Holder(pid=int(pid) if pid.isdecimal() else 0, run_id=run_id)
