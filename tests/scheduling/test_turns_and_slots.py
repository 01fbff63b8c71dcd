"""Whose turn it is and who gets a slot."""

import pytest
from scheduling_world import World, planned

from tui_runner.model.command import command
from tui_runner.model.pipeline import pipeline
from tui_runner.model.state import Completed, Pending, Queued, Ready, Skipped
from tui_runner.model.task import Task, task
from tui_runner.scheduling.effect import Spawn


def t(name: str, *depends_on: Task | str, ready: bool = False) -> Task:
    return task(name, run=command("x", ready_when="up" if ready else None), depends_on=depends_on)


def test_tasks_without_dependencies_start_in_definition_order() -> None:
    assert World(planned([t("c"), t("a"), t("b")])).begin().spawned == ["c", "a", "b"]


def test_the_order_of_one_slot_is_first_in_first_out() -> None:
    c, a, b, e, d = (t(name) for name in "cabed")
    world = World(planned([t("z", d, c), c, a, b, e, d], max_concurrency=1)).begin()
    while world.alive:
        world.exits(next(iter(world.alive)))
    assert world.spawned == ["d", "c", "a", "b", "e", "z"]


def test_dependents_queue_behind_those_that_waited_longer() -> None:
    world = World(planned([t("a"), t("b", "a"), t("c")], max_concurrency=1)).begin()
    world.exits("a")
    assert world.spawned == ["a", "c"]


def test_a_task_starts_once_when_all_its_dependencies_are_satisfied() -> None:
    world = World(planned([t("last", "up", "job"), t("up", ready=True), t("job")])).begin()
    world.becomes_ready("up")
    world.exits("up")
    assert "last" not in world.spawned
    world.exits("job")
    assert world.spawned.count("last") == 1


def test_a_ready_service_gives_its_slot_back() -> None:
    world = World(planned([t("up", ready=True), t("job")], max_concurrency=1)).begin()
    assert world.spawned == ["up"]
    assert isinstance(world.state("job"), Queued)
    world.becomes_ready("up")
    assert world.spawned == ["up", "job"]


def test_a_failed_spawn_gives_its_slot_back() -> None:
    from tui_runner.errors.runner_error import ErrorCode
    from tui_runner.model.policy import OnFailure
    from tui_runner.model.state import Failure
    from tui_runner.scheduling.event import Begin, SpawnFailed

    world = World(planned([t("bad"), t("next")], max_concurrency=1, on_failure=OnFailure.CONTINUE))
    world.feed(Begin())
    attempt = world.unacknowledged.pop("bad")
    world.feed(SpawnFailed(task="bad", attempt=attempt, failure=Failure(code=ErrorCode.TASK_FAILED, message="no")))
    assert world.spawned == ["bad", "next"]


def test_a_nested_limit_counts_on_top_of_the_outer_one() -> None:
    nested = pipeline([t("a"), t("b"), t("c")]).to_task("n", max_concurrency=1)
    world = World(planned([nested, t("x"), t("y")], max_concurrency=2)).begin()
    assert world.spawned == ["n:a", "x"]
    world.exits("x")
    assert world.spawned == ["n:a", "x", "y"]
    world.exits("n:a")
    assert world.spawned[-1] == "n:b"


def test_limits_of_nested_pipelines_inside_each_other_both_count() -> None:
    deep = pipeline([t("a"), t("b")]).to_task("deep", max_concurrency=5)
    outer = pipeline([deep, t("c")]).to_task("outer", max_concurrency=1)
    world = World(planned([outer])).begin()
    assert world.spawned == ["outer:deep:a"]
    world.exits("outer:deep:a")
    assert len(world.spawned) == 2


def test_inner_tasks_start_in_definition_order_at_any_depth() -> None:
    deep = pipeline([pipeline([t("a"), t("b")]).to_task("deeper"), t("c")]).to_task("deep", depends_on=["first"])
    world = World(planned([pipeline([t("first"), deep, t("d", "first")]).to_task("outer"), t("e")])).begin()
    assert world.spawned == ["outer:first", "e"]
    world.exits("outer:first")
    assert world.spawned[2:] == ["outer:deep:deeper:a", "outer:deep:deeper:b", "outer:deep:c", "outer:d"]


def test_skipped_tasks_take_no_slot_and_satisfy_their_dependents() -> None:
    skipped = task("skipped", commands={"build": "x"}, depends_on=["first"])
    world = World(planned([t("first"), skipped, t("last", "skipped")], max_concurrency=1)).begin()
    assert isinstance(world.state("skipped"), Pending)
    world.exits("first")
    assert isinstance(world.state("skipped"), Skipped)
    assert world.spawned == ["first", "last"]


def test_a_spawn_names_the_nearest_dependencies_that_have_to_outlive_it() -> None:
    skipped = task("skipped", commands={"build": "x"}, depends_on=["db"])
    nested = pipeline([t("inner", "skipped")]).to_task("nested", depends_on=["cache"])
    world = World(planned([t("db", ready=True), t("cache", ready=True), skipped, nested, t("last", nested)]))
    spawns: dict[str, tuple[str, ...]] = {}
    original = world._perform

    def remember(effect: object) -> None:
        if isinstance(effect, Spawn):
            spawns[effect.task] = effect.after
        original(effect)  # type: ignore[arg-type]  # passed on

    world._perform = remember  # type: ignore[method-assign]  # the world is ours
    world.begin()
    world.becomes_ready("db")
    world.becomes_ready("cache")
    world.exits("nested:inner")
    assert set(spawns["nested:inner"]) == {"db", "cache"}
    assert spawns["db"] == ()


def test_a_nested_pipeline_is_ready_when_its_last_task_is() -> None:
    nested = pipeline([t("a", ready=True), t("b")]).to_task("n")
    world = World(planned([nested, t("after", nested)], targets=("after",))).begin()
    world.exits("n:b")
    assert "after" not in world.spawned
    world.becomes_ready("n:a")
    assert isinstance(world.state("n"), Ready)
    assert "after" in world.spawned


def test_a_nested_pipeline_that_was_ready_and_completes_does_not_start_its_dependents_again() -> None:
    nested = pipeline([t("a", ready=True)]).to_task("n")
    world = World(planned([nested, t("after", nested, "slow"), t("slow")])).begin()
    world.becomes_ready("n:a")
    world.exits("n:a")
    assert isinstance(world.state("n"), Completed)
    assert "after" not in world.spawned
    world.exits("slow")
    assert world.spawned.count("after") == 1


@pytest.mark.parametrize("depth", [1, 3, 50])
def test_an_empty_nested_pipeline_at_any_depth_lets_its_dependents_through(depth: int) -> None:
    inner: list[Task] = []
    for level in range(depth):
        inner = [pipeline(inner).to_task(f"n{level}")]
    world = World(planned([*inner, t("after", inner[0])])).begin()
    assert world.spawned == ["after"]


def test_a_thousand_independent_tasks_are_asked_for_in_one_go() -> None:
    world = World(planned([t(f"t{n}") for n in range(1000)]))
    world.begin()
    assert len(world.alive) == 1000
