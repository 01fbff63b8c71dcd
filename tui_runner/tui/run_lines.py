"""Past runs as lines, and one of them with its tasks. Pure: records come in."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import assert_never

from tui_runner.model.result import TaskStats, TaskStatus
from tui_runner.records.history import RunRecord
from widgets.ansi import safe_text
from widgets.list_line import BLANK_LINE, Accent, ListLine, Piece, fields, heading, padded
from widgets.span_text import span_text
from widgets.task_look import ASCII, UNICODE, Glyphs
from widgets.tone import Tone

_STATUS_CELLS, _MODE_CELLS, _TOOK_CELLS = 11, 7, 12
_FAILED_NAMED = 6


def run_lines(records: Iterable[RunRecord], current: str, *, ascii: bool = False) -> list[ListLine]:  # noqa: A002 - the name says it best
    """Return a line per run, in their order; `current` is the id of the run on the screen."""
    glyphs = ASCII if ascii else UNICODE
    return [_run_line(record, current, glyphs) for record in records]


def past_run_lines(record: RunRecord, width: int, *, ascii: bool = False) -> list[ListLine]:  # noqa: A002 - the name says it best
    """Return what a run was and how its tasks went."""
    glyphs = ASCII if ascii else UNICODE
    run = record.execution
    rows: list[tuple[str, str]] = [("run", record.run_id), ("status", record.status), ("problem", record.problem)]
    if run is not None:
        rows += [
            ("mode", run.mode),
            ("started", f"{datetime.fromtimestamp(run.started_at).astimezone():%Y-%m-%d %H:%M:%S}"),
            ("took", "" if run.duration_s is None else span_text(run.duration_s)),
            ("error", "" if run.error is None else run.error.message),
        ]
    lines = fields([*rows, ("directory", str(record.places.path))], width, indent=0)
    tasks = () if run is None else tuple(_walk(run.tasks))
    if tasks:
        names = max(len(safe_text(task.id)) for task in tasks)
        lines += [BLANK_LINE, heading("Tasks"), *(_task_line(task, min(names, 30), glyphs) for task in tasks)]
    return lines


def _run_line(record: RunRecord, current: str, glyphs: Glyphs) -> ListLine:
    run = record.execution
    glyph, tone = _status_look(record.status, glyphs)
    started = "" if run is None else f"{datetime.fromtimestamp(run.started_at).astimezone():%Y-%m-%d %H:%M:%S}"
    took = "" if run is None or run.duration_s is None else span_text(run.duration_s)
    pieces = (
        Piece(f"{padded(started or record.run_id[:19], 19)}  "),
        Piece(f"{glyph} {record.status:<{_STATUS_CELLS}}  ", tone),
        Piece(padded("" if run is None else safe_text(run.mode), _MODE_CELLS) + "  ", Accent.MUTED),
        Piece(f"{took:>{_TOOK_CELLS}}  "),
        Piece(_said(record, current), Accent.MUTED),
    )
    return ListLine(pieces, ident=record.run_id)


def _said(record: RunRecord, current: str) -> str:
    if record.run_id == current:
        return "this run"
    run = record.execution
    if run is None:
        return safe_text(record.problem)
    failed = [safe_text(task.id) for task in _walk(run.tasks) if task.status == "failed" and not task.subtasks]
    if failed:
        more = len(failed) - _FAILED_NAMED
        return f"failed: {', '.join(failed[:_FAILED_NAMED])}" + (f" and {more} more" if more > 0 else "")
    return "" if run.error is None else safe_text(run.error.message)


def _walk(tasks: Sequence[TaskStats]) -> Iterable[TaskStats]:
    for task in tasks:
        yield task
        yield from _walk(task.subtasks)


def _task_line(task: TaskStats, names: int, glyphs: Glyphs) -> ListLine:
    glyph, tone = _task_look(task.status, glyphs)
    how = task.signal or ("" if task.exit_code is None else f"exit {task.exit_code}")
    took = "" if task.duration_s is None or task.status == "skipped" else span_text(task.duration_s)
    said = task.error or task.skip_reason or (f"blocked by {task.blocked_by}" if task.blocked_by else "")
    pieces = (
        Piece(f"  {glyph} ", tone),
        Piece(padded(safe_text(task.id), names)),
        Piece(f"  {task.status:<9}", tone),
        Piece(f"  {took:>{_TOOK_CELLS}}  "),
        Piece("  ".join(part for part in (how, safe_text(said.partition(chr(10))[0])) if part), Accent.MUTED),
    )
    return ListLine(pieces, ident=task.id, task=task.id)


def _status_look(status: str, glyphs: Glyphs) -> tuple[str, Tone]:
    match status:
        case "success":
            return glyphs.done, Tone.DONE
        case "running":
            return glyphs.ready, Tone.READY
        case "failed" | "broken":
            return glyphs.failed, Tone.FAILED
        case _:
            return glyphs.stopped, Tone.GONE


def _task_look(status: TaskStatus, glyphs: Glyphs) -> tuple[str, Tone]:
    match status:
        case "completed":
            return glyphs.done, Tone.DONE
        case "ready" | "running":
            return glyphs.ready, Tone.READY
        case "failed":
            return glyphs.failed, Tone.FAILED
        case "skipped":
            return glyphs.skipped, Tone.GONE
        case "aborted":
            return glyphs.stopped, Tone.GONE
        case "pending":
            return glyphs.pending, Tone.PENDING
        case _:
            assert_never(status)
