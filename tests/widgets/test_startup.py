"""How a run came up is told by the first times of its tasks."""

import msgspec

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import (
    Backoff,
    Completed,
    Failed,
    Failure,
    Pending,
    Ready,
    Running,
    Skipped,
    SkipReason,
    TaskState,
)
from tui_runner.model.view import TaskView
from widgets.startup import Course, StartUp, start_up
from widgets.timeline import timeline_lines

BEGAN = 1000.0
UP = Ready(attempt=1, pid=4)
FAILURE = Failure(code=ErrorCode.TASK_FAILED, message="[a] no", exit_code=1)


def a_task(
    name: str,
    started_s: float | None,
    up_s: float | None,
    *needs: str,
    state: TaskState | None = None,
    **more: object,
) -> TaskView:
    view = TaskView(id=name, name=name, state=state or UP, depends_on=needs, ready_when="it says so")
    return msgspec.structs.replace(
        view,
        first_started_at=None if started_s is None else BEGAN + started_s,
        first_up_at=None if up_s is None else BEGAN + up_s,
        **more,
    )


def came_up(*views: TaskView, now_s: float = 100.0) -> StartUp:
    return start_up({view.id: view for view in views}, BEGAN, BEGAN + now_s)


def course(start: StartUp, task: str) -> Course:
    return next(one for one in start.courses if one.task == task)


def test_the_critical_path_leads_from_the_last_task_back_over_what_each_waited_for_last() -> None:
    start = came_up(
        a_task("web", 9, 10, "api", "assets"),
        a_task("api", 6, 9, "migrate"),
        a_task("migrate", 4, 6, "db"),
        a_task("assets", 0, 8),
        a_task("db", 0, 4),
        a_task("mail", 0, 5),
    )
    assert start.critical == ("db", "migrate", "api", "web")
    assert course(start, "web").held_by == "api"
    assert (start.until - BEGAN, start.under_way) == (10, False)
    assert [one.task for one in start.courses][-3:] == ["migrate", "api", "web"]


def test_while_it_comes_up_the_path_ends_at_what_is_waited_for() -> None:
    start = came_up(
        a_task("web", None, None, "api", state=Pending()),
        a_task("api", 6, None, "db", state=Running(attempt=1, pid=3)),
        a_task("db", 0, 6),
        now_s=20,
    )
    assert start.critical == ("db", "api")
    assert start.under_way
    assert start.until == BEGAN + 20
    assert course(start, "web").held_by is None


def test_time_stands_still_once_everything_is_up_or_has_no_hope() -> None:
    start = came_up(
        a_task("db", 0, 4),
        a_task("worker", 1, None, state=Failed(failure=FAILURE), first_ended_at=BEGAN + 7),
        a_task("mailbox", None, None, "worker", state=Pending(blocked_by="worker")),
        a_task("mail", None, 0, state=Skipped(reason=SkipReason.COMMAND_NOT_FOUND)),
        now_s=500,
    )
    assert not start.under_way
    assert start.until == BEGAN + 4, "when the last task was up"
    assert course(start, "worker").ended_at == BEGAN + 7
    assert course(start, "mail").up_at is None
    assert start.critical == ("db",)


def test_where_nothing_came_up_time_goes_on_to_the_last_failure() -> None:
    start = came_up(a_task("worker", 1, None, state=Failed(failure=FAILURE), first_ended_at=BEGAN + 7))
    assert (start.until, start.critical) == (BEGAN + 7, ())


def test_a_task_that_nothing_tells_to_be_ready_is_up_when_it_was_started_unless_others_wait_for_it() -> None:
    running = Running(attempt=1, pid=3)
    silent = a_task("shell", 2, None, state=running, ready_when="")
    assert course(came_up(silent), "shell").up_at == BEGAN + 2
    waited_for = came_up(silent, a_task("next", None, None, "shell", state=Pending()))
    assert waited_for.under_way
    assert course(waited_for, "shell").up_at is None


def test_a_restart_later_changes_nothing() -> None:
    again = a_task("db", 0, 4, state=Backoff(attempt=3, delay_s=5, failure=FAILURE), started_at=BEGAN + 300)
    start = came_up(again, now_s=400)
    assert (start.until, start.under_way) == (BEGAN + 4, False)


def test_of_a_task_that_failed_the_first_end_counts_whatever_was_tried_later() -> None:
    failed = Failed(failure=FAILURE)
    again = a_task("worker", 1, None, state=failed, first_ended_at=BEGAN + 2, finished_at=BEGAN + 60)
    start = came_up(a_task("db", 0, 4), again, now_s=90)
    assert course(start, "worker").ended_at == BEGAN + 2


def test_a_task_that_was_up_and_is_not_any_more_is_up_until_it_ended() -> None:
    backoff, running = Backoff(attempt=3, delay_s=5, failure=FAILURE), Running(attempt=3, pid=3)
    for state, ended_at in ((backoff, BEGAN + 2), (running, BEGAN + 2), (UP, None)):
        looping = a_task("worker", 0, 1, state=state, first_ended_at=BEGAN + 2)
        start = came_up(a_task("db", 0, 10), looping)
        assert (course(start, "worker").up_at, course(start, "worker").ended_at) == (BEGAN + 1, ended_at)
    view = a_task("worker", 0, 1, state=backoff, first_ended_at=BEGAN + 2)
    views = {"db": a_task("db", 0, 10), "worker": view}
    lines = timeline_lines(start_up(views, BEGAN, BEGAN + 99), views, BEGAN + 99, 63)
    [row] = ("".join(piece.text for piece in line.pieces) for line in lines if line.task == "worker")
    assert (row.count("━"), row.count("─")) == (2, 3), "of 24 cells for ten seconds"


def test_a_step_that_failed_when_it_was_run_again_was_done_all_the_same() -> None:
    again = a_task("migrate", 0, 2, state=Failed(failure=FAILURE), first_ended_at=BEGAN + 2, finished_at=BEGAN + 60)
    assert course(came_up(again), "migrate").ended_at is None


def test_what_is_inside_a_nested_pipeline_waits_for_its_needs_and_is_waited_for_in_its_place() -> None:
    start = came_up(
        a_task("web", 7, 8, "shop"),
        a_task("shop", None, 7, "db", composite=True),
        a_task("shop:api", 5, 7, "shop:auth", parent="shop"),
        a_task("shop:auth", 3, 5, parent="shop"),
        a_task("db", 0, 3),
    )
    assert start.critical == ("db", "shop:auth", "shop:api", "web")
    assert "shop" not in [one.task for one in start.courses]


def test_a_step_is_up_when_it_completed_and_a_cached_one_at_once() -> None:
    start = came_up(
        a_task("migrate", 0, 2, state=Completed(exit_code=0), finished_at=BEGAN + 2),
        a_task("assets", None, 0.1, state=Skipped(reason=SkipReason.CACHE_HIT), finished_at=BEGAN + 0.1),
    )
    assert course(start, "migrate").up_at == BEGAN + 2
    assert course(start, "assets").up_at == BEGAN + 0.1
    assert start.critical == ("migrate",)
