"""What is executed for a command of the user: `/bin/sh -c` for a string, a looked-up program for a list.

Looks at the file system, starts nothing.
"""

import os
import stat

import msgspec

from tui_runner.model.run import Run

_SHELL = "/bin/sh"
_DIRECTORIES_SHOWN = 6


class Argv(msgspec.Struct, frozen=True, kw_only=True):
    """What to execute."""

    path: str
    """The executable; absolute."""
    arguments: tuple[str, ...]
    """argv as the program sees it, with argv[0] as the user wrote it."""

    @property
    def command(self) -> list[str]:
        """The form the guardian takes: path, then argv."""
        return [self.path, *self.arguments]


class NotExecutable(msgspec.Struct, frozen=True, kw_only=True):
    """Why nothing can be executed."""

    message: str
    """For people: what is missing and where it was looked for."""
    exit_code: int
    """127: not found, 126: found but not executable, as shells have it."""


def resolve(run: Run, *, cwd: str, path: str) -> Argv | NotExecutable:
    """Return what to execute for a command, with `path` as the child's PATH; relative names start at `cwd`."""
    if isinstance(run, str):
        return Argv(path=_SHELL, arguments=(_SHELL, "-c", run))
    name = run[0] if run else ""
    if not name:
        return NotExecutable(message="the command is empty", exit_code=127)
    if "/" in name:
        candidate = os.path.join(cwd, name)  # noqa: PTH118 - pathlib would drop a leading `./` and normalise
        problem = _why_not(candidate)
        if problem is None:
            return Argv(path=candidate, arguments=tuple(run))
        return NotExecutable(message=f"`{name}`: {problem} ({candidate})", exit_code=_exit_code(candidate))
    return _search(name, run, cwd, path)


def _search(name: str, run: tuple[str, ...], cwd: str, path: str) -> Argv | NotExecutable:
    directories = [os.path.join(cwd, entry) for entry in path.split(os.pathsep)]  # noqa: PTH118 - "" means cwd here
    refused: NotExecutable | None = None
    for directory in directories:
        candidate = f"{directory.rstrip('/')}/{name}"
        if not os.path.exists(candidate):  # noqa: PTH110 - a hot path, strings all the way
            continue
        problem = _why_not(candidate)
        if problem is None:
            return Argv(path=candidate, arguments=tuple(run))
        if refused is None and not os.path.isdir(candidate):  # noqa: PTH112 - the same
            refused = NotExecutable(message=f"`{name}`: {problem} ({candidate})", exit_code=126)
    if refused is not None:
        return refused
    return NotExecutable(message=f"command not found: `{name}`; {_looked_in(directories)}", exit_code=127)


def _looked_in(directories: list[str]) -> str:
    shown = ", ".join(directories[:_DIRECTORIES_SHOWN])
    more = len(directories) - _DIRECTORIES_SHOWN
    return f"looked in {shown}" + (f" and {more} more directories of PATH" if more > 0 else "")


def _why_not(candidate: str) -> str | None:
    try:
        mode = os.stat(candidate).st_mode  # noqa: PTH116 - a hot path, strings all the way
    except PermissionError:
        return "permission denied"
    except (OSError, ValueError):
        return "no such file"
    if stat.S_ISDIR(mode):
        return "is a directory"
    if not os.access(candidate, os.X_OK):
        return "is not executable; try `chmod +x`"
    return None


def _exit_code(candidate: str) -> int:
    return 126 if os.path.exists(candidate) else 127  # noqa: PTH110 - a hot path, strings all the way
