"""What a person wants to know about a failure, unasked. Data only."""

from collections.abc import Sequence

import msgspec

from tui_runner.errors.site import Site
from tui_runner.model.state import Failed, Failure, Pending
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView

_SHOWN_WATCHED = 3


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
    """How to run it again, for people, as `again_text` says it."""


def again_text(view: TaskView, restart_key: str) -> str:
    """Return how a task is run again, for people: by a key (empty: none), a change of what it watches, or a command."""
    ways = [f"press {restart_key}"] if restart_key else []
    if view.watched:
        more = len(view.watched) - _SHOWN_WATCHED
        ways.append(f"change {', '.join(view.watched[:_SHOWN_WATCHED])}" + (f" or {more} more" if more > 0 else ""))
    command = f"tui-runner restart {view.id}"
    return f"{', '.join(ways)}, or: {command}" if ways else command


def report_of(
    view: TaskView, others: Sequence[TaskView], last_lines: Sequence[bytes], again: str
) -> FailureReport | None:
    """Return the report of a task that failed, or whose last attempt did; None when nothing of it failed.

    `others` are all tasks: those that are blocked by this one are named.
    """
    failure = view.state.failure if isinstance(view.state, Failed) else view.last_failure
    if failure is None:
        return None
    ran_for = None
    if view.started_at is not None and view.finished_at is not None and view.finished_at >= view.started_at:
        ran_for = view.finished_at - view.started_at
    blocked = tuple(
        other.id for other in others if isinstance(other.state, Pending) and other.state.blocked_by == view.id
    )
    return FailureReport(
        task=view.id,
        failure=failure,
        command=view.title or view.command,
        cwd=view.cwd,
        site=view.site,
        ran_for=ran_for,
        attempts=max(1, view.attempt),
        last_lines=tuple(last_lines),
        blocked=blocked,
        again=again,
    )
