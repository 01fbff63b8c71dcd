"""The directory in a workspace where everything of ours lies, `.tui_runner`, and private directories below it.

The workspace may come from a stranger: whatever already stands at these places is checked, and symbolic links are
refused, because they could make us write, or delete, somewhere else.
"""

import os
import stat
from pathlib import Path
from typing import Final

from tui_runner.errors.runner_error import RunnerError
from tui_runner.process.atomic_file import write_atomically

STATE_DIRECTORY: Final = ".tui_runner"
"""Everything of ours in a workspace lies in here."""
DIRECTORY_MODE: Final = 0o700


class StateDirectoryError(RunnerError):
    """Something else is in the place of a directory of ours. The message ends with what to do; a purpose may follow."""


def make_state_directory(root: Path) -> Path:
    """Make `.tui_runner` below the root unless it is there, hidden from git, and return it.

    Raises:
        StateDirectoryError: something else is in its place.
        OSError: it cannot be made.
    """
    path = root / STATE_DIRECTORY
    make_private_directory(path)
    _ignore_everything(path)
    return path


def make_private_directory(path: Path) -> None:
    """Make a directory for its owner's eyes only; one that is open to others is made private.

    Raises:
        StateDirectoryError: something else is in its place.
        OSError: it cannot be made.
    """
    try:
        path.mkdir(mode=DIRECTORY_MODE)
    except FileExistsError:
        if is_own_directory(path) and stat.S_IMODE(path.lstat().st_mode) != DIRECTORY_MODE:
            path.chmod(DIRECTORY_MODE)


def is_own_directory(path: Path) -> bool:
    """Tell whether a directory of ours is there.

    Raises:
        StateDirectoryError: something else is in its place: a link, a file, or somebody else's directory.
        OSError: it cannot be looked at.
    """
    try:
        found = path.lstat()
    except FileNotFoundError:
        return False
    if stat.S_ISLNK(found.st_mode):
        raise StateDirectoryError(f"{path} is a symbolic link and could lead anywhere; remove it")
    if not stat.S_ISDIR(found.st_mode):
        raise StateDirectoryError(f"{path} is not a directory; remove it")
    if found.st_uid != os.geteuid():
        raise StateDirectoryError(f"{path} belongs to another user; remove it or run as that user")
    return True


def _ignore_everything(directory: Path) -> None:
    """Keep git from seeing the directory, whatever the workspace itself ignores."""
    path = directory / ".gitignore"
    try:
        if stat.S_ISREG(path.lstat().st_mode):
            return
    except FileNotFoundError:
        pass
    write_atomically(path, b"*\n", durable=False)
