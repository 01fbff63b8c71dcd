"""How a run came up: when each task could start, was started and was up, and which chain of tasks took longest. Pure.

Only the first time counts: what is restarted later has come up before.
"""

from collections.abc import Iterable, Mapping
from typing import NamedTuple

from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failed,
    Pending,
    Queued,
    Running,
    Skipped,
    SkipReason,
    Starting,
    TaskState,
    satisfies,
)
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from widgets.needs import needs_of


class Course(NamedTuple):
    """How one task came up. Times are seconds since the epoch."""

    task: TaskId
    started_at: float | None
    """None while it waits, and when it never started."""
    up_at: float | None
    """When dependents could start; None before, and when that never happened."""
    ended_at: float | None
    """When it ended without having been up, or since when it is not up any more; None while it is up."""
    held_by: TaskId | None
    """What it waited for last; None when it waited for nothing, or still waits."""
    under_way: bool
    """It is going to be up, as far as is known."""


class StartUp(NamedTuple):
    """How a whole run came up."""

    began: float
    until: float
    """When the last task was up; now while some are under way. What failed later does not count, unless nothing came up."""
    courses: tuple[Course, ...]
    """In the order in which they started, those that wait last; nested pipelines are left out."""
    critical: tuple[TaskId, ...]
    """The chain that took longest, first task first: while it comes up, the one that is waited for now."""
    under_way: bool


def start_up(views: Mapping[TaskId, TaskView], began: float, now: float) -> StartUp:
    """Return how a run came up, or how far it is. All in seconds since the epoch."""
    needed = {need for view in views.values() for need in view.depends_on}
    ups = {view.id: _up_at(view, needed) for view in views.values()}
    courses = {task: _course(views[task], needs, ups) for task, needs in needs_of(views).items()}
    moments = [one.up_at for one in courses.values() if one.up_at is not None]
    moments = moments or [one.ended_at for one in courses.values() if one.ended_at is not None]
    under_way = any(one.under_way for one in courses.values())
    until = max([began, *moments, *([now] if under_way else [])])
    order = {task: index for index, task in enumerate(reversed(tuple(views)))}
    ordered = sorted(courses.values(), key=lambda one: (_first_moment(one), order[one.task]))
    return StartUp(began, until, tuple(ordered), _critical(courses), under_way)


def _first_moment(course: Course) -> float:
    return min((at for at in (course.started_at, course.up_at) if at is not None), default=float("inf"))


def _up_at(view: TaskView, needed: set[TaskId]) -> float | None:
    if view.first_up_at is not None:
        return view.first_up_at
    # Nothing tells when it is up and nobody waits for that: it was when it was started.
    silent = not view.ready_when and view.id not in needed and not view.composite
    return view.first_started_at if silent and isinstance(view.state, Running) else None


def _course(view: TaskView, needs: Iterable[TaskId], ups: Mapping[TaskId, float | None]) -> Course:
    up_at = ups[view.id]
    times = {need: ups[need] for need in needs}
    last = None
    if times and None not in times.values():
        last = max(times, key=lambda need: times[need] or 0.0)
    return Course(
        task=view.id,
        started_at=view.first_started_at,
        up_at=None if _never_ran(view.state) else up_at,
        ended_at=_ended_at(view, up_at),
        held_by=last,
        under_way=up_at is None and _is_under_way(view),
    )


def _ended_at(view: TaskView, up_at: float | None) -> float | None:
    if up_at is None:
        return view.first_ended_at if _is_over(view.state) else None
    is_up = satisfies(view.state) or view.first_up_at is None
    # A step is up when it ended well, and stays so.
    ended = view.first_ended_at is not None and view.first_ended_at > up_at
    return view.first_ended_at if ended and not is_up else None


def _never_ran(state: TaskState) -> bool:
    return isinstance(state, Skipped) and state.reason is not SkipReason.CACHE_HIT


def _is_over(state: TaskState) -> bool:
    return isinstance(state, Failed | Aborted | Completed | Skipped)


def _is_under_way(view: TaskView) -> bool:
    match view.state:
        case Pending(blocked_by=blocker):
            return blocker is None and not view.leaving
        case Queued() | Starting() | Running() | Backoff():
            return not view.leaving
        case _:
            return False


def _critical(courses: Mapping[TaskId, Course]) -> tuple[TaskId, ...]:
    """Follow from the task that was up last, or is waited for, what each waited for."""
    busy = [one for one in courses.values() if one.under_way and one.started_at is not None]
    if busy:
        last = min(busy, key=lambda one: one.started_at or 0.0)
    else:
        done = [one for one in courses.values() if one.up_at is not None]
        if not done:
            return ()
        last = max(done, key=lambda one: one.up_at or 0.0)
    chain: list[TaskId] = []
    task: TaskId | None = last.task
    while task is not None and task in courses and task not in chain:
        chain.append(task)
        task = courses[task].held_by
    return tuple(reversed(chain))
