"""An flock on a file, taken without waiting.

The kernel gives the lock up when all who have its descriptor are gone, however they died. The descriptor is
close-on-exec: a task that inherited it would keep the lock.
"""

import fcntl
import os
from pathlib import Path

from tui_runner.process.regular_file import open_regular


def try_lock(path: Path, *, shared: bool = False) -> int | None:
    """Lock a file, made when it is missing, and return its descriptor; None when somebody else holds it.

    Closing the descriptor gives the lock up. The file stays: removing it would let two processes lock two files of one
    name. `shared` locks are only in the way of those that are not.

    Raises:
        OSError: the file cannot be opened, something that is no file is in its place, or the file system has no locks.
    """
    descriptor = open_regular(path, os.O_RDWR | os.O_CREAT)
    try:
        fcntl.flock(descriptor, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        if _is_at(path, descriptor):
            return descriptor
    except BlockingIOError:
        pass
    except BaseException:
        os.close(descriptor)
        raise
    os.close(descriptor)
    return None


def lock_opened(descriptor: int) -> None:
    """Lock a file that is open until all who have the descriptor are gone; without effect where there are no locks.

    Raises:
        BlockingIOError: somebody else has locked it.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        raise
    except OSError:
        return


def _is_at(path: Path, descriptor: int) -> bool:
    # A cleaner of temp directories may have removed the file between open and lock.
    try:
        return os.path.samestat(path.stat(), os.fstat(descriptor))
    except FileNotFoundError:
        return False
