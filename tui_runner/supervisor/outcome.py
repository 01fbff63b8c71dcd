"""From the ledger to a result: statistics per task, summary, status and error of a run. Pure."""

from collections import Counter
from collections.abc import Callable
from typing import NamedTuple

from tui_runner.errors.problem import GRAPH_KINDS, Problem
from tui_runner.errors.runner_error import ErrorCode, PipelineError
from tui_runner.model.result import (
    RunResult,
    RunStats,
    RunStatus,
    Summary,
    TaskStats,
    TaskStatus,
    TeardownStats,
)
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
    TaskState,
    TeardownStatus,
)
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import PlannedTask
from tui_runner.scheduling.course import Course, Until
from tui_runner.scheduling.event import StopCause
from tui_runner.supervisor.ledger import Entry, Ledger, was_asked_to_end
from tui_runner.supervisor.log_place import NOWHERE, LogPlace

LogOf = Callable[[TaskId], LogPlace]
"""Where the output of a task is."""


def run_result(
    ledger: Ledger, course: Course, *, log_of: LogOf, run_id: str | None, internal_error: str | None
) -> RunResult:
    """Return how a run went. `internal_error` tells of a callback or a part of ours that broke."""
    error = _error(ledger, course, internal_error)
    stats = run_stats(ledger, _status(error), log_of)
    return RunResult(ok=error is None, error=error, stats=stats, run_id=run_id)


def is_internal_error(result: RunResult) -> bool:
    """Tell whether a part of ours, or a callback, is what the run failed of."""
    return result.error is not None and result.error.code is ErrorCode.INTERNAL_ERROR


def run_stats(ledger: Ledger, status: RunStatus, log_of: LogOf) -> RunStats:
    """Return the statistics of a run as it stands."""
    plan = ledger.plan
    tasks = _all_task_stats(ledger, log_of)
    return RunStats(
        mode=plan.mode,
        status=status,
        started_at=ledger.started_at,
        finished_at=ledger.clocks.wall(),
        duration_s=ledger.clocks.monotonic() - ledger.started_s,
        tasks=tuple(tasks[task] for task in (*plan.top_level, *ledger.gone)),
        summary=_summary(ledger),
    )


def refused_result(plan_mode: str, problems: tuple[Problem, ...], at: float) -> RunResult:
    """Return the result of a run whose definitions are wrong: nothing was started."""
    stats = RunStats(
        mode=plan_mode,
        status="failed",
        started_at=at,
        finished_at=at,
        duration_s=0.0,
        tasks=(),
        summary=Summary(total=0, completed=0, failed=0, skipped=0, aborted=0, pending=0),
    )
    return RunResult(ok=False, error=_refusal(problems), stats=stats)


def unstartable_result(ledger: Ledger, problems: tuple[Problem, ...]) -> RunResult:
    """Return the result of a run in which tasks cannot start; those failed, the rest is pending: nothing was started."""
    for problem in problems:
        if problem.task is not None:
            message = f"[{problem.task}] {problem.message}"
            ledger.enter(problem.task, Failed(failure=Failure(code=ErrorCode.INVALID_TASK, message=message)))
    return RunResult(ok=False, error=_refusal(problems), stats=run_stats(ledger, "failed", lambda _: NOWHERE))


def _refusal(problems: tuple[Problem, ...]) -> PipelineError:
    graph = any(problem.kind in GRAPH_KINDS for problem in problems)
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    where = f" at {first.site}" if first.site is not None else ""
    return PipelineError(
        ErrorCode.INVALID_GRAPH if graph else ErrorCode.INVALID_TASK,
        f"{first.message}{where}{more}",
        first.task,
        problems,
    )


def untouched_result(ledger: Ledger) -> RunResult:
    """Return the result of a dry run: everything pending."""
    return RunResult(ok=True, error=None, stats=run_stats(ledger, "success", lambda _: NOWHERE))


def _error(ledger: Ledger, course: Course, internal_error: str | None) -> PipelineError | None:
    if course.first_failure is not None and course.cause in {StopCause.FAILURE, StopCause.DONE, None}:
        task, failure = course.first_failure
        return PipelineError(failure.code, failure.message, task)
    match course.verdict:
        case StopCause.SIGNAL:
            return PipelineError(ErrorCode.PROCESS_TERMINATED, course.detail or "Received a signal")
        case StopCause.PERSON if course.until is not Until.TARGETS:  # somebody is done with a system: no abort
            if internal_error is not None:
                return PipelineError(ErrorCode.INTERNAL_ERROR, internal_error)
            return _failed_task(ledger)
        case StopCause.CANCEL | StopCause.PERSON | StopCause.OWNER_GONE:
            return PipelineError(ErrorCode.ABORTED, course.detail or "Aborted")
        case StopCause.INTERNAL:
            return PipelineError(ErrorCode.INTERNAL_ERROR, internal_error or course.detail or "internal error")
        case _ if internal_error is not None:
            return PipelineError(ErrorCode.INTERNAL_ERROR, internal_error)
        case _:
            return None


