"""How a task looks: glyph, tone and note for every state. Pure: the time is passed in.

A glyph says the same as its colour, so that nobody needs the colour.
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple, assert_never
from urllib.parse import urlsplit

import msgspec

from tui_runner.errors.runner_error import ErrorCode
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
    SkipReason,
    Starting,
    Stopping,
    StopReason,
    TeardownStatus,
    is_alive,
)
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from widgets.span_text import growing_text, span_text
from widgets.tone import Tone

SPINNER_STEP_S = 0.1
_NAMED = 3
"""Most tasks named in a note; the others are counted."""


class Glyphs(NamedTuple):
    """One set of glyphs, each one cell wide."""

    spinner: str
    """Shown one after the other."""
    pending: str
    queued: str
    running: str
    ready: str
    done: str
    failed: str
    skipped: str
    stopped: str
    backoff: str
    ellipsis: str


UNICODE = Glyphs("⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏", "◌", "○", "▶", "●", "✓", "✗", "⊘", "■", "↻", "…")
ASCII = Glyphs("|/-\\", ".", "o", ">", "*", "+", "x", "-", "#", "~", "...")


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many tasks are in one condition, for the status line."""

    glyph: str
    number: int | None
    """None: it is not about tasks."""
    label: str
    tone: Tone


_CALM_STEP_S = 10.0
_COME_BACK = frozenset({StopReason.RESTART, StopReason.CHANGED, StopReason.DEPENDENCY})
"""Reasons after which a task is started again."""


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn for one task at one moment."""

    glyph: str
    """One cell wide."""
    tone: Tone
    note: str
    """A few words, such as `ready 1.2 s`."""
    brief: str
    """The same where there is little room; may be empty."""
    changes_in: float | None = None
    """Seconds until it will look different by itself; None when it stands still."""


def look(view: TaskView, now: float, ascii: bool = False) -> Look:  # noqa: A002 - the name says it best
    """Return the look of a task at this time (seconds since the epoch)."""
    glyphs = ASCII if ascii else UNICODE
    return _leaving_look(view, now, glyphs) or _state_look(view, now, glyphs)


def tally(views: Iterable[TaskView], ascii: bool = False) -> tuple[Count, ...]:  # noqa: A002 - the name says it best
    """Return how many tasks are in which condition; those that stand for a pipeline do not count, empty ones are left out."""
    glyphs = ASCII if ascii else UNICODE
    kinds = (
        Count(glyph=glyphs.ready, number=0, label="ready", tone=Tone.READY),
        Count(glyph=glyphs.running, number=0, label="running", tone=Tone.ACTIVE),
        Count(glyph="o" if ascii else "◐", number=0, label="starting", tone=Tone.ACTIVE),
        Count(glyph=glyphs.pending, number=0, label="waiting", tone=Tone.PENDING),
        Count(glyph=glyphs.skipped, number=0, label="blocked", tone=Tone.PENDING),
        Count(glyph=glyphs.done, number=0, label="done", tone=Tone.DONE),
        Count(glyph=glyphs.stopped, number=0, label="stopping", tone=Tone.LEAVING),
        Count(glyph=glyphs.failed, number=0, label="failed", tone=Tone.FAILED),
    )
    numbers = Counter(_condition(view, look(view, view.since, ascii), glyphs) for view in views if not view.composite)
    return tuple(msgspec.structs.replace(kind, number=numbers[kind.label]) for kind in kinds if numbers[kind.label])


def _condition(view: TaskView, seen: Look, glyphs: Glyphs) -> str:
    """Return under which label a task counts; empty when under none."""
    match seen.tone:
        case Tone.READY:
            return "ready"
        case Tone.ACTIVE:
            return "running" if seen.glyph == glyphs.running else "starting"
        case Tone.PENDING:
            return "blocked" if isinstance(view.state, Pending) and view.state.blocked_by is not None else "waiting"
        case Tone.DONE:
            return "done"
        case Tone.FAILED:
            return "failed"
        case Tone.LEAVING if isinstance(view.state, Stopping) or view.teardown is TeardownStatus.RUNNING:
            return "stopping"
        case Tone.LEAVING if is_alive(view.state):  # its turn comes later: it is as up as before
            return "ready" if isinstance(view.state, Ready) else "running"
        case Tone.LEAVING | Tone.GONE:
            return ""
        case _:
            assert_never(seen.tone)


def failure_text(failure: Failure) -> str:
    """Return what a task failed of in two or three words."""
    if failure.code is ErrorCode.TASK_READY_TIMEOUT:
        return "not ready in time"
    if failure.code is ErrorCode.TASK_COMPLETED_TIMEOUT:
        return "not done in time"
    if failure.signal is not None:
        return failure.signal
    return "failed" if failure.exit_code is None else f"exit {failure.exit_code}"


def crash_loop_text(loop: CrashLoop) -> str:
    """Return that the restart policy gave up: `crash loop: 5 restarts in 12 s`."""
    restarts = "1 restart" if loop.restarts == 1 else f"{loop.restarts} restarts"
    return f"crash loop: {restarts} in {span_text(loop.within_s)}"


def repeat_text(state: Backoff) -> str:
    """Return what will follow: `restart 2/5`, `try 2/3`."""
    word = "restart" if state.kind is RepeatKind.RESTART else "try"
    return f"{word} {state.number}/{state.most}" if state.number else word


def short_name(task: TaskId) -> str:
    """Return the last name of a task's path."""
    return task.rpartition(":")[2]


