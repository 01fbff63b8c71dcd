"""Who has a file open to write: definite proof that a task changes what it watches. Reads /proc; says no elsewhere."""

import os
import sys
from collections.abc import Collection
from typing import Final

_WRITING: Final = os.O_WRONLY | os.O_RDWR


def open_for_writing(leader: int, paths: Collection[str]) -> str | None:
    """Return one of these real paths that a process of a task has open to write, None when there is none.

    `leader` is the process id of the task. Takes milliseconds.
    """
    if not sys.platform.startswith("linux"):
        return None
    from tui_runner.process.sampling import owners_of, read_processes  # noqa: PLC0415 - rarely needed

    wanted = set(paths)
    for pid in owners_of(read_processes(), {"": leader}):
        for descriptor in _listed(f"/proc/{pid}/fd"):
            path = _link(f"/proc/{pid}/fd/{descriptor}")
            if path in wanted and _flags(f"/proc/{pid}/fdinfo/{descriptor}") & _WRITING:
                return path
    return None


def _listed(directory: str) -> list[str]:
    try:
        return os.listdir(directory)  # noqa: PTH208 - strings all the way
    except OSError:
        return []


def _link(path: str) -> str | None:
    try:
        return os.readlink(path)  # noqa: PTH115 - strings all the way
    except OSError:
        return None


def _flags(path: str) -> int:
    try:
        with open(path, encoding="ascii") as lines:  # noqa: PTH123 - strings all the way
            return next((int(line.split()[1], 8) for line in lines if line.startswith("flags:")), 0)
    except (OSError, ValueError):
        return 0
