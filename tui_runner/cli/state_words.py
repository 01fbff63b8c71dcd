"""Task states in words and colours, for the verbs that print them. Pure."""

from typing import assert_never

from tui_runner.model.duration import format_duration
from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    CrashLoop,
    Failed,
    Failure,
    Pending,
    Queued,
    Ready,
    RepeatKind,
    Running,
    Skipped,
    Starting,
    Stopping,
    TaskState,
)

_COLORS = {
    "ready": "32",
    "completed": "32",
    "running": "33",
    "starting": "33",
    "stopping": "33",
    "restarting": "33",
    "retrying": "33",
    "failed": "31",
    "crash loop": "31",
}


def word(state: TaskState) -> str:
    """Return the state in one word or two."""
    match state:
        case Pending(blocked_by=blocker):
            return "pending" if blocker is None else "blocked"
        case Completed(stopped=True):
            return "stopped"
        case Backoff(kind=kind):
            return "restarting" if kind is RepeatKind.RESTART else "retrying"
        case Failed(failure=Failure(crash_loop=CrashLoop())):
            return "crash loop"
        case Pending() | Queued() | Starting() | Running() | Ready() | Stopping():
            return type(state).__name__.lower()
        case Completed() | Failed() | Aborted() | Skipped():
            return type(state).__name__.lower()
        case _:
            assert_never(state)


def detail(state: TaskState, waiting_for: tuple[str, ...] = (), lasts_s: float = 0.0) -> str:
    """Return what else there is to say of a state that lasts for so long; empty when there is nothing."""
    match state:
        case Failed(failure=failure):
            return failure.message.partition("\n")[0]
        case Pending(blocked_by=str() as blocker):
            return f"by {blocker}"
        case Pending() if waiting_for:
            return f"waits for {', '.join(waiting_for)}"
        case Backoff() as backoff:
            return _next(backoff, lasts_s)
        case Stopping(forced=True):
            return "by SIGKILL"
        case Skipped(reason=reason):
            return reason.words
        case _:
            return f"after {', '.join(waiting_for)}" if waiting_for else ""


def _next(state: Backoff, lasts_s: float) -> str:
    """Return which attempt comes, when, and after what: `2 of 5 in 1.2 s, after exit code 1`."""
    which = f"{state.number} of {state.most} " if state.number else ""
    after = ""
    if state.failure is not None:
        failure = state.failure
        after = failure.signal or ("" if failure.exit_code is None else f"exit code {failure.exit_code}")
    left = f"{which}in {format_duration(max(0.0, state.delay_s - lasts_s))}"
    return f"{left}, after {after}" if after else left


def color_of(state: TaskState) -> str:
    """Return the number of the SGR sequence for a state; `0` for no colour."""
    return _COLORS.get(word(state), "0")
