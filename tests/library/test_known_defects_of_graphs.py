"""Known defects of graphs, order and names; `test_known_defects` has the table of all of them."""

import asyncio

import pytest
from rig import SERVE, Rig, down, error_of, marks, service, serving, stats_of, statuses, waits_for

from tui_runner import Task, command, pipeline, task

pytestmark = pytest.mark.real

COUNTS = "mkdir -p here; touch here/$$; ls here | wc -l >> seen; sleep 0.03; rm here/$$"
"""Notes how many of its kind run at once, itself included."""


# 3. A dependency that became ready and later exited counted twice (test_run_readiness has the plain form).


async def test_many_dependencies_that_are_ready_and_then_end_let_nothing_start_too_early(rig: Rig) -> None:
    ends = [task(f"e{n}", run=command(f"echo ready; {waits_for('end')}", ready_when="ready")) for n in range(4)]
    slow = [task(f"s{n}", run=f"{waits_for('go')}; echo slow >> order") for n in range(4)]
    running = rig.start([*ends, marks("last", *ends, *slow)])
    await rig.heard(*(f"ready:e{n}" for n in range(4)))
    rig.touch("end")
    await rig.heard(*(f"complete:e{n}" for n in range(4)))
    assert "begin:last" not in rig.story
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("order") == ["slow"] * 4 + ["last"]


async def test_a_nested_pipeline_that_is_ready_and_then_ends_counts_once(rig: Rig) -> None:
    ends = task("ends", run=command(f"echo ready; {waits_for('end')}", ready_when="ready"))
    nested = pipeline([ends]).to_task("nested")
    slow = task("slow", run=f"{waits_for('go')}; echo slow >> order")
    running = rig.start([marks("last", nested, slow)])
    await rig.heard("ready:nested", "begin:slow")
    rig.touch("end")
    await rig.heard("complete:nested")
    assert "begin:last" not in rig.story
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("order") == ["slow", "last"]


# 4. What inner tasks needed from outside was silently left out, and what needed them did not wait.


async def test_dependencies_of_inner_tasks_that_only_they_name_run(rig: Rig) -> None:
    deepest = marks("deepest")
    shared = marks("shared", deepest)
    middle = pipeline([marks("inner", shared)]).to_task("middle")
    result = await rig.run([pipeline([middle]).to_task("outer")])
    assert result.ok
    assert rig.lines("order") == ["deepest", "shared", "inner"]


async def test_a_task_outside_that_needs_an_inner_task_waits_for_it(rig: Rig) -> None:
    """The edge was lost where the inner task was part of a nested pipeline in the same run."""
    inner = task("inner", run=f"{waits_for('go')}; echo inner >> order")
    running = rig.start([marks("outside", inner), pipeline([inner]).to_task("nested")])
    await rig.heard("begin:nested:inner")
    assert "begin:outside" not in rig.story
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("order") == ["inner", "outside"]


# 6. A concurrency of 0 hung for ever, and the outer one did not count what ran inside.


@pytest.mark.parametrize("limit", [0, -1, float("nan")])
@pytest.mark.parametrize("where", ["run", "nested"])
async def test_a_concurrency_that_lets_nothing_start_is_an_error(rig: Rig, limit: float, where: str) -> None:
    nested = pipeline([marks("t")]).to_task("nested", max_concurrency=limit if where == "nested" else None)  # type: ignore[arg-type]  # wrong on purpose
    error = error_of(await rig.run([nested], max_concurrency=limit if where == "run" else None))
    assert error.code == "invalid-task"
    assert "max_concurrency" in error.message
    assert rig.story == []


async def test_the_outer_concurrency_limits_what_runs_inside_nested_pipelines(rig: Rig) -> None:
    groups = [pipeline([task(f"t{n}", run=COUNTS) for n in range(3)]).to_task(f"g{group}") for group in range(2)]
    assert (await rig.run(groups, max_concurrency=1)).ok
    assert rig.lines("seen") == ["1"] * 6


@pytest.mark.parametrize(("mode", "most"), [("dev", 1), ("build", 4)])
async def test_a_concurrency_that_is_a_function_is_asked_for_the_mode_of_the_run(
    rig: Rig, mode: str, most: int
) -> None:
    asked: list[str] = []

    def limit(of: str) -> int:
        asked.append(of)
        return {"dev": 1, "build": 4}[of]

    together = f"touch up$N; {waits_for(f'up{most - 1}')}; {COUNTS}"
    inner = [task(f"t{n}", run=together if n < most else COUNTS, env={"N": str(n)}) for n in range(6)]
    outer = pipeline([pipeline(inner).to_task("inner", max_concurrency=limit)]).to_task("outer", max_concurrency=5)
    assert (await rig.run([outer], mode)).ok
    assert set(asked) == {mode}
    assert max(map(int, rig.lines("seen"))) <= most
    assert len(rig.lines("seen")) == 6


# 9. Planning was cubic, and recursive; what it costs per task is looked at in scheduling/test_growth.


async def test_ten_thousand_tasks_in_layers_and_a_chain_of_five_thousand_plan_without_trouble(rig: Rig) -> None:
    layers = [
        task(f"l{row}-{n}", run="true", depends_on=[f"l{row - 1}-{k}" for k in range(10)] if row else [])
        for row in range(1000)
        for n in range(10)
    ]
    assert (await rig.run(layers, dry_run=True)).stats.summary.pending == 10_000
    chain = [task(f"c{n}", run="true", depends_on=[f"c{n - 1}"] if n else []) for n in range(5000)]
    assert (await rig.run(chain, dry_run=True)).stats.summary.pending == 5000


