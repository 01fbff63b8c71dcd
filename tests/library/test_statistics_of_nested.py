"""Every field of the statistics of a nested pipeline and its subtasks, in every outcome."""

import asyncio

import msgspec
import pytest
from rig import Rig, error_of, marks, service, stats_of

from tui_runner import Task, TaskStats, command, pipeline, task

pytestmark = pytest.mark.real


def plain(stats: TaskStats) -> dict[str, object]:
    """Return what can be foretold of the statistics of a nested pipeline; of times whether they are there."""
    fields = msgspec.structs.asdict(stats)
    for name in ("started_at", "ready_at", "finished_at", "duration_s"):
        fields[name] = fields[name] is not None
    fields["subtasks"] = {one.name: one.status for one in stats.subtasks}
    return fields


def expected(status: str, subtasks: dict[str, str], **others: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "id": "nested",
        "name": "nested",
        "mode": "dev",
        "status": status,
        "started_at": True,
        "ready_at": False,
        "finished_at": True,
        "duration_s": True,
        "exit_code": None,
        "signal": None,
        "error": None,
        "crash_loop": None,
        "stopped": False,
        "skip_reason": None,
        "blocked_by": None,
        "attempts": 1,
        "restarts": 0,
        "teardown": None,
        "dependencies": (),
        "dependents": (),
        "cache": None,
        "subtasks": subtasks,
        "log_file": None,
        "tail": (),
    }
    return {**fields, **others}


def nested(*tasks: Task, **options: object) -> Task:
    return pipeline(tasks).to_task("nested", **options)  # type: ignore[arg-type]  # passed on


async def test_a_nested_pipeline_that_completed(rig: Rig) -> None:
    result = await rig.run([nested(marks("a"), task("b", commands={"build": "true"}))], "dev")
    assert plain(stats_of(result, "nested")) == expected("completed", {"a": "completed", "b": "skipped"})


async def test_a_nested_pipeline_that_was_stopped_when_the_work_was_done(rig: Rig) -> None:
    result = await rig.run([marks("work", nested(service("up"), marks("a", "up")))], "dev")
    assert plain(stats_of(result, "nested")) == expected(
        "completed", {"up": "completed", "a": "completed"}, ready_at=True, stopped=True, dependents=("work",)
    )


async def test_a_nested_pipeline_that_failed(rig: Rig) -> None:
    result = await rig.run(
        [nested(service("up"), task("bad", run="exit 3", depends_on=["up"]), marks("c", "bad"))], "dev"
    )
    assert plain(stats_of(result, "nested")) == expected(
        "failed",
        {"up": "aborted", "bad": "failed", "c": "pending"},
        exit_code=3,
        error="[nested:bad] Task failed with non-zero exit code: 3",
    )
    assert stats_of(result, "nested:c").blocked_by == "nested:bad"
    assert result.stats.summary.total == 3


async def test_a_nested_pipeline_of_which_nothing_could_start(rig: Rig) -> None:
    result = await rig.run([nested(task("a", commands={"build": "true"}))], "dev", strict=True)
    stats = stats_of(result, "nested")
    assert plain(stats) == expected("failed", {"a": "failed"}, error=stats.error)
    assert stats.error == stats.subtasks[0].error == error_of(result).message
    assert (stats.subtasks[0].finished_at or 0) <= (stats.finished_at or 0)


@pytest.mark.parametrize("inner_ready", [True, False])
async def test_a_nested_pipeline_that_was_aborted(rig: Rig, inner_ready: bool) -> None:
    cancel = asyncio.Event()
    up = service("up") if inner_ready else task("up", run=command("exec sleep 1000", ready_when="never"))
    running = rig.start(
        [nested(up), marks("after", "nested", "stuck"), task("stuck", run="sleep 1000")], "dev", cancel=cancel
    )
    await rig.heard("ready:nested" if inner_ready else "begin:nested:up", "begin:stuck")
    cancel.set()
    result = await running
    assert plain(stats_of(result, "nested")) == expected(
        "aborted", {"up": "aborted"}, ready_at=inner_ready, stopped=True, dependents=("after",)
    )


async def test_a_nested_pipeline_that_was_skipped(rig: Rig) -> None:
    result = await rig.run([nested(task("a", commands={"build": "true"}))], "dev")
    assert plain(stats_of(result, "nested")) == expected(
        "skipped", {"a": "skipped"}, started_at=False, attempts=0, skip_reason="inner-tasks-skipped"
    )
    assert stats_of(result, "nested").duration_s == 0.0


async def test_a_nested_pipeline_that_never_started(rig: Rig) -> None:
    result = await rig.run([nested(marks("a"), marks("b", "a"), depends_on=[task("bad", run="false")])], "dev")
    assert plain(stats_of(result, "nested")) == expected(
        "pending",
        {"a": "pending", "b": "pending"},
        started_at=False,
        finished_at=False,
        duration_s=False,
        attempts=0,
        blocked_by="bad",
        dependencies=("bad",),
    )
    assert {one.blocked_by for one in stats_of(result, "nested").subtasks} == {"bad"}


async def test_a_nested_pipeline_has_times_from_its_first_start_to_its_last_end(rig: Rig) -> None:
    result = await rig.run([pipeline([marks("x"), marks("y", "x")]).to_task("nested")], "dev")
    nested = stats_of(result, "nested")
    inner = nested.subtasks
    assert nested.started_at is not None
    assert nested.finished_at is not None
    assert inner[0].started_at is not None
    assert inner[1].finished_at is not None
    assert nested.started_at <= inner[0].started_at
    assert inner[1].finished_at <= nested.finished_at
    assert (nested.teardown, nested.log_file, nested.exit_code) == (None, None, None)


@pytest.mark.parametrize("policy", ["stop", "finish", "continue"])
async def test_a_nested_pipeline_that_failed_has_ended_when_its_last_task_has(rig: Rig, policy: str) -> None:
    slow = "trap 'sleep 0.1; exit 0' TERM; echo ready; while ! [ -e go ]; do sleep 0.01; done"
    up = task("up", run=command(slow, ready_when="ready"))
    nested = pipeline([up, task("bad", run="exit 1", depends_on=[up])]).to_task("nested")
    running = rig.start([nested], "dev", on_failure=policy)
    await rig.heard("failed:nested:bad")
    rig.touch("go")
    stats = stats_of(await running, "nested")
    assert stats.status == "failed"
    ends = [one.finished_at for one in stats.subtasks]
    assert stats.finished_at == max(end for end in ends if end is not None)
    assert stats.started_at is not None
    assert stats.finished_at is not None
    assert stats.duration_s == pytest.approx(stats.finished_at - stats.started_at, abs=0.05)
