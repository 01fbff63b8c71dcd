"""Going down: who is stopped and torn down when."""

import pytest
from scheduling_world import World, planned

from tui_runner.model.command import command
from tui_runner.model.pipeline import pipeline
from tui_runner.model.policy import OnFailure
from tui_runner.model.state import Aborted, Completed, Failed, Stopping, TeardownStatus
from tui_runner.model.task import Task, task
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.effect import CloseActivation, Kill
from tui_runner.scheduling.event import StopCause


def up(name: str, *depends_on: Task | str, teardown: bool = True) -> Task:
    return task(name, run=command("x", ready_when="up", teardown="y" if teardown else None), depends_on=depends_on)


def job(name: str, *depends_on: Task | str) -> Task:
    return task(name, run=command("x", teardown="y"), depends_on=depends_on)


def brought_up(*tasks: Task, **options: object) -> World:
    world = World(planned(list(tasks), **options), until=Until.TOLD).begin()  # type: ignore[arg-type]  # passed on
    while world.probing:
        world.becomes_ready(min(world.probing))
    return world


def test_a_dependency_is_stopped_only_when_its_dependent_was_torn_down() -> None:
    world = brought_up(up("db"), up("api", "db"))
    world.stop_run()
    assert world.signalled == {"api"}
    world.exits("api", -15)
    assert world.signalled == set()
    assert world.tearing_down == {"api"}
    world.teardown_ends("api")
    world.closes("api")
    assert world.signalled == {"db"}


def test_a_failed_teardown_does_not_hold_up_the_others() -> None:
    world = brought_up(up("db"), up("api", "db"))
    world.stop_run()
    world.exits("api", -15)
    world.teardown_ends("api", "it broke")
    world.closes("api")
    assert world.due["api"] is TeardownStatus.FAILED
    assert world.signalled == {"db"}


def test_independent_branches_leave_at_the_same_time() -> None:
    world = brought_up(up("a"), up("b"), up("on-a", "a"), up("on-b", "b"))
    world.stop_run()
    assert world.signalled == {"on-a", "on-b"}


def test_the_rest_of_a_group_holds_the_teardown_back() -> None:
    world = brought_up(up("t"))
    world.stop_run()
    world.exits("t", -15, group_gone=False)
    assert world.tearing_down == set()
    world.group_leaves("t")
    assert world.tearing_down == {"t"}


def test_order_is_kept_through_tasks_that_have_ended_long_ago() -> None:
    world = brought_up(job("y"), task("m", run="x", depends_on=["y"]), job("c", "m"))
    for name in ("y", "m", "c"):
        world.exits(name)
    world.stop_run()
    world.leave_all()
    assert world.teardowns == ["c", "y"]


def test_order_is_kept_through_skipped_tasks_and_nested_pipelines() -> None:
    skipped = task("skipped", commands={"build": "x"}, depends_on=["y"])
    nested = pipeline([task("m", run="x", depends_on=["skipped"])]).to_task("nested")
    world = brought_up(job("y"), skipped, nested, job("c", nested))
    for name in ("y", "nested:m", "c"):
        world.exits(name)
    world.stop_run()
    world.leave_all()
    assert world.teardowns == ["c", "y"]


def test_inner_tasks_of_a_nested_pipeline_outlive_what_depends_on_it() -> None:
    nested = pipeline([up("db"), up("cache")]).to_task("nested")
    world = brought_up(nested, up("api", nested))
    world.stop_run()
    assert world.signalled == {"api"}
    world.exits("api", -15)
    world.leave_all()
    assert world.teardowns[0] == "api"
    assert set(world.teardowns) == {"api", "nested:db", "nested:cache"}


def test_a_task_that_never_started_is_not_torn_down() -> None:
    world = brought_up(job("first"), job("second", "first"))
    world.stop_run()
    world.leave_all()
    assert world.teardowns == ["first"]
    assert "second" not in world.due


def test_work_that_is_done_stops_services_as_completed() -> None:
    world = World(planned([up("db"), job("work", "db")], targets=("work",))).begin()
    world.becomes_ready("db")
    world.exits("work")
    world.leave_all()
    assert world.ended
    assert world.state("db") == Completed(stopped=True, signal="SIGTERM")
    assert world.teardowns == ["work", "db"]


@pytest.mark.parametrize(
    ("cause", "state"),
    [
        (StopCause.PERSON, Completed),
        (StopCause.SIGNAL, Aborted),
        (StopCause.CANCEL, Aborted),
        (StopCause.OWNER_GONE, Aborted),
    ],
)
def test_what_a_stopped_service_counts_as_depends_on_who_asked(cause: StopCause, state: type) -> None:
    world = brought_up(up("db"))
    world.stop_run(cause)
    world.leave_all()
    assert isinstance(world.state("db"), state)


