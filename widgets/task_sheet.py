"""What there is to know of one task, as lines. Pure: views, details and the time come in."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from itertools import groupby
from typing import assert_never

from tui_runner.model.details import Attempt, Listening, TaskDetails
from tui_runner.model.size import format_size
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
    StopReason,
    TeardownStatus,
)
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from widgets.ansi import safe_text
from widgets.list_line import BLANK_LINE, Accent, ListLine, Piece, fields, heading, padded
from widgets.span_text import span_text
from widgets.task_look import Look, crash_loop_text, failure_text, look

MASK = "••••••"


def sheet_lines(
    view: TaskView,
    tasks: Mapping[TaskId, TaskView],
    details: TaskDetails | None,
    now: float,
    width: int,
    *,
    ascii: bool = False,  # noqa: A002 - the name says it best
) -> list[ListLine]:
    """Return the whole sheet; without `details`, which come a moment later, what the view alone tells."""
    seen = look(view, now, ascii)
    lines = [_headline(view, seen), BLANK_LINE, *_definition(view, width)]
    needs = [tasks[need] for need in view.depends_on if need in tasks]
    needed_by = [other for other in tasks.values() if view.id in other.depends_on]
    inside = [other for other in tasks.values() if other.parent == view.id]
    lines += _relatives("Inside", inside, now, width, ascii=ascii)
    lines += _relatives("Needs", needs, now, width, ascii=ascii)
    lines += _relatives("Needed by", needed_by, now, width, ascii=ascii)
    if view.composite:
        return lines
    if details is None:
        return [*lines, BLANK_LINE, ListLine((Piece("looking at its processes …", Accent.MUTED),))]
    return [*lines, *_history(details), *_processes(details), *_environment(details, width, ascii=ascii)]


def _headline(view: TaskView, seen: Look) -> ListLine:
    pieces = [
        Piece(f"{seen.glyph} ", seen.tone),
        Piece(safe_text(view.id), Accent.HEADING),
        Piece(f"  {seen.note}", seen.tone),
    ]
    if view.description:
        pieces.append(Piece(f"  {safe_text(view.description)}", Accent.MUTED))
    return ListLine(tuple(pieces))


def _definition(view: TaskView, width: int) -> list[ListLine]:
    teardown = "" if view.teardown is None else view.teardown.value.replace("-", " ")
    if view.teardown is TeardownStatus.FAILED and view.teardown_error:
        teardown += f": {view.teardown_error}"
    failure = view.last_failure
    return fields(
        (
            ("command", view.title or view.command),
            ("directory", view.cwd),
            ("mode", view.mode),
            ("defined at", "" if view.site is None else str(view.site)),
            ("ready when", view.ready_when),
            ("alive", view.alive),
            ("unhealthy", view.unhealthy),
            ("address", view.address),
            ("restarts", f"{view.restarts}, the last one: {view.restart_reason}" if view.restarts else ""),
            ("last failure", "" if failure is None else failure.message),
            ("cache", view.cache),
            ("teardown", teardown),
            ("log", view.log_file),
        ),
        width,
        indent=0,
    )


def _relatives(
    title: str,
    views: Iterable[TaskView],
    now: float,
    width: int,
    *,
    ascii: bool,  # noqa: A002 - the name says it best
) -> list[ListLine]:
    found = tuple(views)
    if not found:
        return []
    names = max(len(safe_text(view.id)) for view in found)
    lines = [BLANK_LINE, heading(title)]
    for view in found:
        seen = look(view, now, ascii)
        name = padded(safe_text(view.id), min(names, max(12, width // 2)))
        pieces = (Piece(f"  {seen.glyph} ", seen.tone), Piece(name), Piece(f"  {seen.note}", Accent.MUTED))
        lines.append(ListLine(pieces, ident=f"{title}:{view.id}", task=view.id))
    return lines


def _history(details: TaskDetails) -> list[ListLine]:
    if not details.attempts:
        return []
    lines = [BLANK_LINE, heading("Attempts")]
    for attempt in reversed(details.attempts):
        started = attempt.started_at if attempt.started_at is not None else attempt.finished_at
        ready = ""
        if attempt.ready_at is not None and attempt.started_at is not None:
            ready = f"ready after {span_text(attempt.ready_at - attempt.started_at)}"
        ran = ""
        if attempt.finished_at is not None and attempt.started_at is not None:
            ran = f"ran {span_text(attempt.finished_at - attempt.started_at)}"
        words = [part for part in (ready, ran, _how_it_ended(attempt)) if part]
        stamp = "        " if started is None else clock_text(started)
        lines.append(
            ListLine((Piece(f"  {attempt.number:>3}  ", Accent.MUTED), Piece(f"{stamp}  "), Piece(", ".join(words))))
        )
    return lines


def _how_it_ended(attempt: Attempt) -> str:
    match attempt.last:
        case Failed(failure=failure):
            loop = "" if failure.crash_loop is None else f", {crash_loop_text(failure.crash_loop)}"
            return f"{failure_text(failure)}{loop}"
        case Backoff(failure=failure):
            return "ended well, and is started again" if failure is None else failure_text(failure)
        case Completed(stopped=stopped, exit_code=exit_code, signal=signal):
            how = signal or ("" if exit_code is None else f"exit {exit_code}")
            return f"stopped {f'({how})' if how else ''}".strip() if stopped else (how or "done")
        case Aborted(signal=signal):
            return f"aborted ({signal})" if signal else "aborted"
        case Skipped():
            return "cached: nothing changed"
        case Stopping(reason=StopReason.CHANGED):
            return "restarted: files changed"
        case Stopping(reason=StopReason.RESTART):
            return "restarted by hand"
        case Stopping(reason=StopReason.DEPENDENCY):
            return "restarted with what it needs"
        case Stopping():
            return "stopping"
        case Running() | Ready():
            return "runs" if attempt.finished_at is None else ""
        case Pending() | Queued() | Starting():
            return ""
        case _:
            assert_never(attempt.last)


def _processes(details: TaskDetails) -> list[ListLine]:
    if details.problem:
        return [BLANK_LINE, heading("Processes"), ListLine((Piece(f"  {safe_text(details.problem)}"),))]
    if not details.processes:
        return []
    lines = [BLANK_LINE, heading("Processes")]
    depths: dict[int, int] = {}
    for process in details.processes:
        depths[process.pid] = depths.get(process.parent, -1) + 1
        ports = ", ".join(_places(details.listening, process.pid))
        name = "  " * depths[process.pid] + safe_text(process.name)
        pieces = [Piece(f"  {process.pid:>8}  ", Accent.MUTED), Piece(padded(name, 24))]
        pieces.append(Piece(f"{format_size(process.rss):>10}", Accent.MUTED))
        if ports:
            pieces.append(Piece(f"  listens on {ports}"))
        lines.append(ListLine(tuple(pieces)))
    return lines


def _places(listening: Iterable[Listening], pid: int) -> Iterable[str]:
    mine = (one for one in listening if one.pid == pid)
    for port, group in groupby(mine, key=lambda one: one.port):
        yield f"port {port} ({', '.join(one.address for one in group)})"


def _environment(details: TaskDetails, width: int, *, ascii: bool) -> list[ListLine]:  # noqa: A002 - the name says it best
    if not details.environment:
        return []
    mask = "******" if ascii else MASK
    rows = ((safe_text(one.name), one.value or (mask if one.masked else '""')) for one in details.environment)
    return [BLANK_LINE, heading("Variables it is given"), *fields(rows, width)]


def clock_text(at: float) -> str:
    """Return a time of the day."""
    return datetime.fromtimestamp(at).astimezone().strftime("%H:%M:%S")
