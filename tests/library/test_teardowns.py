"""Teardowns: when they run, in which order, with what around them, and what their failures do."""

import asyncio
from pathlib import Path

import pytest
from rig import Rig, down, error_of, marks, python, service, serving, stats_of, statuses, waits_for

from tui_runner import RunResult, Task, command, pipeline, retry, task

pytestmark = pytest.mark.real


def torn(name: str, *depends_on: Task | str, run: str = "true") -> Task:
    """A task with a teardown that writes its name."""
    return task(name, run=command(run, teardown=down(name)), depends_on=depends_on)


def status_of(result: RunResult, name: str) -> str | None:
    teardown = stats_of(result, name).teardown
    return None if teardown is None else teardown.status


async def test_a_teardown_runs_after_a_run_that_went_well(rig: Rig) -> None:
    result = await rig.run([torn("t")])
    assert result.ok
    assert rig.lines("downs") == ["t"]
    assert status_of(result, "t") == "completed"
    assert rig.told("teardown", "teardown-error") == ["teardown:t"]


async def test_a_teardown_runs_after_the_task_failed(rig: Rig) -> None:
    result = await rig.run([torn("t", run="exit 3")])
    assert error_of(result).code == "task-failed"
    assert rig.lines("downs") == ["t"]


async def test_a_teardown_runs_when_the_run_is_cancelled(rig: Rig) -> None:
    cancel = asyncio.Event()
    running = rig.start([task("t", run=serving(teardown=down("t")))], cancel=cancel)
    await rig.heard("ready:t")
    cancel.set()
    assert status_of(await running, "t") == "completed"
    assert rig.lines("downs") == ["t"]


async def test_a_teardown_waits_for_the_end_of_the_run_and_not_of_its_task(rig: Rig) -> None:
    running = rig.start([torn("t"), task("other", run=waits_for("go"))])
    await rig.heard("complete:t")
    assert rig.lines("downs") == []
    assert rig.told("teardown") == []
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("downs") == ["t"]


async def test_no_teardown_for_a_skipped_task(rig: Rig) -> None:
    skipped = task("t", commands={"build": command("true", teardown=down("t"))})
    result = await rig.run([skipped], "dev")
    assert result.ok
    assert status_of(result, "t") is None
    assert rig.lines("downs") == []


async def test_no_teardown_for_a_task_that_could_not_be_spawned(rig: Rig) -> None:
    result = await rig.run([task("t", run=command(["./missing"], teardown=down("t")))])
    assert not result.ok
    assert status_of(result, "t") == "not-run"
    assert rig.lines("downs") == []


async def test_no_teardown_for_a_task_that_never_started(rig: Rig) -> None:
    result = await rig.run([torn("t", task("bad", run="false"))])
    assert status_of(result, "t") == "not-run"
    assert rig.lines("downs") == []


async def test_no_teardown_when_the_run_never_began(rig: Rig) -> None:
    cancel = asyncio.Event()
    cancel.set()
    await rig.run([torn("t")], cancel=cancel)
    assert rig.lines("downs") == []


async def test_only_what_was_started_is_torn_down(rig: Rig) -> None:
    cancel = asyncio.Event()
    first = task("first", run=serving(teardown=down("first")))
    stuck = task("stuck", run=command("sleep 1000", ready_when="never", teardown=down("stuck")), depends_on=[first])
    running = rig.start([torn("last", stuck)], cancel=cancel)
    await rig.heard("begin:stuck")
    cancel.set()
    await running
    assert rig.lines("downs") == ["stuck", "first"]


# -- order ----------------------------------------------------------------------------------------------------


async def test_teardowns_run_in_reverse_order_of_dependencies(rig: Rig) -> None:
    a = torn("a")
    b = torn("b", a)
    await rig.run([torn("c", b)])
    assert rig.lines("downs") == ["c", "b", "a"]