def names(tasks: Sequence[TaskId]) -> str:
    """Return the short names of a few tasks, and how many more there are."""
    more = len(tasks) - _NAMED
    text = ", ".join(short_name(task) for task in tasks[:_NAMED])
    return f"{text} +{more}" if more > 0 else text


def _leaving_look(view: TaskView, now: float, glyphs: Glyphs) -> Look | None:
    """Return the look of a task whose teardown says more than its state; None for any other."""
    match view.teardown:
        case TeardownStatus.RUNNING:
            begun = now if view.teardown_since is None else view.teardown_since
            return _spinning(now, glyphs, Tone.LEAVING, _for_a_while("tearing down", begun, now, glyphs), "teardown")
        case TeardownStatus.FAILED:
            return _still(glyphs.failed, Tone.FAILED, "teardown failed", "teardown")
        case _ if not view.leaving or isinstance(view.state, Stopping | Failed):
            return None
        case TeardownStatus.COMPLETED:
            return _still(glyphs.stopped, Tone.GONE, "torn down", "gone")
        case _ if view.waiting_for and is_alive(view.state):
            glyph = glyphs.ready if isinstance(view.state, Ready) else glyphs.stopped
            return _still(glyph, Tone.LEAVING, f"stops after {names(view.waiting_for)}", "leaving")
        case TeardownStatus.DUE if view.waiting_for:
            return _still(glyphs.stopped, Tone.LEAVING, f"teardown after {names(view.waiting_for)}", "due")
        case TeardownStatus.DUE if isinstance(view.state, Completed | Aborted | Skipped):
            return _still(glyphs.stopped, Tone.LEAVING, "teardown due", "due")
        case _:
            return None


def _state_look(view: TaskView, now: float, glyphs: Glyphs) -> Look:
    match view.state:
        case Pending(blocked_by=blocked_by):
            return _pending_look(view, blocked_by, glyphs)
        case Queued():
            return _still(glyphs.queued, Tone.PENDING, "queued", "queued")
        case Starting():
            return _spinning(now, glyphs, Tone.ACTIVE, f"starting{glyphs.ellipsis}", "")
        case Running() if view.unhealthy:
            return _still(glyphs.running, Tone.ACTIVE, "does not answer", "no answer")
        case Ready() if view.unhealthy:
            return _still(glyphs.ready, Tone.READY, "ready, does not answer", "no answer")
        case Running():
            return _running_look(view, now, glyphs)
        case Ready():
            return _ready_look(view, glyphs)
        case Stopping():
            return _stopping_look(view, view.state, now, glyphs)
        case Backoff() as state:
            return _backoff_look(view, state, now, glyphs)
        case Completed(stopped=stopped):
            if stopped:
                return _still(glyphs.stopped, Tone.GONE, "stopped", "stopped")
            return _still(glyphs.done, Tone.DONE, f"done {_took(view)}".rstrip(), _took(view))
        case Failed(failure=Failure(crash_loop=CrashLoop() as loop)):
            return _still(glyphs.failed, Tone.FAILED, crash_loop_text(loop), "crash loop")
        case Failed(failure=failure):
            text = failure_text(failure)
            return _still(glyphs.failed, Tone.FAILED, text, text)
        case Aborted(signal=signal):
            return _still(glyphs.stopped, Tone.GONE, f"aborted ({signal})" if signal else "aborted", "aborted")
        case Skipped(reason=SkipReason.CACHE_HIT):
            return _still(glyphs.done, Tone.DONE, "cached: nothing changed", "cached")
        case Skipped(reason=reason):
            return _still(glyphs.skipped, Tone.GONE, _skipped_text(view, reason), "skipped")
        case _:
            assert_never(view.state)


