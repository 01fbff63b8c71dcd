"""Where is `pipeline.py`? Looks at the file system, imports nothing."""

import os
import stat
from pathlib import Path

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError

FILE_NAME = "pipeline.py"


def locate_pipeline(start: Path, *, directory: Path | None = None, file: Path | None = None) -> Path:
    """Return the absolute path of the pipeline file; its parent is the root of the run.

    Walks up from `start`, or from `directory` (`-C`) when given, taken relative to `start`. `file` (`-f`) names the file
    itself, relative to either. A file that a walk finds in a directory anybody may write to counts only when it belongs
    to this user or to root: else others could have their code run by whoever works below `/tmp`.

    Raises:
        DefinitionError: there is none; the problem tells where it was looked for.
    """
    base = start if directory is None else start / directory
    if directory is not None and not base.is_dir():
        raise _not_found(f"`{directory}` is not a directory", "give an existing directory after `-C`")
    base = Path(os.path.realpath(base))
    if file is not None:
        return _named(base / file, file)
    strangers: list[Path] = []
    for place in (base, *base.parents):
        candidate = place / FILE_NAME
        if os.path.isfile(candidate):  # noqa: PTH113 - Path.is_file raises where a directory may not be entered
            if _is_trusted(candidate):
                return candidate
            strangers.append(candidate)
    if strangers:
        raise _not_found(
            f"`{strangers[0]}` belongs to another user, in a directory that anybody may write to",
            f"read it, then use it with `-f {strangers[0]}`",
        )
    looked = ", ".join(_short(place) for place in (base, *base.parents))
    raise _not_found(
        f"there is no `{FILE_NAME}` here: looked in {looked}",
        "run `tui-runner init` to write one, or name one with `-f FILE`; `-C DIR` looks from another directory",
    )


def _named(path: Path, given: Path) -> Path:
    """Return the path of a file that was named; a link stays what it is, its directory is the root."""
    path = Path(os.path.realpath(path.parent)) / path.name
    if path.is_dir():
        raise _not_found(f"`{given}` is a directory, not a file", f"look from there with `-C {given}`")
    if not path.exists():
        raise _not_found(f"there is no file `{given}`: looked for {path}", "give an existing file after `-f`")
    return path


def _is_trusted(file: Path) -> bool:
    try:
        place, owner = file.parent.stat(), file.stat().st_uid
    except OSError:
        return False
    return not place.st_mode & stat.S_IWOTH or owner in {0, os.getuid()}


def _short(place: Path) -> str:
    """Return the directory as people write it, with `~` for their home."""
    try:
        return str(Path("~") / place.relative_to(os.path.realpath(Path.home())))
    except (ValueError, RuntimeError):  # not below it, or there is no home
        return str(place)


def _not_found(message: str, help_text: str) -> DefinitionError:
    return DefinitionError((Problem(kind=ProblemKind.NO_PIPELINE_FILE, message=message, help=help_text),))