async def test_pipelines_nested_a_thousand_deep_have_a_result(rig: Rig) -> None:
    inner = marks("leaf")
    for depth in range(1000):
        inner = pipeline([inner]).to_task(f"d{depth}")
    result = await rig.run([inner])
    assert result.ok
    assert rig.lines("order") == ["leaf"]
    assert sum(1 for _ in result.stats.all_tasks()) == 1001


# 11. Teardowns came in the wrong order behind a task without one, and inside nested pipelines.


async def test_a_dependency_is_torn_down_last_even_through_tasks_and_pipelines_without_teardown(rig: Rig) -> None:
    y = task("y", run=command("true", teardown=down("y")))
    middle = pipeline([pipeline([marks("m", y)]).to_task("deep")]).to_task("middle")
    c = task("c", run=command("true", teardown=down("c")), depends_on=[middle])
    assert (await rig.run([c])).ok
    assert rig.lines("downs") == ["c", "y"]


async def test_an_inner_teardown_waits_for_tasks_that_still_use_the_nested_pipeline(rig: Rig) -> None:
    nested = pipeline([task("db", run=serving(teardown=down("db")))]).to_task("nested")
    user = task("user", run=f"{waits_for('go')}; echo user >> downs", depends_on=[nested])
    running = rig.start([user])
    await rig.heard("begin:user")
    rig.touch("go")
    assert (await running).ok
    assert rig.lines("downs") == ["user", "db"]


async def test_teardowns_of_inner_tasks_are_told_to_the_host_with_their_full_names(rig: Rig) -> None:
    inner = [
        task("good", run=command("true", teardown="true")),
        task("bad", run=command("true", teardown="exit 4"), depends_on=["good"]),
    ]
    result = await rig.run([pipeline([pipeline(inner).to_task("inner")]).to_task("outer")])
    assert result.ok
    assert rig.told("teardown", "teardown-error") == [
        "teardown:outer:inner:bad",
        "teardown-error:outer:inner:bad",
        "teardown:outer:inner:good",
    ]


# 14. Equal names were accepted, nested readiness went by name, errors named ids nobody knew.


async def test_equal_names_are_an_error_that_names_both_places(rig: Rig) -> None:
    one, two = marks("same"), marks("same")
    error = error_of(await rig.run([one, two]))
    assert error.code == "invalid-graph"
    problem = error.problems[0]
    assert "same" in problem.message
    assert problem.site is not None
    assert problem.related


async def test_equal_names_at_different_depths_are_fine(rig: Rig) -> None:
    result = await rig.run([marks("x"), pipeline([marks("x")]).to_task("outer")])
    assert result.ok
    assert rig.lines("order") == ["x", "x"]


async def test_one_task_given_twice_is_one_task(rig: Rig) -> None:
    once = marks("once")
    result = await rig.run([once, once, marks("next", once, once)])
    assert result.ok
    assert rig.lines("order") == ["once", "next"]


async def test_ids_are_the_same_in_every_process_and_every_run(rig: Rig) -> None:
    def build() -> list[Task]:
        return [pipeline([marks("x")]).to_task("outer"), marks("y")]

    first = await rig.run(build(), dry_run=True)
    second = await rig.run(build(), dry_run=True)
    assert list(statuses(first)) == list(statuses(second)) == ["outer", "y"]
    assert first.stats.tasks[0].subtasks[0].id == "outer:x"


async def test_readiness_of_a_nested_pipeline_is_not_confused_by_equal_names(rig: Rig) -> None:
    inner = task("server", run=command(f"{waits_for('go')}; {SERVE}", ready_when="ready"))
    outer = pipeline([inner]).to_task("outer")
    cancel = asyncio.Event()
    running = rig.start([service("server"), marks("dependent", outer)], targets=["dependent", "server"], cancel=cancel)
    await rig.heard("ready:server")
    assert "begin:dependent" not in rig.story
    rig.touch("go")
    await rig.heard("complete:dependent")
    cancel.set()
    await running


async def test_a_circle_is_told_in_names(rig: Rig) -> None:
    error = error_of(await rig.run([marks("web", "api"), marks("api", "db"), marks("db", "web")]))
    assert "web -> api -> db -> web" in error.message


async def test_the_summary_has_every_status_a_task_can_end_with(rig: Rig) -> None:
    cancel = asyncio.Event()
    whole = [
        marks("done"),
        task("bad", run="exit 1"),
        marks("blocked", "bad"),
        service("up"),
        task("skipped", commands={"other": "true"}),
    ]
    running = rig.start(whole, "dev", on_failure="continue", cancel=cancel)
    await rig.heard("complete:done", "failed:bad", "ready:up")
    cancel.set()
    summary = (await running).stats.summary
    counts = (summary.completed, summary.failed, summary.pending, summary.aborted, summary.skipped)
    assert (counts, summary.total, summary.running) == ((1, 1, 1, 1, 1), 5, 0)


async def test_the_error_of_a_nested_task_names_it_with_its_path(rig: Rig) -> None:
    result = await rig.run([pipeline([task("bad", run="exit 7")]).to_task("outer")])
    error = error_of(result)
    assert (error.task_name, error.message) == ("outer:bad", "[outer:bad] Task failed with non-zero exit code: 7")
    assert stats_of(result, "outer").error == error.message


async def test_a_task_that_could_not_be_spawned_was_never_begun(rig: Rig) -> None:
    result = await rig.run([task("t", run=command(["./missing"], teardown=down("t")))])
    assert stats_of(result, "t").started_at is None
    assert rig.story == ["failed:t"]
