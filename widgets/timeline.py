"""The start-up of a run as lines with bars: what waited for what, in milliseconds. Pure."""

from collections.abc import Mapping
from typing import NamedTuple

from rich.cells import cell_len

from tui_runner.model.state import Pending
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from widgets.ansi import safe_text
from widgets.list_line import BLANK_LINE, Accent, ListLine, Piece, padded
from widgets.startup import Course, StartUp
from widgets.task_look import look
from widgets.tone import Tone

_MOST_NAME = 24
_LEAST_BAR = 12
_TIME_CELLS = 11


class Signs(NamedTuple):
    """One set of signs, each one cell wide."""

    waits: str
    rises: str
    up: str
    critical: str
    after: str


UNICODE = Signs("·", "━", "─", "◆", "←")
ASCII = Signs(".", "=", "-", "*", "<")


def timeline_lines(
    start: StartUp,
    views: Mapping[TaskId, TaskView],
    now: float,
    width: int,
    *,
    ascii: bool = False,  # noqa: A002 - the name says it best
) -> list[ListLine]:
    """Return a legend, a scale and a line per task."""
    signs = ASCII if ascii else UNICODE
    shown = [course for course in start.courses if course.task in views]
    names = min(_MOST_NAME, max((cell_len(safe_text(one.task)) for one in shown), default=0), max(8, width // 4))
    bar = max(_LEAST_BAR, (width - names - _TIME_CELLS - 6) * 3 // 5)
    lines = [_legend(signs), BLANK_LINE, _scale(start, names, bar)]
    for course in shown:
        view = views[course.task]
        seen = look(view, now, ascii)
        critical = course.task in start.critical
        mark = Piece(f"{signs.critical if critical else ' '} ", Accent.CRITICAL)
        name = Piece(padded(safe_text(course.task), names), Accent.CRITICAL if critical else Accent.PLAIN)
        pieces = [mark, Piece(f"{seen.glyph} ", seen.tone), name, Piece(" ")]
        pieces += _bar(course, start, bar, seen.tone, signs, critical=critical)
        pieces += [
            Piece(f"{_took(course, start):>{_TIME_CELLS}}"),
            Piece(f"  {_why(course, view, start, signs)}", Accent.MUTED),
        ]
        lines.append(ListLine(tuple(pieces), ident=course.task, task=course.task))
    return lines


def milliseconds(seconds: float) -> str:
    """Return a span as whole milliseconds."""
    return f"{max(0.0, seconds) * 1000:,.0f} ms"


def _legend(signs: Signs) -> ListLine:
    return ListLine(
        (
            Piece(f"{signs.waits * 3} waits   ", Accent.MUTED),
            Piece(f"{signs.rises * 3}", Tone.ACTIVE),
            Piece(" comes up   ", Accent.MUTED),
            Piece(f"{signs.up * 3} is up   ", Accent.MUTED),
            Piece(f"{signs.critical}", Accent.CRITICAL),
            Piece(" critical path", Accent.MUTED),
        )
    )


def _scale(start: StartUp, names: int, bar: int) -> ListLine:
    end = milliseconds(start.until - start.began)
    text = "0" + end.rjust(bar - 1)
    return ListLine((Piece(" " * (names + 5)), Piece(text, Accent.MUTED)))


def _bar(course: Course, start: StartUp, cells: int, tone: Tone, signs: Signs, *, critical: bool) -> list[Piece]:
    whole = max(start.until - start.began, 0.001)

    def cell(at: float) -> int:
        return max(0, min(cells, round((at - start.began) / whole * cells)))

    first = course.started_at if course.started_at is not None else course.up_at
    if first is None:
        return [Piece((signs.waits if course.under_way else " ") * cells, Accent.MUTED)]
    end = course.up_at if course.up_at is not None else course.ended_at if course.ended_at is not None else start.until
    left, right = cell(first), cell(end)
    if right <= left:  # what took no time is seen all the same
        left, right = (left, left + 1) if left < cells else (cells - 1, cells)
    last = 0 if course.up_at is None else cells if course.ended_at is None else cell(course.ended_at)
    up = max(0, last - right)
    failed = course.up_at is None and course.ended_at is not None
    rising: Tone | Accent = Accent.CRITICAL if critical else tone if failed else Tone.ACTIVE
    return [
        Piece(signs.waits * left, Accent.MUTED),
        Piece(signs.rises * (right - left), rising),
        Piece(signs.up * up + " " * (cells - right - up), Accent.MUTED),
    ]


def _took(course: Course, start: StartUp) -> str:
    if course.started_at is None:
        return ""
    end = course.up_at if course.up_at is not None else course.ended_at
    if end is None:
        return f"{milliseconds(start.until - course.started_at)}" if course.under_way else ""
    return milliseconds(end - course.started_at)


def _why(course: Course, view: TaskView, start: StartUp, signs: Signs) -> str:
    """Say when it was started and what it had waited for, or why it was not."""
    if course.started_at is not None:
        held = "" if course.held_by is None else f" {signs.after} {safe_text(course.held_by)}"
        return f"at {milliseconds(course.started_at - start.began)}{held}"
    if isinstance(view.state, Pending) and view.state.blocked_by is None and view.waiting_for:
        return f"waits for {', '.join(safe_text(task) for task in view.waiting_for)}"
    return look(view, view.since).note
