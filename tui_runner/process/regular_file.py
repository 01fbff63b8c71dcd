"""Opens files at paths where anybody may have put something else meanwhile: a link, a pipe, a device.

Standard library only, and little of it: the guardian uses it too.
"""

from __future__ import annotations

import errno
import os
import stat

_GUARDED = os.O_NONBLOCK | os.O_NOFOLLOW | os.O_NOCTTY | os.O_CLOEXEC
"""Opening never blocks and never follows a link; on regular files the first changes nothing else."""


def open_regular(path: str | os.PathLike[str], flags: int) -> int:
    """Open a regular file, created for this user alone where `flags` say so, and return its descriptor. Never blocks.

    Raises:
        OSError: it cannot be opened, or is something else than a regular file.
    """
    try:
        descriptor = os.open(path, flags | _GUARDED, 0o600)
    except OSError as error:
        if error.errno == errno.ENXIO:  # a pipe that nobody reads from
            raise _not_regular(path) from None
        raise
    if stat.S_ISREG(os.fstat(descriptor).st_mode):
        return descriptor
    os.close(descriptor)
    raise _not_regular(path)


def _not_regular(path: str | os.PathLike[str]) -> OSError:
    return OSError(errno.EINVAL, "it is not a regular file", os.fspath(path))
