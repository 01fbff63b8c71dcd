"""The one exception of the resolvers."""

from pathlib import Path

from tui_runner.errors.render import printable
from tui_runner.errors.runner_error import RunnerError

_MOST_CHARACTERS = 300


class ResolverError(RunnerError):
    """What a package depends on cannot be told: the message names the file, what is wrong and how to go on."""


def unusable(file: Path, problem: str, advice: str) -> ResolverError:
    """Return the error for a file. What is said may quote it: it is shortened and stripped of control characters."""
    told = printable(problem if len(problem) <= _MOST_CHARACTERS else f"{problem[:_MOST_CHARACTERS]}…")
    return ResolverError(f"`{printable(str(file))}` {told}: {advice}")
