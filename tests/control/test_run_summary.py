import os
import socket

from tui_runner.control.peer import peer_uid
from tui_runner.control.run_summary import exit_code_of, summarize
from tui_runner.errors.runner_error import ErrorCode, PipelineError
from tui_runner.model.result import RunResult, RunStats, Summary, TaskStats, TaskStatus, TeardownStats


def result(*tasks: TaskStats, error: PipelineError | None = None) -> RunResult:
    def count(status: TaskStatus) -> int:
        return sum(task.status == status for task in tasks)

    summary = Summary(
        total=len(tasks),
        completed=count("completed"),
        failed=count("failed"),
        skipped=count("skipped"),
        aborted=count("aborted"),
        pending=count("pending"),
    )
    stats = RunStats(
        mode="dev",
        status="success" if error is None else "failed",
        started_at=1.0,
        finished_at=2.0,
        duration_s=1.0,
        tasks=tasks,
        summary=summary,
    )
    return RunResult(ok=error is None, error=error, stats=stats)


GOOD = TaskStats(id="a", name="a", mode="dev", status="completed")
BAD = TaskStats(id="b", name="b", mode="dev", status="failed", error="[b] exited with 3")
CUT = TaskStats(id="c", name="c", mode="dev", status="aborted", teardown=TeardownStats(status="failed", error="no"))


def test_a_run_that_a_person_stopped_is_fine_unless_a_task_failed() -> None:
    aborted = PipelineError(ErrorCode.ABORTED, "asked to stop")
    assert exit_code_of(result(GOOD)) == 0
    assert exit_code_of(result(GOOD, CUT, error=aborted)) == 0
    assert exit_code_of(result(GOOD, BAD, error=aborted)) == 1
    assert exit_code_of(result(GOOD, error=PipelineError(ErrorCode.INTERNAL_ERROR, "broke"))) == 3


def test_the_summary_names_what_failed_and_counts_the_rest() -> None:
    assert summarize(result(GOOD)) == "1 task: 1 completed"
    failed = PipelineError(ErrorCode.TASK_FAILED, "[b] exited with 3", "b")
    assert summarize(result(GOOD, BAD, CUT, error=failed)).split("\n") == [
        "`b` failed: [b] exited with 3",
        "the teardown of `c` failed: no",
        "3 tasks: 1 completed, 1 failed, 1 aborted",
    ]


def test_a_teardown_that_was_given_up_is_told_because_it_may_have_left_something_behind() -> None:
    given_up = [
        TaskStats(
            id=f"d{number}",
            name=f"d{number}",
            mode="dev",
            status="completed",
            teardown=TeardownStats(status="not-run", error="given up"),
        )
        for number in range(10)
    ]
    not_due = TaskStats(id="e", name="e", mode="dev", status="skipped", teardown=TeardownStats(status="not-run"))
    assert summarize(result(given_up[0], not_due)).split("\n") == [
        "the teardown of `d0` was given up: what it cleans up may be left behind",
        "2 tasks: 1 completed, 1 skipped",
    ]
    many = summarize(result(*given_up)).split("\n")[0]
    assert many.startswith("the teardowns of `d0`, `d1`, ")
    assert many.endswith(", `d7` and 2 more were given up: what they clean up may be left behind")
    assert exit_code_of(result(*given_up)) == 0


def test_the_kernel_tells_who_is_at_the_other_end() -> None:
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert peer_uid(ours) == os.geteuid()
    with socket.socket(socket.AF_INET) as other:
        assert peer_uid(other) in {None, 2**32 - 1}
