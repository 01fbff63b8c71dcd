"""Every field of a result, in every outcome."""

import asyncio
import os
import signal
import time
from typing import Any

import msgspec
import pytest
from rig import SERVE, Rig, down, error_of, guardians_of, marks, service, serving, stats_of, statuses, waits_for

from tui_runner import RunResult, RunStats, TaskStats, command, pipeline, restart, task

pytestmark = pytest.mark.real

TASK_FIELDS = {
    "id", "name", "mode", "status", "started_at", "ready_at", "finished_at", "duration_s", "exit_code", "signal", "error",
    "stopped", "blocked_by", "attempts", "restarts", "teardown", "dependencies", "dependents", "cache", "subtasks",
    "log_file", "skip_reason", "tail",
}  # fmt: skip
RUN_FIELDS = {"mode", "status", "started_at", "finished_at", "duration_s", "tasks", "summary"}


def timeless(stats: TaskStats) -> dict[str, object]:
    """Return what can be foretold of the statistics of a task."""
    fields = msgspec.structs.asdict(stats)
    for name in ("started_at", "ready_at", "finished_at", "duration_s"):
        fields[name] = fields[name] is not None
    return fields


def expected(name: str, **others: object) -> dict[str, object]:
    fields: dict[str, object] = {
        "id": name,
        "name": name,
        "mode": "dev",
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
        "subtasks": (),
        "log_file": None,
        "tail": (),
    }
    return {**fields, **others}


def summary(result: RunResult) -> dict[str, int]:
    return {name: count for name, count in msgspec.structs.asdict(result.stats.summary).items() if count}


async def ended(running: "asyncio.Task[RunResult]", cancel: asyncio.Event) -> RunResult:
    cancel.set()
    return await running


def test_the_names_of_the_fields_are_fixed() -> None:
    assert set(TaskStats.__struct_fields__) >= TASK_FIELDS
    assert set(RunStats.__struct_fields__) == RUN_FIELDS
    assert set(RunResult.__struct_fields__) >= {"ok", "error", "stats"}


async def test_a_run_has_its_mode_status_times_and_summary(rig: Rig) -> None:
    before = time.time()
    result = await rig.run([marks("a"), marks("b", "a")], "dev")
    stats = result.stats
    assert (result.ok, result.error, stats.mode, stats.status) == (True, None, "dev", "success")
    assert before <= stats.started_at <= stats.finished_at <= time.time()
    assert 0 < stats.duration_s < 60
    assert summary(result) == {"total": 2, "completed": 2}
    assert stats.summary.running == 0


async def test_a_completed_task(rig: Rig) -> None:
    result = await rig.run([marks("a")], "dev")
    assert timeless(stats_of(result, "a")) == expected("a", status="completed", exit_code=0)


async def test_times_of_a_task_are_in_order_and_inside_the_run(rig: Rig) -> None:
    up = task("up", run=command("echo ready; sleep 0.05", ready_when="ready"))
    result = await rig.run([up])
    stats = stats_of(result, "up")
    assert stats.started_at is not None
    assert stats.ready_at is not None
    assert stats.finished_at is not None
    assert stats.duration_s is not None
    assert (
        result.stats.started_at <= stats.started_at <= stats.ready_at <= stats.finished_at <= result.stats.finished_at
    )
    assert 0.04 < stats.duration_s <= result.stats.duration_s


async def test_a_failed_task(rig: Rig) -> None:
    result = await rig.run([task("a", run=command("exit 7", teardown="true"))], "dev")
    assert timeless(stats_of(result, "a")) == expected(
        "a",
        status="failed",
        exit_code=7,
        error="[a] Task failed with non-zero exit code: 7",
        teardown=stats_of(result, "a").teardown,
    )
    assert result.stats.status == "failed"
    assert summary(result) == {"total": 1, "failed": 1}


async def test_a_task_ended_by_a_signal(rig: Rig) -> None:
    result = await rig.run([task("a", run="kill -SEGV $$")], "dev")
    stats = stats_of(result, "a")
    assert timeless(stats) == expected("a", status="failed", signal="SIGSEGV", error=stats.error)
    assert "SIGSEGV" in (stats.error or "")


