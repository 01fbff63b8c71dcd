"""What goes wrong while files are looked at: something has moved meanwhile, or cannot be read."""

import errno
from typing import Final

from tui_runner.caching.store import CacheError
from tui_runner.caching.trouble import cache_error, shown
from tui_runner.errors.runner_error import RunnerError

MOST_TRIES: Final = 3
"""So often something that changes under our hands is looked at."""

NOTHING_THERE: Final = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP})
"""What the system says of a path at which there is nothing; a link that leads round in circles leads nowhere."""

_REPLACED: Final = NOTHING_THERE | {errno.EISDIR, errno.ENXIO, errno.ENODEV, errno.EMLINK, errno.ESTALE}


class LookAgainError(RunnerError):
    """What was found at a path a moment ago is not there any more: the whole set has to be looked at again."""

    def __init__(self, path: bytes) -> None:
        super().__init__(shown(path))
        self.path = path


def reading_error(path: bytes, error: OSError) -> LookAgainError | CacheError:
    """Return what to raise when a file that was found cannot be looked at."""
    return LookAgainError(path) if error.errno in _REPLACED else cache_error("read", path, error)


def keeps_changing(path: bytes) -> CacheError:
    """Return what to raise when all tries were in vain."""
    return CacheError(f"{shown(path)} keeps changing: what the task depends on cannot be told")
