"""Task states in words and colours, for the verbs that print them. Pure."""

from typing import assert_never

from tui_runner.model.duration import format_duration
from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failed,
    Pending,
    Queued,
    Ready,
    Running,
    Skipped,
    Starting,
    Stopping,
    TaskState,
)

_COLORS = {"ready": "32", "completed": "32", "running": "33", "starting": "33", "stopping": "33", "failed": "31"}


def word(state: TaskState) -> str:
    """Return the state in one word or two."""
    match state:
        case Pending(blocked_by=blocker):
            return "pending" if blocker is None else "blocked"
        case Completed(stopped=True):
            return "stopped"
        case Backoff():
            return "restarting"
        case Pending() | Queued() | Starting() | Running() | Ready() | Stopping():
            return type(state).__name__.lower()
        case Completed() | Failed() | Aborted() | Skipped():
            return type(state).__name__.lower()
        case _:
            assert_never(state)


def detail(state: TaskState, waiting_for: tuple[str, ...] = ()) -> str:
    """Return what else there is to say of the state, in a few words; empty when there is nothing."""
    match state:
        case Failed(failure=failure):
            return failure.message.partition("\n")[0]
        case Pending(blocked_by=str() as blocker):
            return f"by {blocker}"
        case Pending() if waiting_for:
            return f"waits for {', '.join(waiting_for)}"
        case Backoff(delay_s=delay):
            return f"in {format_duration(delay)}"
        case Stopping(forced=True):
            return "by SIGKILL"
        case Skipped(reason=reason):
            return reason.words
        case _:
            return f"after {', '.join(waiting_for)}" if waiting_for else ""


def color_of(state: TaskState) -> str:
    """Return the number of the SGR sequence for a state; `0` for no colour."""
    return _COLORS.get(word(state), "0")
