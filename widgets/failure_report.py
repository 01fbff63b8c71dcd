"""What a person wants to know about a failure, unasked. Data only."""

import msgspec

from tui_runner.errors.site import Site
from tui_runner.model.state import Failure
from tui_runner.model.task import TaskId


class FailureReport(msgspec.Struct, frozen=True, kw_only=True):
    """One failed attempt of a task."""

    task: TaskId
    failure: Failure
    command: str = ""
    cwd: str = ""
    site: Site | None = None
    """Where the task is defined."""
    ran_for: float | None = None
    """Seconds; None when it never ran."""
    attempts: int = 1
    last_lines: tuple[bytes, ...] = ()
    """End of its log, raw, oldest first."""
    blocked: tuple[TaskId, ...] = ()
    """Tasks that wait in vain because of it."""
    again: str = ""
    """How to run it again, for people: `press r, or: tui-runner restart api`."""
