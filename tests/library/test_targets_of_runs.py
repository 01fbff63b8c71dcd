"""What a run is for: targets, how long services keep it alive, and problems that keep it from starting."""

import asyncio

import pytest
from rig import SERVE, Rig, down, error_of, marks, service, serving, stats_of, statuses, waits_for

from tui_runner import command, pipeline, task

pytestmark = pytest.mark.real


async def test_only_targets_and_what_they_need_run(rig: Rig) -> None:
    a = marks("a")
    b = marks("b", a)
    result = await rig.run([a, b, marks("c", b)], targets=["b"])
    assert rig.lines("order") == ["a", "b"]
    assert statuses(result) == {"b": "completed", "a": "completed"}


@pytest.mark.parametrize("form", ["name", "object", "one name"])
async def test_targets_are_names_or_tasks(rig: Rig, form: str) -> None:
    wanted = marks("wanted")
    targets: object = {"name": ["wanted"], "object": [wanted], "one name": "wanted"}[form]
    result = await rig.run([wanted, marks("other")], targets=targets)
    assert result.ok
    assert rig.lines("order") == ["wanted"]


async def test_an_inner_task_may_be_a_target(rig: Rig) -> None:
    inner = pipeline([marks("x"), marks("y")])
    result = await rig.run([inner.to_task("outer", depends_on=[marks("before")])], targets=["outer:y"])
    assert result.ok
    assert rig.lines("order") == ["before", "y"]


@pytest.mark.parametrize("targets", [["nope"], [3], [None]])
async def test_an_unknown_target_is_refused(rig: Rig, targets: object) -> None:
    error = error_of(await rig.run([marks("t")], targets=targets))
    assert error.code == "invalid-graph"
    assert rig.lines("order") == []


async def test_a_task_of_another_pipeline_is_no_target(rig: Rig) -> None:
    stranger = marks("stranger")
    error = error_of(await rig.run([marks("t")], targets=[stranger]))
    assert error.code == "invalid-graph"
    assert "stranger" in error.message


@pytest.mark.parametrize("targets", [None, []])
async def test_nothing_to_do_is_done_at_once(rig: Rig, targets: object) -> None:
    result = await rig.run([] if targets is None else [marks("t")], targets=targets)
    assert result.ok
    assert result.stats.summary.total == 0
    assert rig.story == []


async def test_a_service_that_is_only_a_dependency_is_stopped_when_the_work_is_done(rig: Rig) -> None:
    up = task("up", run=serving(teardown=down("up")))
    result = await rig.run([marks("work", up)])
    assert result.ok
    assert result.stats.status == "success"
    stats = stats_of(result, "up")
    assert (stats.status, stats.stopped, stats.signal, stats.error) == ("completed", True, "SIGTERM", None)
    assert rig.lines("downs") == ["up"]
    assert rig.story[-3:] == ["complete:work", "complete:up", "teardown:up"]


async def test_a_service_that_is_a_target_keeps_the_run_alive_until_it_is_cancelled(rig: Rig) -> None:
    cancel = asyncio.Event()
    up = service("up")
    running = rig.start([up, marks("work", up)], cancel=cancel)
    await rig.heard("complete:work", "ready:up")
    assert not running.done()
    cancel.set()
    result = await running
    assert statuses(result) == {"up": "aborted", "work": "completed"}
    assert error_of(result).code == "aborted"


async def test_a_service_inside_a_nested_target_keeps_the_run_alive(rig: Rig) -> None:
    cancel = asyncio.Event()
    running = rig.start([pipeline([service("up"), marks("work", "up")]).to_task("nested")], cancel=cancel)
    await rig.heard("complete:nested:work", "ready:nested")
    assert not running.done()
    cancel.set()
    assert error_of(await running).code == "aborted"


async def test_a_service_that_ends_by_itself_ends_the_run_it_kept_alive(rig: Rig) -> None:
    up = task("up", run=command(f"echo ready; {waits_for('go')}", ready_when="ready"))
    running = rig.start([up])
    await rig.heard("ready:up")
    rig.touch("go")
    result = await running
    assert result.ok
    stats = stats_of(result, "up")
    assert (stats.status, stats.stopped, stats.exit_code) == ("completed", False, 0)
    assert stats.ready_at is not None


async def test_a_service_nobody_needs_any_more_is_not_waited_for(rig: Rig) -> None:
    not_ready = task("slow", run=command(f"{waits_for('never')}; {SERVE}", ready_when="ready"))
    maybe = task("maybe", commands={"build": "true"}, depends_on=[not_ready])
    result = await rig.run([marks("work"), maybe], "dev", targets=["work"])
    assert result.ok
    assert set(statuses(result)) == {"work"}


async def test_the_same_pipeline_runs_again_and_again(rig: Rig) -> None:
    whole = pipeline([marks("a"), marks("b", "a")])
    for _ in range(3):
        assert (await rig.run(whole)).ok
    assert rig.lines("order") == ["a", "b"] * 3


# -- problems -------------------------------------------------------------------------------------------------


async def test_a_circle_is_shown_with_names_and_nothing_starts(rig: Rig) -> None:
    whole = [marks("a", "b"), marks("b", "c"), marks("c", "a"), marks("innocent")]
    error = error_of(await rig.run(whole))
    assert error.code == "invalid-graph"
    assert any(chain in error.message for chain in ("a -> b -> c -> a", "b -> c -> a -> b", "c -> a -> b -> c"))
    assert rig.lines("order") == []


async def test_a_task_that_depends_on_itself_is_refused(rig: Rig) -> None:
    assert "a -> a" in error_of(await rig.run([marks("a", "a")])).message


async def test_all_problems_are_told_together_each_with_its_place(rig: Rig) -> None:
    whole = [
        marks("twice"),
        marks("twice"),
        marks("lost", "nowhere"),
        task("empty", run=""),
        marks("x", "y"),
        marks("y", "x"),
    ]
    error = error_of(await rig.run(whole))
    assert error.code == "invalid-graph"
    messages = " | ".join(problem.message for problem in error.problems)
    for word in ("twice", "nowhere", "empty", "x -> y -> x"):
        assert word in messages, messages
    assert all(problem.site is not None for problem in error.problems)
    assert rig.story == []


@pytest.mark.parametrize("run", ["", "  ", [], [""]])
async def test_an_empty_command_is_a_problem_and_no_exception(rig: Rig, run: str | list[str]) -> None:
    error = error_of(await rig.run([task("t", run=run), marks("other")]))
    assert error.code == "invalid-task"
    assert rig.lines("order") == []


async def test_a_pipeline_as_a_dependency_is_refused_with_a_hint(rig: Rig) -> None:
    inner = pipeline([marks("inner")])
    wrong = task("t", run="true", depends_on=[inner])  # type: ignore[list-item]  # wrong on purpose
    error = error_of(await rig.run([wrong]))
    assert error.code == "invalid-graph"
    assert any("to_task" in problem.help or "to_task" in problem.message for problem in error.problems)


async def test_a_refused_run_has_the_statistics_of_nothing(rig: Rig) -> None:
    result = await rig.run([marks("a", "a")], records=True)
    assert (result.stats.status, result.stats.tasks, result.stats.summary.total) == ("failed", (), 0)
    assert result.run_id is None
    assert list(rig.directory.iterdir()) == []
