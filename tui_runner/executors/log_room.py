"""Whether a disk that was full has room again: so much that writing does not stop again at once."""

import os
from pathlib import Path
from typing import Final

_ENOUGH_BYTES: Final = 16 << 20
_ENOUGH_SHARE: Final = 50
"""On a small file system: one part in so many."""


def has_room(directory: Path) -> bool:
    """Tell whether there is room where this directory is, or cannot be found out."""
    try:
        found = os.statvfs(directory)
    except OSError:
        return True
    return found.f_bavail * found.f_frsize >= min(_ENOUGH_BYTES, found.f_blocks * found.f_frsize // _ENOUGH_SHARE)
