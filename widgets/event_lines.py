"""Events of a run as lines. Pure."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple, assert_never

from rich.cells import cell_len

from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failed,
    Failure,
    Pending,
    Queued,
    Ready,
    Running,
    Skipped,
    Starting,
    Stopping,
    StopReason,
    TaskState,
)
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase
from widgets.ansi import safe_text
from widgets.list_line import Accent, ListLine, Piece, padded
from widgets.span_text import span_text
from widgets.task_look import ASCII, UNICODE, Glyphs, crash_loop_text, failure_text, repeat_text
from widgets.tone import Tone

_MOST_NAME = 30
_STOPS = {
    StopReason.RUN_ENDS: "stopping: the run ends",
    StopReason.PERSON: "stopping: asked to",
    StopReason.RESTART: "restarting: asked to",
    StopReason.CHANGED: "restarting: files changed",
    StopReason.TIMEOUT: "stopping: its time is over",
    StopReason.DEPENDENCY: "restarting: with what it needs",
}
_PHASES = {
    RunPhase.RUNNING: "the run goes on",
    RunPhase.STOPPING: "everything is being stopped",
    RunPhase.KILLING: "what is left is being killed",
    RunPhase.ABANDONING: "teardowns are given up",
    RunPhase.ENDED: "everything has stopped",
}


class TaskEvent(NamedTuple):
    """A task entered a state."""

    number: int
    time: float
    """Seconds since the epoch."""
    task: TaskId
    state: TaskState
    after_s: float | None
    """How long its attempt had lived; None when there was none."""


class RunEvent(NamedTuple):
    """The run as a whole entered a phase."""

    number: int
    time: float
    phase: RunPhase
    cause: str


def event_lines(events: Iterable[TaskEvent | RunEvent], *, ascii: bool = False) -> list[ListLine]:  # noqa: A002 - the name says it best
    """Return a line per event, in their order."""
    found = tuple(events)
    glyphs = ASCII if ascii else UNICODE
    tasks = {event.task for event in found if isinstance(event, TaskEvent)}
    names = min(_MOST_NAME, max((cell_len(safe_text(task)) for task in tasks), default=0))
    return [_line(event, glyphs, names) for event in found]


def _line(event: TaskEvent | RunEvent, glyphs: Glyphs, names: int) -> ListLine:
    at = datetime.fromtimestamp(event.time).astimezone()
    stamp = Piece(f"{at:%H:%M:%S}.{at.microsecond // 1000:03d}  ", Accent.MUTED)
    match event:
        case TaskEvent():
            glyph, tone, text = _told(event, glyphs)
            pieces = (
                stamp,
                Piece(f"{glyph} ", tone),
                Piece(padded(safe_text(event.task), names)),
                Piece(f"  {text}", tone),
            )
            return ListLine(pieces, ident=str(event.number), task=event.task)
        case RunEvent(phase=phase, cause=cause):
            text = f"{_PHASES[phase]}: {safe_text(cause)}" if cause else _PHASES[phase]
            return ListLine((stamp, Piece(f"  {text}", Accent.HEADING)), ident=str(event.number))
        case _:
            assert_never(event)


def _told(event: TaskEvent, glyphs: Glyphs) -> tuple[str, Tone, str]:
    after = "" if event.after_s is None else f" after {span_text(event.after_s)}"
    match event.state:
        case Running(attempt=attempt, pid=pid):
            again = f", attempt {attempt}" if attempt > 1 else ""
            return glyphs.running, Tone.ACTIVE, f"started{again}" + (f", process {pid}" if pid else "")
        case Ready():
            return glyphs.ready, Tone.READY, f"ready{after}"
        case Stopping(reason=reason, forced=forced):
            return glyphs.stopped, Tone.LEAVING, "killed" if forced else _STOPS[reason]
        case Backoff(delay_s=delay, failure=failure) as state:
            why = "ended" if failure is None else failure_text(failure)
            again = repeat_text(state) if state.number else "again"
            return glyphs.backoff, Tone.ACTIVE, f"{why}{after}, {again} in {span_text(delay)}"
        case Completed(stopped=True, signal=signal):
            return glyphs.stopped, Tone.GONE, f"stopped ({signal})" if signal else "stopped"
        case Completed():
            return glyphs.done, Tone.DONE, f"done{after}"
        case Failed(failure=failure):
            loop = "" if failure.crash_loop is None else f", {crash_loop_text(failure.crash_loop)}"
            return glyphs.failed, Tone.FAILED, f"{failure_text(failure)}{after}{loop or _reason(event.task, failure)}"
        case Aborted(signal=signal):
            return glyphs.stopped, Tone.GONE, f"aborted ({signal})" if signal else "aborted"
        case Skipped(reason=skipped):
            return glyphs.skipped, Tone.GONE, f"skipped: {skipped.words}"
        case Pending(blocked_by=blocker):
            return glyphs.skipped, Tone.PENDING, f"blocked by {safe_text(blocker)}" if blocker else "waits"
        case Queued():
            return glyphs.queued, Tone.PENDING, "queued"
        case Starting():
            return glyphs.pending, Tone.ACTIVE, "starting"
        case _:
            assert_never(event.state)


def _reason(task: TaskId, failure: Failure) -> str:
    """Return what went wrong where no exit code and no signal tells it."""
    if failure.exit_code is not None or failure.signal is not None:
        return ""
    return ": " + safe_text(failure.message.removeprefix(f"[{task}] ").partition("\n")[0])
