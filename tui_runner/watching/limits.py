"""What the file watcher's errors mean to people, with the command that fixes them."""

import errno
from pathlib import Path
from typing import Final

_SETTINGS: Final = Path("/proc/sys/fs/inotify")
_WATCHES: Final = ("max_user_watches", 524288, "watched directories")
_INSTANCES: Final = ("max_user_instances", 1024, "file watchers")


def limit_message(error: BaseException) -> str | None:
    """Return a sentence when a limit of the system is reached, None when it is something else."""
    text = str(error)
    code = getattr(error, "errno", None)
    if code == errno.ENOSPC or "watch limit reached" in text or "os error 28" in text:
        setting, enough, what = _WATCHES
    elif code in {errno.EMFILE, errno.ENFILE} or "Too many open files" in text or "os error 24" in text:
        setting, enough, what = _INSTANCES
    else:
        return None
    try:
        now = f" = {(_SETTINGS / setting).read_text().strip()}"
    except OSError:
        now = ""
    return (
        f"the system's limit of {what} is reached (fs.inotify.{setting}{now}): "
        f"run `sudo sysctl fs.inotify.{setting}={enough}`, or narrow what is watched; "
        "until then changes are looked for once a second"
    )