async def test_the_order_holds_across_tasks_without_teardown(rig: Rig) -> None:
    y = torn("y")
    middle = task("m", run="true", depends_on=[y])
    skipped = task("skipped", commands={"build": "true"}, depends_on=[middle])
    await rig.run([torn("c", skipped), y], "dev")
    assert rig.lines("downs") == ["c", "y"]


async def test_the_order_holds_across_nested_pipelines(rig: Rig) -> None:
    db = torn("db")
    backend = pipeline([db, torn("api", db)]).to_task("backend", depends_on=[torn("network")])
    frontend = pipeline([torn("web")]).to_task("frontend", depends_on=[backend])
    await rig.run([frontend])
    assert rig.lines("downs") == ["web", "api", "db", "network"]


async def test_the_order_holds_for_an_edge_into_a_nested_pipeline(rig: Rig) -> None:
    db = torn("db")
    backend = pipeline([db]).to_task("backend")
    await rig.run([backend, torn("user", db)])
    assert rig.lines("downs") == ["user", "db"]


async def test_a_dependency_is_still_up_while_its_dependent_is_torn_down(rig: Rig) -> None:
    serve = "touch up; trap 'rm up; echo db >> downs; exit 0' TERM; echo ready; while :; do sleep 0.01; done"
    db = task("db", run=command(serve, ready_when="ready"))
    api = task("api", run=serving(teardown="test -e up && echo api-saw-db >> downs"), depends_on=[db])
    assert (await rig.run([marks("work", api)])).ok
    assert rig.lines("downs") == ["api-saw-db", "db"]


async def test_the_process_is_gone_before_its_teardown_runs(rig: Rig) -> None:
    leaves = "trap 'sleep 0.1; echo gone >> downs; exit 0' TERM; echo ready; while :; do sleep 0.01; done"
    await rig.run([marks("work", task("t", run=command(leaves, ready_when="ready", teardown=down("torn"))))])
    assert rig.lines("downs") == ["gone", "torn"]


async def test_independent_branches_leave_in_parallel(rig: Rig) -> None:
    left = task("left", run=command("true", teardown=f"touch l; {waits_for('r')}"))
    right = task("right", run=command("true", teardown=f"touch r; {waits_for('l')}"))
    result = await rig.run([left, right])
    assert (status_of(result, "left"), status_of(result, "right")) == ("completed", "completed")


async def test_after_a_failure_teardowns_run_in_order_too(rig: Rig) -> None:
    db = task("db", run=serving(teardown=down("db")))
    api = task("api", run=serving(teardown=down("api")), depends_on=[db])
    await rig.run([task("bad", run=command("false", teardown=down("bad")), depends_on=[api])])
    assert rig.lines("downs") == ["bad", "api", "db"]


async def test_a_teardown_runs_once_however_often_the_task_was_tried(rig: Rig) -> None:
    flaky = task(
        "flaky",
        run=command(
            "echo x >> tries; [ $(wc -l < tries) -ge 3 ]", retry=retry(attempts=3, delay=0), teardown=down("t")
        ),
    )
    result = await rig.run([flaky])
    assert result.ok
    assert rig.lines("downs") == ["t"]


# -- what is around it ----------------------------------------------------------------------------------------


async def test_a_teardown_has_the_directory_the_variables_and_the_path_of_its_task(rig: Rig) -> None:
    tools = rig.directory / "pkg" / "node_modules" / ".bin"
    tools.mkdir(parents=True)
    (tools / "mytool").write_text('#!/bin/sh\necho "$PWD $A $B $C" > "$ROOT/around"\n')
    (tools / "mytool").chmod(0o755)
    inner = task(
        "t", run=command("true", teardown=["mytool"], env={"A": "command"}), cwd="pkg", env={"A": "task", "B": "task"}
    )
    whole = pipeline([inner]).to_task("outer", env={"B": "outer", "C": "outer"})
    result = await rig.run([whole], env={"ROOT": str(rig.directory)})
    assert status_of(result, "outer:t") == "completed"
    assert rig.lines("around") == [f"{rig.directory}/pkg command task outer"]