@pytest.mark.parametrize(
    ("options", "strict", "others"),
    [
        ({"run": ["./missing"]}, False, {"exit_code": 127, "attempts": 1}),
        ({"commands": {"build": "true"}}, True, {"attempts": 0}),
        ({"run": "true", "cwd": "nowhere"}, False, {"attempts": 0}),
        ({"run": "true", "cwd": "late", "depends_on": [task("b", run="true")]}, False, {"attempts": 1}),
    ],
    ids=["no program", "no command", "no directory", "no directory when its turn comes"],
)
async def test_a_task_that_failed_before_it_started(
    rig: Rig, options: dict[str, Any], strict: bool, others: dict[str, object]
) -> None:
    result = await rig.run([task("a", **options)], "dev", strict=strict)
    stats = stats_of(result, "a")
    dependencies = tuple(other.name for other in options.get("depends_on", ()))
    fields = expected("a", status="failed", started_at=False, error=stats.error, dependencies=dependencies, **others)
    assert {**timeless(stats), "tail": ()} == fields
    assert stats.duration_s == 0.0
    assert stats.error is not None
    assert stats.error == error_of(result).message or stats.error.removeprefix("[a] ") in error_of(result).message
    assert result.stats.summary.failed == 1


async def test_a_skipped_task(rig: Rig) -> None:
    result = await rig.run([task("a", commands={"build": "true"})], "dev")
    stats = stats_of(result, "a")
    assert timeless(stats) == expected(
        "a", status="skipped", skip_reason="command-not-found", started_at=False, attempts=0
    )
    assert stats.duration_s == 0.0
    assert summary(result) == {"total": 1, "skipped": 1}


async def test_a_task_that_never_started(rig: Rig) -> None:
    result = await rig.run([marks("a", task("bad", run="false"))], "dev")
    stats = stats_of(result, "a")
    assert timeless(stats) == expected(
        "a",
        status="pending",
        started_at=False,
        finished_at=False,
        duration_s=False,
        attempts=0,
        blocked_by="bad",
        dependencies=("bad",),
    )
    assert summary(result) == {"total": 2, "failed": 1, "pending": 1}


async def test_an_aborted_task(rig: Rig) -> None:
    cancel = asyncio.Event()
    running = rig.start([service("a")], "dev", cancel=cancel)
    await rig.heard("ready:a")
    result = await ended(running, cancel)
    assert timeless(stats_of(result, "a")) == expected(
        "a", status="aborted", ready_at=True, signal="SIGTERM", stopped=True, tail=("ready",)
    )
    assert summary(result) == {"total": 1, "aborted": 1}
    assert result.stats.status == "aborted"


async def test_a_service_stopped_after_its_work_was_done(rig: Rig) -> None:
    result = await rig.run([marks("b", service("a"))], "dev")
    assert timeless(stats_of(result, "a")) == expected(
        "a", status="completed", ready_at=True, signal="SIGTERM", stopped=True, dependents=("b",), tail=("ready",)
    )
    assert summary(result) == {"total": 2, "completed": 2}


async def test_a_service_that_leaves_politely_has_its_exit_code(rig: Rig) -> None:
    polite = command("trap 'exit 0' TERM; echo ready; while :; do sleep 0.01; done", ready_when="ready")
    result = await rig.run([marks("b", task("a", run=polite))], "dev")
    stats = stats_of(result, "a")
    assert (stats.status, stats.stopped, stats.exit_code, stats.signal) == ("completed", True, 0, None)


async def test_a_task_that_timed_out(rig: Rig) -> None:
    result = await rig.run([task("a", run=command("exec sleep 1000", completed_timeout="30ms"))], "dev")
    stats = stats_of(result, "a")
    assert timeless(stats) == expected("a", status="failed", stopped=True, error=stats.error, tail=stats.tail)
    assert [line.strip("─ ") for line in stats.tail] == ["Task did not complete within 0.03 s"]


async def test_a_restarted_task_has_the_times_of_the_first_start_and_the_last_end(rig: Rig) -> None:
    crashes = command(
        f"echo x >> tries; [ $(wc -l < tries) -lt 3 ] && exit 7; {SERVE}",
        ready_when="ready",
        restart=restart("on-failure", delay="50ms"),
    )
    result = await rig.run([marks("b", task("a", run=crashes))], "dev")
    stats = stats_of(result, "a")
    assert (stats.attempts, stats.restarts) == (3, 2)
    assert (stats.duration_s or 0) > 0.1
    assert stats.started_at is not None
    assert stats.finished_at is not None
    assert stats.finished_at - stats.started_at > 0.1