def _pending_look(view: TaskView, blocked_by: TaskId | None, glyphs: Glyphs) -> Look:
    if blocked_by is not None:
        return _still(glyphs.skipped, Tone.PENDING, f"blocked by {short_name(blocked_by)}", "blocked")
    if view.leaving:
        return _still(glyphs.pending, Tone.GONE, "not started", "")
    if view.waiting_for:
        return _still(glyphs.pending, Tone.PENDING, f"waiting for {names(view.waiting_for)}", "waiting")
    return _still(glyphs.pending, Tone.PENDING, "waiting", "")


def _running_look(view: TaskView, now: float, glyphs: Glyphs) -> Look:
    seconds = now - (view.since if view.started_at is None else view.started_at)
    again = f"try {view.attempt}, " if view.attempt > 1 else ""
    if view.ready_when or view.composite:
        elapsed, _ = growing_text(seconds)
        return _spinning(now, glyphs, Tone.ACTIVE, f"{again}{elapsed}", elapsed)
    # Nothing says when it is up: it may run like this for days, so nothing turns and the time moves in large steps.
    elapsed, changes_in = growing_text(seconds, least_step_s=_CALM_STEP_S)
    shown = f"{again}running {elapsed}" if seconds >= _CALM_STEP_S else f"{again}running"
    return Look(glyph=glyphs.running, tone=Tone.ACTIVE, note=shown, brief="running", changes_in=changes_in)


def _ready_look(view: TaskView, glyphs: Glyphs) -> Look:
    took = ""
    if view.ready_at is not None and view.started_at is not None:
        took = span_text(view.ready_at - view.started_at)
    parts = ["ready", took, f"{glyphs.backoff}{view.restarts}" if view.restarts else "", _port(view.address)]
    return _still(glyphs.ready, Tone.READY, " ".join(part for part in parts if part), _port(view.address) or took)


def _backoff_look(view: TaskView, state: Backoff, now: float, glyphs: Glyphs) -> Look:
    left = max(0.0, view.since + state.delay_s - now)
    why = f"{failure_text(state.failure)}, " if state.failure else ""
    brief = f"in {-(-left // 1):.0f} s"
    note = f"{why}{repeat_text(state)} {brief}"
    changes_in = left % 1.0 or 1.0
    return Look(glyph=glyphs.backoff, tone=Tone.ACTIVE, note=note, brief=brief, changes_in=changes_in)


def _stopping_look(view: TaskView, state: Stopping, now: float, glyphs: Glyphs) -> Look:
    if state.forced:
        verb = "killing"
    elif state.reason in _COME_BACK and not view.leaving:
        verb = "restarting"
    else:
        verb = "stopping"
    return _spinning(now, glyphs, Tone.LEAVING, _for_a_while(verb, view.since, now, glyphs), verb)


def _for_a_while(verb: str, since: float, now: float, glyphs: Glyphs) -> str:
    """Return what goes on and for how long: `stopping… 3 s`."""
    elapsed = growing_text(now - since)[0]
    return f"{verb}{glyphs.ellipsis}" if elapsed == "0 s" else f"{verb}{glyphs.ellipsis} {elapsed}"


def _skipped_text(view: TaskView, reason: SkipReason) -> str:
    match reason:
        case SkipReason.COMMAND_NOT_FOUND:
            return f"skipped: no command for {view.mode}" if view.mode else "skipped: no command"
        case SkipReason.CACHE_HIT:
            return "skipped: nothing changed"
        case SkipReason.INNER_TASKS_SKIPPED:
            return "skipped: nothing to run"
        case SkipReason.UNAVAILABLE:
            return "skipped: not available here"


def _took(view: TaskView) -> str:
    if view.started_at is None or view.finished_at is None:
        return ""
    return span_text(view.finished_at - view.started_at)


def _port(address: str) -> str:
    """Return `:8000` for an address with a port, else nothing."""
    try:
        port = urlsplit(address if "://" in address else f"//{address}").port
    except ValueError:
        return ""
    return f":{port}" if port else ""


def _still(glyph: str, tone: Tone, note: str, brief: str) -> Look:
    return Look(glyph=glyph, tone=tone, note=note, brief=brief)


def _spinning(now: float, glyphs: Glyphs, tone: Tone, note: str, brief: str) -> Look:
    step = int(now / SPINNER_STEP_S + 1e-6) % len(glyphs.spinner)
    return Look(glyph=glyphs.spinner[step], tone=tone, note=note, brief=brief, changes_in=SPINNER_STEP_S)