def _failed_task(ledger: Ledger) -> PipelineError | None:
    for task, entry in ledger.entries.items():
        if isinstance(entry.state, Failed) and ledger.plan.tasks[task].once_of is None:
            return PipelineError(entry.state.failure.code, entry.state.failure.message, task)
    return None


def _status(error: PipelineError | None) -> RunStatus:
    if error is None:
        return "success"
    return "aborted" if error.code in {ErrorCode.ABORTED, ErrorCode.PROCESS_TERMINATED} else "failed"


def task_status(state: TaskState) -> TaskStatus:
    """Return the status of a task as results name it."""
    match state:
        case Pending() | Queued():
            return "pending"
        case Starting() | Running() | Stopping() | Backoff():
            return "running"
        case Ready():
            return "ready"
        case Completed():
            return "completed"
        case Failed():
            return "failed"
        case Aborted():
            return "aborted"
        case Skipped():
            return "skipped"


class _End(NamedTuple):
    """When a task ended, by both clocks."""

    at: float
    s: float


def _all_task_stats(ledger: Ledger, log_of: LogOf) -> dict[TaskId, TaskStats]:
    """Return the statistics of every task: inner ones first, however deep they are."""
    made: dict[TaskId, TaskStats] = {}
    ends: dict[TaskId, _End] = {}
    for task in reversed(tuple(ledger.plan.tasks.values())):
        entry = ledger.entries[task.id]
        end: _End | None = None
        if entry.finished_at is not None and entry.finished_s is not None:
            # A nested pipeline has failed with the first of its tasks, but it ends with the last.
            inner_ends = [ends[inner] for inner in task.subtasks if inner in ends]
            end = ends[task.id] = max([_End(entry.finished_at, entry.finished_s), *inner_ends], key=lambda one: one.s)
        subtasks = tuple(made[inner] for inner in task.subtasks)
        made[task.id] = _task_stats(task, entry, end, subtasks, NOWHERE if task.composite else log_of(task.id))
    for task, entry in ledger.gone.values():
        end = (
            None if entry.finished_at is None or entry.finished_s is None else _End(entry.finished_at, entry.finished_s)
        )
        made[task.id] = _task_stats(task, entry, end, (), log_of(task.id))
    return made


def _task_stats(
    task: PlannedTask, entry: Entry, end: _End | None, subtasks: tuple[TaskStats, ...], log: LogPlace
) -> TaskStats:
    state = entry.state
    failure = state.failure if isinstance(state, Failed) else None
    exit_code, signal = _exit_of(state, failure)
    return TaskStats(
        id=task.id,
        name=task.name,
        mode=task.mode,
        status=task_status(state),
        started_at=entry.first_started_at,
        ready_at=entry.ready_at,
        finished_at=None if end is None else end.at,
        duration_s=None if end is None else _duration(entry, end.s),
        exit_code=exit_code,
        signal=signal,
        error=None if failure is None else failure.message,
        stopped=was_asked_to_end(state) or (failure is not None and entry.stopped),
        skip_reason=state.reason.value if isinstance(state, Skipped) else None,
        blocked_by=state.blocked_by if isinstance(state, Pending) else None,
        attempts=entry.attempt - entry.hits,
        restarts=entry.restarts,
        crash_loop=None if failure is None else failure.crash_loop,
        teardown=_teardown(entry),
        cache=entry.cache,
        dependencies=task.depends_on,
        dependents=task.dependents,
        subtasks=subtasks,
        log_file=log.file,
        tail=log.tail,
    )


def _duration(entry: Entry, end_s: float) -> float:
    return 0.0 if entry.first_started_s is None else max(0.0, end_s - entry.first_started_s)


def _exit_of(state: TaskState, failure: Failure | None) -> tuple[int | None, str | None]:
    match state:
        case Completed(exit_code=code, signal=signal) | Aborted(exit_code=code, signal=signal):
            return code, signal
        case _ if failure is not None:
            return failure.exit_code, failure.signal
        case _:
            return None, None


def _teardown(entry: Entry) -> TeardownStats | None:
    match entry.teardown:
        case None:
            return None
        case TeardownStatus.COMPLETED:
            return TeardownStats(status="completed")
        case TeardownStatus.FAILED:
            return TeardownStats(status="failed", error=entry.teardown_error)
        case TeardownStatus.NOT_RUN | TeardownStatus.DUE | TeardownStatus.RUNNING:
            return TeardownStats(status="not-run", error=entry.teardown_error)


def _summary(ledger: Ledger) -> Summary:
    entries = [ledger.entries[task.id] for task in ledger.plan.tasks.values() if not task.composite]
    entries += [entry for _, entry in ledger.gone.values()]
    counts = Counter(task_status(entry.state) for entry in entries)
    return Summary(
        total=counts.total(),
        completed=counts["completed"],
        failed=counts["failed"],
        skipped=counts["skipped"],
        aborted=counts["aborted"],
        pending=counts["pending"],
        running=counts["running"] + counts["ready"],
    )
