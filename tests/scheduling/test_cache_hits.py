"""A task whose result is there already: skipped, once, and never torn down."""

from scheduling_world import World, planned

from tui_runner.model.command import command
from tui_runner.model.pipeline import pipeline
from tui_runner.model.policy import retry, watch
from tui_runner.model.state import Skipped, SkipReason
from tui_runner.model.task import task
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.event import (
    Begin,
    CacheHit,
    FilesChanged,
    RestartWanted,
    Spawned,
    StartWanted,
    StopCause,
    StopWanted,
    TimerFired,
    TimerKind,
)


def begun(world: World) -> World:
    world.feed(Begin())
    return world


def test_a_cached_task_is_skipped_and_its_dependents_start() -> None:
    build = task("build", run="build")
    world = begun(World(planned([build, task("test", run="test", depends_on=[build])])))
    world.is_cached("build")
    assert world.state("build") == Skipped(reason=SkipReason.CACHE_HIT)
    assert world.spawned == ["test"]


def test_a_cached_task_gives_its_slot_back() -> None:
    world = begun(World(planned([task(name, run=name) for name in "abc"], max_concurrency=1)))
    for name in "abc":
        assert world.unacknowledged == {name: 1}
        world.is_cached(name)
    assert world.ended


def test_a_cached_task_is_not_torn_down() -> None:
    build = task("build", run=command("build", teardown="clean"))
    serve = task("serve", run=command("serve", teardown="tidy"), depends_on=[build])
    world = begun(World(planned([build, serve])))
    world.is_cached("build")
    world.acknowledge()
    world.exits("serve")
    world.leave_all()
    assert world.teardowns == ["serve"]
    assert world.ended


def test_a_nested_pipeline_of_cached_tasks_is_skipped() -> None:
    inner = pipeline([task("a", run="a"), task("b", run="b")])
    world = begun(World(planned([inner.to_task("libs")])))
    world.is_cached("libs:a")
    world.is_cached("libs:b")
    assert world.state("libs") == Skipped(reason=SkipReason.INNER_TASKS_SKIPPED)


def test_a_task_that_is_stopped_while_its_result_is_brought_back_is_stopped() -> None:
    world = begun(World(planned([task("a", run="a"), task("b", run="b")])))
    world.feed(StopWanted(task="a"))
    world.is_cached("a")
    assert world.states()["a"] == "completed"
    assert world.states()["b"] == "starting"


def test_a_run_that_is_stopped_while_a_result_is_brought_back_ends() -> None:
    world = begun(World(planned([task("a", run="a")])))
    world.stop_run(StopCause.SIGNAL)
    world.is_cached("a")
    assert world.states() == {"a": "aborted"}
    assert world.ended


def test_late_news_of_a_cached_result_changes_nothing() -> None:
    world = World(planned([task("a", run="a")])).begin()
    world.feed(CacheHit(task="a", attempt=1))
    assert world.states() == {"a": "running"}
    world.exits("a")
    assert world.ended


def test_another_try_and_a_restart_by_hand_have_to_run() -> None:
    world = begun(World(planned([task("a", run=command("a", retry=retry(attempts=2)))]), until=Until.TOLD))
    assert world.must_run == set()
    world.acknowledge()
    world.exits("a", 1)
    timer = world.timers.pop(("a", TimerKind.BACKOFF))
    world.feed(TimerFired(task="a", kind=timer.kind, attempt=timer.attempt))
    assert world.must_run == {"a"}
    world.acknowledge()
    world.exits("a", 0)
    world.feed(RestartWanted(task="a"))
    assert world.must_run == {"a"}


def test_a_changed_file_looks_for_a_cached_result_again() -> None:
    world = begun(World(planned([task("gen", run=command("gen", watch=watch("src")))]), until=Until.TOLD))
    world.is_cached("gen")
    world.feed(FilesChanged(task="gen", path="src/a"))
    assert world.unacknowledged == {"gen": 2}
    assert world.must_run == set()
    world.is_cached("gen")
    assert world.state("gen") == Skipped(reason=SkipReason.CACHE_HIT)


def test_a_run_that_lasts_while_something_watches_outlasts_a_cached_task_that_does() -> None:
    world = begun(World(planned([task("gen", run=command("gen", watch=watch("src")))]), until=Until.IDLE))
    world.is_cached("gen")
    assert not world.ended
    world.feed(FilesChanged(task="gen", path="src/a"))
    assert world.unacknowledged == {"gen": 2}


def test_a_person_restarts_a_cached_task_for_real() -> None:
    world = begun(World(planned([task("gen", run="gen")]), until=Until.TOLD))
    world.is_cached("gen")
    world.feed(RestartWanted(task="gen"))
    assert world.unacknowledged == {"gen": 2}
    assert world.must_run == {"gen"}
    world.feed(Spawned(task="gen", attempt=2, pid=7))
    assert world.states() == {"gen": "running"}


def test_starting_a_cached_task_looks_for_its_result_again() -> None:
    world = begun(World(planned([task("gen", run="gen")]), until=Until.TOLD))
    world.is_cached("gen")
    world.feed(StartWanted(task="gen"))
    assert world.unacknowledged == {"gen": 2}
    assert world.must_run == set()
