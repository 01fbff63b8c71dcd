"""What a change of watched files does to a task, by `on_change`, whatever the task is doing."""

import signal

import pytest
from scheduling_world import World, planned

from tui_runner.model.command import command
from tui_runner.model.policy import OnFailure, restart, watch
from tui_runner.model.state import Backoff, Completed, Failed, Ready, Running, Skipped
from tui_runner.model.task import Task, task
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.effect import RestartNoted, SendSignal
from tui_runner.scheduling.event import Begin, FilesChanged, RestartWanted, StopWanted, TimerKind

CHANGE = FilesChanged(task="t", path="src/a.py")
AGAIN = RestartNoted(task="t", reason="changed: src/a.py")
HANGUP = SendSignal(task="t", attempt=1, number=signal.SIGHUP, reason="changed: src/a.py")


def begun(*tasks: Task, until: Until = Until.TOLD) -> World:
    return World(planned(list(tasks), on_failure=OnFailure.CONTINUE), until=until).begin()


def step(**options: object) -> Task:
    return task("t", run=command("x", watch=watch("src", on_change="run"), **options))  # type: ignore[arg-type]  # passed on


def service(**options: object) -> Task:
    hup = watch("src", on_change="signal:HUP")
    return task("t", run=command("x", ready_when="up", watch=hup, **options))  # type: ignore[arg-type]  # passed on


# -- run ------------------------------------------------------------------------------------------------------


def test_a_completed_step_is_run_again() -> None:
    world = begun(step())
    world.exits("t")
    assert AGAIN in world.feed(CHANGE)
    world.acknowledge()
    assert world.spawned == ["t", "t"]


@pytest.mark.parametrize("code", [0, 1])
def test_a_step_that_runs_is_left_to_finish_and_then_run_again_once(code: int) -> None:
    world = begun(step())
    assert world.feed(CHANGE) == []
    assert world.feed(CHANGE) == []
    assert world.signalled == set()
    world.exits("t", code)
    assert world.spawned == ["t", "t"]
    world.exits("t")
    assert world.state("t") == Completed(exit_code=0)


def test_a_step_waits_for_the_rest_of_its_group_before_it_runs_again() -> None:
    world = begun(step())
    world.feed(CHANGE)
    world.exits("t", group_gone=False)
    assert world.spawned == ["t"]
    world.group_leaves("t")
    assert world.spawned == ["t", "t"]


def test_a_change_during_a_look_into_the_cache_has_it_looked_up_again() -> None:
    world = World(planned([step()], on_failure=OnFailure.CONTINUE), until=Until.TOLD)
    world.feed(Begin())
    world.feed(CHANGE)
    world.is_cached("t")
    world.is_cached("t")
    assert isinstance(world.state("t"), Skipped)
    assert world.story.count("t is cached") == 2


def test_a_restart_by_hand_has_seen_the_change() -> None:
    world = begun(step())
    world.feed(CHANGE)
    world.feed(RestartWanted(task="t"))
    world.exits("t", -15)
    world.exits("t")
    assert world.spawned == ["t", "t"]


def test_a_step_that_a_person_stops_is_not_run_again() -> None:
    world = begun(step())
    world.feed(CHANGE)
    world.feed(StopWanted(task="t"))
    world.leave_all()
    assert world.spawned == ["t"]


def test_a_failed_try_is_repeated_at_once_when_files_changed_meanwhile() -> None:
    world = begun(step(restart=restart("on-failure", delay=10)))
    world.exits("t", 1)
    assert isinstance(world.state("t"), Backoff)
    assert (("t", TimerKind.BACKOFF) in world.timers, world.spawned) == (True, ["t"])
    world.feed(CHANGE)
    world.acknowledge()
    assert (("t", TimerKind.BACKOFF) in world.timers, world.spawned) == (False, ["t", "t"])


def test_dependents_are_restarted_when_the_step_runs_again_and_not_before() -> None:
    gen = task("t", run=command("x", watch=watch("src", on_change="run", restart_dependents=True)))
    world = begun(gen, task("api", run=command("x", ready_when="up"), depends_on=[gen]))
    world.exits("t")
    world.becomes_ready("api")
    world.feed(CHANGE)
    world.acknowledge()
    assert world.signalled == {"api"}
    world.exits("api", -15)
    assert world.spawned == ["t", "api", "t"]
    world.exits("t")
    assert world.spawned == ["t", "api", "t", "api"]


def test_a_run_lasts_until_the_step_has_been_run_again() -> None:
    world = begun(step(), until=Until.TARGETS)
    world.feed(CHANGE)
    world.exits("t")
    assert not world.ended
    world.exits("t")
    world.leave_all()
    assert world.ended


# -- signal ---------------------------------------------------------------------------------------------------


def test_a_ready_service_is_sent_the_signal_and_runs_on() -> None:
    world = begun(service())
    world.becomes_ready("t")
    assert world.feed(CHANGE) == [HANGUP]
    assert isinstance(world.state("t"), Ready)


def test_a_service_that_is_coming_up_is_sent_the_signal_once_it_is_ready() -> None:
    world = begun(service())
    assert world.feed(CHANGE) == []
    world.becomes_ready("t")
    assert world.story[-1] == "t is sent 1"


def test_a_service_without_a_probe_is_sent_the_signal_while_it_runs() -> None:
    world = begun(task("t", run=command("x", watch=watch("src", on_change="signal:HUP"))))
    assert world.feed(CHANGE) == [HANGUP]
    assert isinstance(world.state("t"), Running)


def test_a_service_that_failed_while_coming_up_is_started_again_by_the_change_it_had_not_seen() -> None:
    world = begun(service())
    world.feed(CHANGE)
    world.exits("t", 1)
    assert world.spawned == ["t", "t"]


def test_a_failed_service_is_started_by_a_change() -> None:
    world = begun(service())
    world.exits("t", 1)
    assert isinstance(world.state("t"), Failed)
    assert AGAIN in world.feed(CHANGE)
