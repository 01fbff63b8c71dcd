"""From states and times to results, without processes: clocks that stand still, states that are put in by hand."""

import pytest
from scheduling_world import planned

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.command import command
from tui_runner.model.pipeline import pipeline
from tui_runner.model.policy import OnFailure
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
    SkipReason,
    Starting,
    Stopping,
    StopReason,
    TaskState,
    TeardownStatus,
)
from tui_runner.model.task import Task, task
from tui_runner.scheduling.course import Course, Until
from tui_runner.scheduling.event import StopCause
from tui_runner.supervisor.ledger import Clocks, Ledger
from tui_runner.supervisor.log_place import NOWHERE
from tui_runner.supervisor.outcome import run_result, task_status, untouched_result

FAILURE = Failure(code=ErrorCode.TASK_FAILED, message="[t] no", exit_code=3)


class Clock:
    """Both clocks; they move when told."""

    def __init__(self) -> None:
        self.now = 100.0

    def read(self) -> float:
        return self.now


def ledger_of(clock: Clock, *tasks: Task) -> Ledger:
    clocks = Clocks(wall=lambda: clock.now + 1_000_000, monotonic=clock.read)
    return Ledger(planned(list(tasks) or [task("t", run=command("x", teardown="y"))]), clocks, lambda _: None)


def course_of(cause: StopCause | None, failure: Failure | None = None) -> Course:
    course = Course(OnFailure.STOP, Until.TARGETS)
    course.cause = cause
    if failure is not None:
        course.failures["t"] = failure
    return course


@pytest.mark.parametrize(
    ("state", "status"),
    [
        (Pending(), "pending"),
        (Queued(), "pending"),
        (Starting(attempt=1), "running"),
        (Running(attempt=1, pid=1), "running"),
        (Backoff(attempt=2, delay_s=1), "running"),
        (Stopping(attempt=1, pid=1, reason=StopReason.RESTART), "running"),
        (Ready(attempt=1, pid=1), "ready"),
        (Completed(), "completed"),
        (Failed(failure=FAILURE), "failed"),
        (Aborted(), "aborted"),
        (Skipped(reason=SkipReason.CACHE_HIT), "skipped"),
    ],
)
def test_every_state_has_a_status(state: TaskState, status: str) -> None:
    assert task_status(state) == status


@pytest.mark.parametrize(
    ("cause", "failure", "broken", "code", "status"),
    [
        (StopCause.DONE, None, None, None, "success"),
        (StopCause.DONE, FAILURE, None, "task-failed", "failed"),
        (StopCause.FAILURE, FAILURE, "a callback", "task-failed", "failed"),
        (StopCause.DONE, None, "a callback", "internal-error", "failed"),
        (StopCause.CANCEL, FAILURE, None, "aborted", "aborted"),
        (StopCause.CANCEL, None, "a callback", "aborted", "aborted"),
        (StopCause.PERSON, None, None, "aborted", "aborted"),
        (StopCause.OWNER_GONE, None, None, "aborted", "aborted"),
        (StopCause.SIGNAL, FAILURE, None, "process-terminated", "aborted"),
        (StopCause.INTERNAL, None, "the guardian", "internal-error", "failed"),
        (None, None, "the start", "internal-error", "failed"),
    ],
)
def test_the_cause_decides_the_error_and_the_status(
    cause: StopCause | None, failure: Failure | None, broken: str | None, code: str | None, status: str
) -> None:
    result = run_result(
        ledger_of(Clock()), course_of(cause, failure), log_of=lambda _: NOWHERE, run_id=None, internal_error=broken
    )
    assert (result.error and result.error.code, result.stats.status) == (code, status)
    assert result.ok is (code is None)


