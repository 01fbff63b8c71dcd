"""In which order tasks start, and how many at once."""

import asyncio

import pytest
from rig import SERVE, Rig, error_of, marks, service, stats_of, statuses, waits_for

from tui_runner import Task, command, pipeline, task

pytestmark = pytest.mark.real

COUNTS = "mkdir -p here; touch here/$$; ls here | wc -l >> seen; sleep 0.03; rm here/$$"
"""Notes how many of its kind run at once, itself included."""


def most(rig: Rig) -> int:
    return max(map(int, rig.lines("seen")))


async def test_start_order_is_first_in_first_out_in_definition_order(rig: Rig) -> None:
    c, a, b, e, d = (marks(name) for name in "cabed")
    z = marks("z", d, c)
    result = await rig.run([z, c, a, b, e, d], max_concurrency=1)
    assert result.ok
    assert rig.lines("order") == ["d", "c", "a", "b", "e", "z"]
    assert [stats.name for stats in result.stats.tasks] == ["z", "d", "c", "a", "b", "e"]


async def test_tasks_run_in_dependency_order(rig: Rig) -> None:
    first = marks("first")
    second = marks("second", first)
    result = await rig.run([marks("third", second), second, first])
    assert result.ok
    assert rig.lines("order") == ["first", "second", "third"]


async def test_a_dependency_by_name_is_as_good_as_by_object(rig: Rig) -> None:
    result = await rig.run([marks("b", "a"), marks("a")])
    assert result.ok
    assert rig.lines("order") == ["a", "b"]


async def test_transitive_dependencies_come_along(rig: Rig) -> None:
    result = await rig.run([marks("c", marks("b", marks("a")))])
    assert rig.lines("order") == ["a", "b", "c"]
    assert set(statuses(result)) == {"a", "b", "c"}


async def test_a_dependency_given_twice_counts_once(rig: Rig) -> None:
    a = marks("a")
    b = task("b", run=command("echo b >> order", depends_on=[a, "a"]), depends_on=[a, a])
    result = await rig.run([b])
    assert rig.lines("order") == ["a", "b"]
    assert stats_of(result, "b").dependencies == ("a",)


@pytest.mark.parametrize("limit", [1, 2, 3])
async def test_no_more_tasks_than_allowed_run_at_once(rig: Rig, limit: int) -> None:
    result = await rig.run([task(f"t{n}", run=COUNTS) for n in range(7)], max_concurrency=limit)
    assert result.ok
    assert 1 <= most(rig) <= limit


async def test_without_a_limit_all_run_at_once(rig: Rig) -> None:
    together = [
        task(f"t{n}", run=f"touch up{n}; " + "; ".join(waits_for(f"up{k}") for k in range(8))) for n in range(8)
    ]
    assert (await rig.run(together)).ok


async def test_the_limit_counts_tasks_inside_nested_pipelines(rig: Rig) -> None:
    def group(name: str) -> Task:
        return pipeline([task(f"t{n}", run=COUNTS) for n in range(3)]).to_task(name)

    result = await rig.run([group("a"), group("b"), task("t", run=COUNTS)], max_concurrency=2)
    assert result.ok
    assert len(rig.lines("seen")) == 7
    assert most(rig) <= 2


async def test_a_nested_pipeline_does_not_hold_a_slot_itself(rig: Rig) -> None:
    inner = pipeline([marks("inner")]).to_task("middle")
    result = await rig.run([pipeline([inner]).to_task("outer")], max_concurrency=1)
    assert result.ok
    assert rig.lines("order") == ["inner"]


@pytest.mark.parametrize("limit", [1, lambda mode: {"dev": 1}[mode]], ids=["number", "function of the mode"])
async def test_a_nested_pipeline_has_a_limit_of_its_own(rig: Rig, limit: object) -> None:
    group = pipeline([task(f"t{n}", run=COUNTS) for n in range(4)]).to_task("group", max_concurrency=limit)  # type: ignore[arg-type]  # both forms
    others = [task(f"o{n}", run=f"touch free{n}; {waits_for('free0')}; {waits_for('free1')}") for n in range(2)]
    result = await rig.run([group, *others], "dev")
    assert result.ok
    assert most(rig) == 1


async def test_a_full_nested_pipeline_lets_others_pass(rig: Rig) -> None:
    group = pipeline([task("holds", run=waits_for("go")), marks("waits")]).to_task("group", max_concurrency=1)
    running = rig.start([group, task("passes", run="touch go")], max_concurrency=2)
    assert (await running).ok


async def test_a_ready_service_holds_no_slot(rig: Rig) -> None:
    services = [service(f"s{n}") for n in range(3)]
    result = await rig.run([marks("work", *services)], max_concurrency=1)
    assert result.ok
    assert rig.lines("order") == ["work"]


async def test_a_service_that_is_not_ready_yet_holds_its_slot(rig: Rig) -> None:
    slow = task("slow", run=command(f"{waits_for('go')}; echo slow >> order; {SERVE}", ready_when="ready"))
    cancel = asyncio.Event()
    running = rig.start([slow, marks("other")], max_concurrency=1, cancel=cancel)
    await rig.heard("begin:slow")
    rig.touch("go")
    await rig.heard("complete:other")
    cancel.set()
    await running
    assert rig.lines("order") == ["slow", "other"]


@pytest.mark.parametrize("limit", [0, -1, 1.5, float("nan"), True, "2"])
async def test_a_limit_below_one_is_an_error_and_no_hang(rig: Rig, limit: object) -> None:
    error = error_of(await rig.run([marks("t")], max_concurrency=limit))
    assert error.code == "invalid-task"
    assert "max_concurrency" in error.message
    assert rig.lines("order") == []


def broken(mode: str) -> int:
    raise LookupError(mode)


@pytest.mark.parametrize("limit", [0, -3, broken, lambda _: 0])
async def test_a_wrong_limit_of_a_nested_pipeline_is_an_error_and_no_hang(rig: Rig, limit: object) -> None:
    group = pipeline([marks("t")]).to_task("group", max_concurrency=limit)  # type: ignore[arg-type]  # wrong on purpose
    error = error_of(await rig.run([group]))
    assert (error.code, error.task_name) == ("invalid-task", "group")
    assert rig.lines("order") == []


async def test_a_chain_of_two_hundred_runs_in_order(rig: Rig) -> None:
    names = [f"t{n}" for n in range(200)]
    chain = [task(name, run=["true"], depends_on=names[:n][-1:]) for n, name in enumerate(names)]
    assert (await rig.run(chain)).ok
    assert rig.told("begin") == [f"begin:{name}" for name in names]
