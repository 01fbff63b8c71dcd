"""What a probe may know of the task it looks at."""

from collections.abc import Awaitable, Callable

import msgspec

from tui_runner.model.run import Run

RunCommand = Callable[[Run, float], Awaitable[int]]
"""Runs a command in the task's place for at most so many seconds and returns its exit code.

Raises TimeoutError when it ran too long, any other exception when it cannot be run at all.
"""


class ProbedTask(msgspec.Struct, frozen=True, kw_only=True):
    """One attempt of a task, as far as its probes are concerned."""

    cwd: str
    """Absolute; where relative paths start."""
    run_command: RunCommand
    owns: Callable[[int], bool] | None = None
    """Tells whether a process belongs to the task; None when nobody can tell."""
    task_of: Callable[[int], str | None] | None = None
    """Names the task of the run that a process belongs to, for people; None when it is of none, or nobody can tell."""
