"""What the file watcher's errors mean to people, with the command that fixes them."""

import errno
import os
import sys
from pathlib import Path
from typing import Final

_SETTINGS: Final = Path("/proc/sys/fs/inotify")
_WATCHES: Final = ("max_user_watches", 524288, "watched directories")
_INSTANCES: Final = ("max_user_instances", 1024, "file watchers")
_HAS_INOTIFY: Final = sys.platform.startswith("linux")


def limit_message(error: BaseException) -> str | None:
    """Return a sentence when a limit of the system is reached, None when it is something else."""
    text = str(error)
    code = getattr(error, "errno", None)
    if code == errno.ENOSPC or "watch limit reached" in text or "os error 28" in text:
        limit = _limit_of_inotify(*_WATCHES)
    elif code in {errno.EMFILE, errno.ENFILE} or "Too many open files" in text or "os error 24" in text:
        # The same number for two limits: whoever is at the end of the common one cannot open anything at all.
        common = not _HAS_INOTIFY or not _can_open()
        limit = _limit_of_open_files() if common else _limit_of_inotify(*_INSTANCES)
    else:
        return None
    return f"{limit}, or narrow what is watched; until then changes are looked for once a second"


def _limit_of_inotify(setting: str, enough: int, what: str) -> str:
    try:
        now = f" = {(_SETTINGS / setting).read_text().strip()}"
    except OSError:
        now = ""
    return (
        f"the system's limit of {what} is reached (fs.inotify.{setting}{now}): "
        f"run `sudo sysctl fs.inotify.{setting}={enough}`"
    )


def _limit_of_open_files() -> str:
    return "the limit of open files is reached: raise it with `ulimit -n` in the shell that starts this"


def _can_open() -> bool:
    try:
        os.close(os.open(os.devnull, os.O_RDONLY | os.O_CLOEXEC))
    except OSError:
        return False
    return True
