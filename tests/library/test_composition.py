"""Pipelines as tasks of other pipelines."""

import pytest
from rig import SERVE, Rig, down, error_of, marks, service, serving, stats_of, statuses, waits_for

from tui_runner import Task, command, pipeline, task

pytestmark = pytest.mark.real


async def test_all_tasks_of_a_nested_pipeline_run(rig: Rig) -> None:
    result = await rig.run([pipeline([marks("a"), marks("b")]).to_task("nested"), marks("c")])
    assert result.ok
    assert sorted(rig.lines("order")) == ["a", "b", "c"]
    assert statuses(result) == {"nested": "completed", "c": "completed"}


@pytest.mark.parametrize("level", ["command", "task"])
async def test_dependents_start_when_all_inner_tasks_are_ready(rig: Rig, level: str) -> None:
    one = task("inner-1", run=command(f"{waits_for('second')}; {SERVE}", ready_when="ready"))
    two = task("inner-2", run=command(SERVE, ready_when="ready"))
    nested = pipeline([one, two]).to_task("nested")
    dependent = (
        task("dependent", run="true", depends_on=[nested])
        if level == "task"
        else task("dependent", run=command("true", depends_on=[nested]))
    )
    running = rig.start([nested, dependent], targets=["dependent"])
    await rig.heard("ready:nested:inner-2")
    rig.touch("second")
    assert (await running).ok
    assert rig.story[:8] == [
        "begin:nested",
        "begin:nested:inner-1",
        "begin:nested:inner-2",
        "ready:nested:inner-2",
        "ready:nested:inner-1",
        "ready:nested",
        "begin:dependent",
        "complete:dependent",
    ]


async def test_the_result_has_the_inner_tasks_as_subtasks_with_their_short_names(rig: Rig) -> None:
    deep = pipeline([marks("leaf")]).to_task("deep")
    result = await rig.run([pipeline([deep, marks("b", deep)]).to_task("outer")])
    outer = stats_of(result, "outer")
    assert [(sub.id, sub.name, sub.status) for sub in outer.subtasks] == [
        ("outer:deep", "deep", "completed"),
        ("outer:b", "b", "completed"),
    ]
    assert [sub.id for sub in outer.subtasks[0].subtasks] == ["outer:deep:leaf"]
    assert stats_of(result, "outer:b").dependencies == ("outer:deep",)
    assert result.stats.summary.total == 2
    assert outer.started_at is not None
    assert outer.duration_s is not None


async def test_what_an_inner_task_needs_from_outside_runs_too(rig: Rig) -> None:
    shared = marks("shared")
    result = await rig.run([pipeline([marks("inner", shared)]).to_task("nested")])
    assert result.ok
    assert rig.lines("order") == ["shared", "inner"]
    assert statuses(result) == {"nested": "completed", "shared": "completed"}


async def test_a_task_shared_by_two_nested_pipelines_runs_once(rig: Rig) -> None:
    shared = marks("shared")
    left = pipeline([shared, marks("l", shared)]).to_task("left")
    right = pipeline([shared, marks("r", shared)]).to_task("right")
    result = await rig.run([left, right])
    assert result.ok
    assert rig.lines("order")[0] == "shared"
    assert sorted(rig.lines("order")) == ["l", "r", "shared"]
    assert stats_of(result, "left:shared").status == "completed"
    assert [sub.id for sub in stats_of(result, "right").subtasks] == ["right:r"]


async def test_depending_on_an_inner_task_waits_for_that_task_only(rig: Rig) -> None:
    wanted = task("wanted", run=f"{waits_for('go')}; echo wanted >> order")
    slow = task("slow", run=f"{waits_for('end')}; echo slow >> order")
    nested = pipeline([wanted, slow]).to_task("nested")
    running = rig.start([marks("dependent", wanted), nested])
    await rig.heard("begin:nested:wanted", "begin:nested:slow")
    assert "begin:dependent" not in rig.story
    rig.touch("go")
    await rig.heard("complete:dependent")
    rig.touch("end")
    assert (await running).ok
    assert rig.lines("order") == ["wanted", "dependent", "slow"]


@pytest.mark.parametrize("form", ["object", "path"])
async def test_an_edge_from_one_nested_pipeline_into_another_is_kept(rig: Rig, form: str) -> None:
    producer = task("producer", run=f"{waits_for('go')}; echo producer >> order")
    first = pipeline([producer]).to_task("first")
    second = pipeline([marks("consumer", producer if form == "object" else "first:producer")]).to_task("second")
    running = rig.start([second, first])
    await rig.heard("begin:first:producer")
    assert "begin:second:consumer" not in rig.story
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("order") == ["producer", "consumer"]


