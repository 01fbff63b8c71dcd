"""Words for what goes wrong with files of the cache: what, where, why, how to go on."""

import errno
import os
from pathlib import Path
from typing import Final

from tui_runner.caching.store import CacheError

_WAYS_ON: Final = {
    errno.ENOSPC: "`tui-runner cache gc` makes room",
    errno.EDQUOT: "`tui-runner cache gc` makes room",
    errno.EFBIG: "`ulimit -f` forbids files of that size",
    errno.EROFS: "run where the workspace can be written to, or without a cache",
    errno.EACCES: "check who may read and write there",
    errno.EPERM: "check who may read and write there",
    errno.ENOLCK: "the cache needs a file system with locks",
    errno.ENOTSUP: "the cache needs a file system with locks",
}


def cache_error(doing: str, path: str | bytes | Path, error: OSError) -> CacheError:
    """Return the error to raise when `doing` something, such as `read`, with a path has failed."""
    way_on = _WAYS_ON.get(error.errno or 0)
    return CacheError(f"cannot {doing} {shown(path)}: {error.strerror or error}{f'; {way_on}' if way_on else ''}")


def shown(path: str | bytes | Path) -> str:
    """Return a path for people: names of files may hold anything, also what a terminal would obey."""
    from tui_runner.errors.render import printable  # noqa: PLC0415 - only when something goes wrong

    return printable(os.fsencode(path).decode("utf-8", "backslashreplace"))