async def test_a_mix_of_everything(rig: Rig) -> None:
    cancel = asyncio.Event()
    bad = task("bad", run="exit 1")
    whole = [
        marks("done"),
        bad,
        task("skipped", commands={"build": "true"}),
        marks("blocked", bad),
        service("up"),
        pipeline([marks("x"), task("y", commands={"build": "true"})]).to_task("nested"),
    ]
    running = rig.start(whole, "dev", on_failure="continue", cancel=cancel)
    await rig.heard("complete:done", "failed:bad", "ready:up", "complete:nested:x", "complete:nested")
    result = await ended(running, cancel)
    assert statuses(result) == {
        "done": "completed",
        "bad": "failed",
        "skipped": "skipped",
        "blocked": "pending",
        "up": "aborted",
        "nested": "completed",
    }
    assert summary(result) == {"total": 7, "completed": 2, "failed": 1, "skipped": 2, "pending": 1, "aborted": 1}


async def test_dependencies_and_dependents_are_names_in_definition_order(rig: Rig) -> None:
    a, b = marks("a"), marks("b")
    c = task("c", run=command("true", depends_on=[a]), depends_on=[b])
    result = await rig.run([a, b, c, marks("d", c, a)])
    assert stats_of(result, "c").dependencies == ("b", "a")
    assert stats_of(result, "c").dependents == ("d",)
    assert stats_of(result, "a").dependents == ("c", "d")
    assert stats_of(result, "d").dependencies == ("c", "a")


async def test_teardowns_have_their_status_and_error(rig: Rig) -> None:
    whole = [
        task("good", run=command("true", teardown=down("good"))),
        task("bad", run=command("true", teardown="exit 5")),
        task("none", run="true"),
        task("late", run=command("false", teardown="true", depends_on=[marks("first")])),
        task("never", run=command("true", teardown="true"), depends_on=["late"]),
    ]
    result = await rig.run(whole, on_failure="continue")
    told = {stats.id: stats.teardown and (stats.teardown.status, stats.teardown.error) for stats in result.stats.tasks}
    assert told == {
        "good": ("completed", None),
        "bad": ("failed", "it exited with code 5"),
        "none": None,
        "late": ("completed", None),
        "never": ("not-run", None),
        "first": None,
    }


async def test_results_can_be_written_as_json(rig: Rig) -> None:
    result = await rig.run([marks("a"), task("bad", run=command("false", teardown="false"))])
    document = msgspec.json.decode(msgspec.json.encode(result.stats))
    assert document["status"] == "failed"
    assert {one["id"] for one in document["tasks"]} == {"a", "bad"}


async def test_a_task_cancelled_while_it_starts_up_is_aborted_and_was_never_ready(rig: Rig) -> None:
    cancel = asyncio.Event()
    running = rig.start([task("a", run=command(waits_for("never"), ready_when="ready"))], cancel=cancel)
    await rig.heard("begin:a")
    stats = stats_of(await ended(running, cancel), "a")
    assert (stats.status, stats.ready_at, stats.stopped) == ("aborted", None, True)


async def test_the_error_is_none_exactly_when_all_went_well(rig: Rig) -> None:
    assert (await rig.run([marks("a", task("up", run=serving(teardown="false")))])).error is None
    assert error_of(await rig.run([task("a", run="false")])).task_name == "a"


async def test_a_task_that_is_cancelled_while_it_is_being_spawned_was_begun_and_has_its_times(rig: Rig) -> None:
    """The guardian is made to wait, so that the cancel comes between asking for the process and hearing of it."""
    cancel = asyncio.Event()
    up = task("up", run=command(f"{waits_for('go')}; {SERVE}", ready_when="ready"))
    late = task("late", run=command("exec sleep 1000", teardown=down("late")), depends_on=[up])
    running = rig.start([late], "dev", cancel=cancel)
    await rig.heard("begin:up")
    guardian = guardians_of(os.getpid())[0]
    os.kill(guardian, signal.SIGSTOP)
    rig.touch("go")
    await rig.heard("ready:up")
    cancel.set()
    await asyncio.sleep(0)
    os.kill(guardian, signal.SIGCONT)
    stats = stats_of(await running, "late")
    assert (stats.status, stats.attempts, stats.stopped) == ("aborted", 1, True)
    assert rig.told("begin", "teardown") == ["begin:up", "begin:late", "teardown:late"]
    assert stats.started_at is not None
    assert stats.finished_at is not None
    assert stats.duration_s is not None
    assert stats.duration_s > 0