async def test_a_list_is_executed_and_a_string_is_shell(rig: Rig) -> None:
    await rig.run(
        [
            task("list", run=command("true", teardown=["touch", "a b", "$HOME"])),
            task("shell", run=command("true", teardown="X=c; touch $X && touch d")),
        ]
    )
    assert sorted(path.name for path in rig.directory.iterdir()) == ["$HOME", "a b", "c", "d"]


async def test_what_a_teardown_prints_is_in_the_log_but_not_in_the_output_of_the_task(rig: Rig) -> None:
    t = task("t", run=command("echo from the task", teardown="echo from the teardown; echo and aloud >&2"))
    result = await rig.run([t], records=True)
    log = stats_of(result, "t").log_file
    assert log is not None
    assert Path(log).read_text() == "from the task\nfrom the teardown\nand aloud\n"  # noqa: ASYNC240 - a tiny file
    assert rig.text("t") == "from the task\n"


async def test_a_teardown_reads_nothing_from_standard_input(rig: Rig) -> None:
    result = await rig.run([task("t", run=command("true", teardown="cat > read; echo done >> read"))])
    assert status_of(result, "t") == "completed"
    assert rig.lines("read") == ["done"]


# -- failures -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("teardown", "words"),
    [
        ("exit 3", "code 3"),
        ("kill -9 $$", "SIGKILL"),
        (["./missing"], "No such file"),
        ("exec sleep 1000", "0.1"),
    ],
    ids=["exits", "killed", "missing", "hangs"],
)
async def test_a_teardown_that_fails_is_recorded_and_changes_nothing_else(
    rig: Rig, teardown: str | list[str], words: str
) -> None:
    db = torn("db")
    bad = task("bad", run=command("true", teardown=teardown, teardown_timeout="100ms"), depends_on=[db])
    result = await rig.run([bad])
    assert result.ok
    assert result.stats.status == "success"
    stats = stats_of(result, "bad")
    assert (stats.status, stats.error) == ("completed", None)
    assert stats.teardown is not None
    assert stats.teardown.status == "failed"
    assert words in (stats.teardown.error or "")
    assert rig.lines("downs") == ["db"]
    assert rig.told("teardown", "teardown-error") == ["teardown:bad", "teardown-error:bad", "teardown:db"]
    assert rig.errors["teardown-error:bad"] == stats.teardown.error


async def test_what_a_teardown_starts_in_the_background_does_not_outlive_the_run(rig: Rig) -> None:
    result = await rig.run([task("t", run=command("true", teardown="sleep 1000 & setsid sleep 1000 & true"))])
    assert status_of(result, "t") == "completed"


async def test_a_teardown_that_ignores_the_end_of_its_time_is_killed(rig: Rig) -> None:
    stubborn = python("import signal, time; signal.signal(15, signal.SIG_IGN); time.sleep(1000)")
    result = await rig.run([task("t", run=command("true", teardown=stubborn, teardown_timeout="200ms"))])
    assert status_of(result, "t") == "failed"


async def test_a_teardown_may_stop_what_the_task_left_in_the_background(rig: Rig) -> None:
    start = "setsid sh -c 'echo $$ > pid; exec sleep 1000' & " + waits_for("pid")
    daemon = task("daemon", run=command(start, teardown="kill $(cat pid) && echo killed >> downs"))
    result = await rig.run([task("user", run="kill -0 $(cat pid)", depends_on=[daemon])])
    assert result.ok
    assert rig.lines("downs") == ["killed"]


async def test_a_task_without_teardown_has_none_in_the_statistics(rig: Rig) -> None:
    assert status_of(await rig.run([task("t", run="true")]), "t") is None


async def test_a_service_that_is_only_needed_by_a_failed_task_is_torn_down(rig: Rig) -> None:
    up = task("up", run=serving(teardown=down("up")))
    result = await rig.run([task("bad", run="false", depends_on=[up]), service("other")])
    assert statuses(result) == {"bad": "failed", "up": "aborted", "other": "aborted"}
    assert rig.lines("downs") == ["up"]