async def test_what_the_whole_depends_on_comes_before_every_inner_task(rig: Rig) -> None:
    before = task("before", run=f"{waits_for('go')}; echo before >> order")
    nested = pipeline([marks("a"), marks("b")]).to_task("nested", depends_on=[before])
    running = rig.start([nested, before])
    await rig.heard("begin:before")
    assert rig.story == ["begin:before"]
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("order")[0] == "before"


async def test_a_nested_pipeline_of_skipped_tasks_is_skipped(rig: Rig) -> None:
    nothing = pipeline([task(name, commands={"build": "true"}) for name in "ab"]).to_task("nested")
    result = await rig.run([marks("dependent", nothing)], "dev")
    assert result.ok
    stats = stats_of(result, "nested")
    assert (stats.status, stats.skip_reason) == ("skipped", "inner-tasks-skipped")
    assert rig.told("skipped") == [
        "skipped:nested:a:dev:command-not-found",
        "skipped:nested:b:dev:command-not-found",
        "skipped:nested:dev:inner-tasks-skipped",
    ]
    assert rig.lines("order") == ["dependent"]


async def test_a_nested_pipeline_completes_when_some_inner_tasks_run(rig: Rig) -> None:
    some = pipeline([task("skipped", commands={"build": "true"}), marks("runs")]).to_task("nested")
    result = await rig.run([some], "dev")
    assert statuses(result) == {"nested": "completed"}
    assert (result.stats.summary.skipped, result.stats.summary.completed) == (1, 1)


async def test_an_empty_nested_pipeline_does_not_hold_up_its_dependents(rig: Rig) -> None:
    result = await rig.run([marks("dependent", pipeline([]).to_task("nested"))])
    assert result.ok
    assert rig.lines("order") == ["dependent"]


async def test_a_nested_pipeline_that_becomes_ready_and_then_completes_counts_once(rig: Rig) -> None:
    inner = task("inner", run=command(f"echo ready; {waits_for('end')}", ready_when="ready"))
    nested = pipeline([inner]).to_task("nested")
    slow = task("slow", run=waits_for("go"))
    running = rig.start([nested, marks("dependent", nested, slow)])
    await rig.heard("ready:nested")
    rig.touch("end")
    await rig.heard("complete:nested")
    assert "begin:dependent" not in rig.story
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("order") == ["dependent"]


async def test_the_failure_of_an_inner_task_fails_the_nested_pipeline_and_names_the_task(rig: Rig) -> None:
    nested = pipeline([task("bad", run="exit 6"), marks("never", "bad")]).to_task("nested")
    result = await rig.run([nested, marks("dependent", nested)])
    error = error_of(result)
    assert (error.task_name, error.message) == ("nested:bad", "[nested:bad] Task failed with non-zero exit code: 6")
    assert statuses(result) == {"nested": "failed", "dependent": "pending"}
    assert stats_of(result, "dependent").blocked_by == "nested:bad"
    assert stats_of(result, "nested:never").blocked_by == "nested:bad"
    assert set(rig.told("failed")) == {"failed:nested:bad", "failed:nested"}


async def test_inner_tasks_with_equal_names_are_told_apart(rig: Rig) -> None:
    def half(name: str) -> Task:
        return pipeline([task("server", run=command(f"echo {name}; {SERVE}", ready_when="ready"))]).to_task(name)

    left, right = half("left"), half("right")
    result = await rig.run([marks("dependent", left, right)])
    assert result.ok
    assert "left" in rig.text("left:server")
    assert "right" in rig.text("right:server")


async def test_one_task_object_may_be_nested_in_several_places_and_referred_to_directly(rig: Rig) -> None:
    shared = service("db")
    backend = pipeline([shared, marks("migrate", shared)]).to_task("backend")
    result = await rig.run([backend, marks("report", shared, backend)], targets=["report"])
    assert result.ok
    assert rig.lines("order") == ["migrate", "report"]
    assert rig.told("begin").count("begin:backend:db") == 1


async def test_teardowns_of_a_nested_pipeline_wait_for_what_depends_on_it(rig: Rig) -> None:
    nested = pipeline([task("db", run=serving(teardown=down("db")))]).to_task("nested")
    user = task("user", run=command("true", teardown=down("user")), depends_on=[nested])
    assert (await rig.run([user])).ok
    assert rig.lines("downs") == ["user", "db"]


async def test_more_than_ten_nested_pipelines_are_no_trouble(rig: Rig) -> None:
    whole = [pipeline([marks(f"t{n}")]).to_task(f"n{n}") for n in range(15)]
    assert (await rig.run(whole)).ok
    assert len(rig.lines("order")) == 15


async def test_pipelines_nest_deeply(rig: Rig) -> None:
    inner = marks("leaf")
    for depth in range(30):
        inner = pipeline([inner]).to_task(f"level{depth}")
    result = await rig.run([inner])
    assert result.ok
    assert rig.told("complete")[0] == "complete:" + ":".join([f"level{n}" for n in reversed(range(30))] + ["leaf"])