@pytest.mark.parametrize(
    ("interruption", "failure", "code"),
    [
        (StopCause.CANCEL, None, "aborted"),
        (StopCause.SIGNAL, None, "process-terminated"),
        (StopCause.PERSON, None, "aborted"),
        (StopCause.CANCEL, FAILURE, "task-failed"),
    ],
)
def test_giving_up_during_the_last_teardowns_decides_unless_a_task_has_failed(
    interruption: StopCause, failure: Failure | None, code: str
) -> None:
    course = course_of(StopCause.DONE, failure)
    course.interruption = interruption
    result = run_result(ledger_of(Clock()), course, log_of=lambda _: NOWHERE, run_id=None, internal_error=None)
    assert (result.error and result.error.code) == code


def test_durations_run_from_the_first_start_to_the_last_end_on_the_monotonic_clock() -> None:
    clock = Clock()
    ledger = ledger_of(clock)
    life: list[tuple[TaskState, float]] = [
        (Starting(attempt=1), 1.0),
        (Running(attempt=1, pid=1), 2.0),
        (Backoff(attempt=2, delay_s=1, failure=FAILURE), 3.0),
        (Running(attempt=2, pid=2), 4.0),
        (Ready(attempt=2, pid=2), 5.0),
        (Completed(exit_code=0), 6.0),
    ]
    for state, later in life:
        clock.now = 100.0 + later
        ledger.enter("t", state)
    clock.now = 110.0
    stats = run_result(
        ledger, course_of(StopCause.DONE), log_of=lambda _: NOWHERE, run_id=None, internal_error=None
    ).stats
    found = stats.tasks[0]
    assert (found.started_at, found.ready_at, found.finished_at) == (1_000_102, 1_000_105, 1_000_106)
    assert (found.duration_s, found.attempts) == (4.0, 2)
    assert (stats.started_at, stats.finished_at, stats.duration_s) == (1_000_100, 1_000_110, 10.0)


def test_a_wall_clock_that_jumps_back_does_not_make_durations_negative() -> None:
    clock = Clock()
    wall = iter([1000.0, 900.0, 800.0, 700.0, 600.0])
    ledger = Ledger(
        planned([task("t", run="x")]), Clocks(wall=lambda: next(wall), monotonic=clock.read), lambda _: None
    )
    ledger.enter("t", Running(attempt=1, pid=1))
    clock.now += 5
    ledger.enter("t", Completed(exit_code=0))
    result = run_result(ledger, course_of(StopCause.DONE), log_of=lambda _: NOWHERE, run_id=None, internal_error=None)
    assert result.stats.tasks[0].duration_s == 5.0


@pytest.mark.parametrize(
    ("status", "told"),
    [
        (TeardownStatus.NOT_RUN, "not-run"),
        (TeardownStatus.DUE, "not-run"),
        (TeardownStatus.RUNNING, "not-run"),
        (TeardownStatus.COMPLETED, "completed"),
        (TeardownStatus.FAILED, "failed"),
    ],
)
def test_every_teardown_has_a_status(status: TeardownStatus, told: str) -> None:
    ledger = ledger_of(Clock())
    ledger.teardown("t", status, "why" if status is TeardownStatus.FAILED else None)
    teardown = untouched_result(ledger).stats.tasks[0].teardown
    assert teardown is not None
    assert (teardown.status, teardown.error) == (told, "why" if told == "failed" else None)


def test_the_summary_counts_leaves_and_not_nested_pipelines() -> None:
    clock = Clock()
    nested = pipeline([task("a", run="x"), task("b", run="x")]).to_task("nested")
    ledger = ledger_of(clock, nested, task("c", run="x"))
    ledger.enter("nested:a", Completed(exit_code=0))
    ledger.enter("nested:b", Failed(failure=FAILURE))
    ledger.enter("nested", Failed(failure=FAILURE))
    ledger.enter("c", Running(attempt=1, pid=1))
    summary = untouched_result(ledger).stats.summary
    assert (summary.total, summary.completed, summary.failed, summary.running) == (3, 1, 1, 1)