def test_a_failure_aborts_what_runs_and_keeps_what_is_done() -> None:
    world = World(planned([up("db"), job("done"), job("bad")])).begin()
    world.exits("done")
    world.exits("bad", 1)
    world.leave_all()
    assert world.states() == {"db": "aborted", "done": "completed", "bad": "failed"}


def test_a_spawn_under_way_when_the_run_ends_is_stopped_and_torn_down() -> None:
    from tui_runner.scheduling.event import Begin

    world = World(planned([job("slow")]), until=Until.TOLD)
    world.feed(Begin())
    world.stop_run()
    assert isinstance(world.state("slow"), Stopping)
    world.spawn_succeeds("slow")
    world.leave_all()
    assert world.ended
    assert world.teardowns == ["slow"]


def test_a_spawn_that_fails_while_the_run_ends_needs_no_teardown() -> None:
    from tui_runner.errors.runner_error import ErrorCode
    from tui_runner.model.state import Failure
    from tui_runner.scheduling.event import Begin, SpawnFailed

    world = World(planned([job("slow")]), until=Until.TOLD)
    world.feed(Begin())
    world.stop_run(StopCause.CANCEL)
    attempt = world.unacknowledged.pop("slow")
    world.signalled.clear()
    world.feed(SpawnFailed(task="slow", attempt=attempt, failure=Failure(code=ErrorCode.TASK_FAILED, message="no")))
    assert world.ended
    assert isinstance(world.state("slow"), Aborted)
    assert world.teardowns == []


# -- harder ---------------------------------------------------------------------------------------------------


def test_the_second_request_kills_everything_at_once_but_teardowns_keep_their_order() -> None:
    world = brought_up(up("db"), up("api", "db"))
    world.stop_run(StopCause.SIGNAL)
    effects = world.feed_stop(StopCause.SIGNAL)
    assert {effect.task for effect in effects if isinstance(effect, Kill)} == {"api", "db"}
    world.exits("db", -15)
    world.exits("api", -15)
    world.leave_all()
    assert world.teardowns == ["api", "db"]
    assert world.ended


def test_the_third_request_gives_up_on_teardowns_and_ends_at_once() -> None:
    world = brought_up(up("db"), up("api", "db"))
    world.stop_run(StopCause.SIGNAL)
    world.exits("api", -15)
    assert world.tearing_down == {"api"}
    world.stop_run(StopCause.SIGNAL)
    world.stop_run(StopCause.SIGNAL)
    assert world.ended
    assert world.due == {"api": TeardownStatus.NOT_RUN, "db": TeardownStatus.NOT_RUN}


def test_the_first_request_while_a_finished_run_leaves_kills_nobody_and_changes_no_task() -> None:
    world = World(planned([up("db"), job("work", "db")], targets=("work",))).begin()
    world.becomes_ready("db")
    world.exits("work", 0)
    assert world.feed_stop(StopCause.CANCEL) == []
    assert world.scheduler.course.verdict is StopCause.CANCEL
    world.teardown_ends("work")
    world.closes("work")
    world.exits("db", -15)
    assert world.scheduler.state_of("db") == Completed(stopped=True, signal="SIGTERM")


def test_the_first_signal_after_a_failure_does_not_kill_yet() -> None:
    """The run is leaving by itself; the person asks for the first time."""
    world = World(planned([up("db"), job("bad")])).begin()
    world.exits("bad", 1)
    effects = world.feed_stop(StopCause.SIGNAL)
    assert not any(isinstance(effect, Kill) for effect in effects)
    effects = world.feed_stop(StopCause.SIGNAL)
    assert {effect.task for effect in effects if isinstance(effect, Kill)} == {"db"}


def test_a_terminal_that_goes_away_twice_never_kills() -> None:
    world = brought_up(up("db"))
    for _ in range(3):
        effects = world.feed_stop(StopCause.OWNER_GONE)
        assert not any(isinstance(effect, Kill) for effect in effects)
    world.leave_all()
    assert world.teardowns == ["db"]


def test_a_task_without_teardown_that_left_nothing_is_not_swept() -> None:
    world = World(planned([task("a", run="x"), task("b", run="x")])).begin()
    effects = world.feed_exit("a")
    assert not any(isinstance(effect, CloseActivation) for effect in effects)
    world.exits("b", escaped=True)
    assert world.closing == {"b"}


def test_a_crash_while_the_run_leaves_is_recorded_and_changes_no_order() -> None:
    world = brought_up(up("db"), up("api", "db"), on_failure=OnFailure.STOP)
    world.stop_run(StopCause.SIGNAL)
    world.exits("db", 3)
    assert isinstance(world.state("db"), Failed)
    assert world.tearing_down == set()
    world.leave_all()
    assert world.teardowns == ["api", "db"]
