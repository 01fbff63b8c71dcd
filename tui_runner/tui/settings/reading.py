"""Reads the settings file, and tells everything that is wrong with it at once.

What is wrong is left out, all else applies: a mistake must never keep anybody from their run.
"""

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

import msgspec

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.site import Site
from tui_runner.tui.settings.settings import Settings

MOST_BYTES: Final = 1 << 18
FILE_NAME: Final = Path("tui-runner") / "config.toml"


class Reading(msgspec.Struct, frozen=True, kw_only=True):
    """What a settings file says."""

    path: Path
    found: bool = False
    """Whether there is such a file."""
    settings: Settings = Settings()
    problems: tuple[Problem, ...] = ()


def settings_path(environ: Mapping[str, str]) -> Path:
    """Return where the settings of this user are: below `$XDG_CONFIG_HOME`, else in `~/.config`."""
    given = environ.get("XDG_CONFIG_HOME", "")
    if given.startswith("/"):
        return Path(given) / FILE_NAME
    return Path(environ.get("HOME", "") or "~").expanduser() / ".config" / FILE_NAME


def read_settings(path: Path) -> Reading:
    """Read and check a settings file; one that is not there means the defaults. Never raises for what is in it."""
    try:
        data = _bytes_of(path)
    except (FileNotFoundError, NotADirectoryError):
        return Reading(path=path)
    except OSError as error:
        return _refused(path, f"the settings cannot be read: {error.strerror}", "make it a file you may read")
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return _refused(path, "the settings are not UTF-8", "save the file in UTF-8", line)
    # Only those who have settings pay for the parser.
    from tui_runner.tui.settings.checking import check_text  # noqa: PLC0415

    settings, problems = check_text(text, path)
    return Reading(path=path, found=True, settings=settings, problems=problems)


def _bytes_of(path: Path) -> bytes:
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)  # a pipe must not hold the start up
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise OSError(0, f"it is larger than {MOST_BYTES >> 10} KiB", str(path))
    return data


def _refused(path: Path, message: str, help_text: str, line: int = 0) -> Reading:
    site = Site(file=str(path), line=line)
    problem = Problem(kind=ProblemKind.INVALID_SETTING, message=message, site=site, help=help_text)
    return Reading(path=path, found=True, problems=(problem,))
