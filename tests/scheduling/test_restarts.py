"""Restart policies: delays, crash loops, what begins anew, what dependents do, and what people and changes may do meanwhile."""

from typing import Literal

import pytest
from restarting import backoff, crash_loop, crashes, service, world_of
from scheduling_world import World, planned

from tui_runner.model.command import command
from tui_runner.model.policy import OnFailure, Restart, restart, retry, watch
from tui_runner.model.state import (
    Completed,
    CrashLoop,
    Pending,
    Ready,
    RepeatKind,
    Running,
    Stopping,
    StopReason,
)
from tui_runner.model.task import task
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.effect import RestartNoted
from tui_runner.scheduling.event import (
    Event,
    FilesChanged,
    RestartWanted,
    StartWanted,
    StopWanted,
    TimerKind,
)
from tui_runner.scheduling.scheduler import Scheduler

# -- what is told ---------------------------------------------------------------------------------------------


def test_a_crash_loop_is_told_apart_from_a_plain_failure_with_its_figures() -> None:
    world = world_of(service("t", restart("on-failure", delay=0, limit=2)), service("plain"))
    for at_s in (100, 103, 112.5):
        crashes(world, at_s=at_s)
    assert crash_loop(world) == CrashLoop(restarts=2, within_s=12.5)
    world.exits("plain", 1)
    assert crash_loop(world, "plain") is None


def test_the_words_of_a_crash_loop() -> None:
    assert CrashLoop(restarts=5, within_s=12).words == "crash loop: 5 restarts in 12.0 s"
    assert CrashLoop(restarts=1, within_s=0.25).words == "crash loop: 1 restart in 250 ms"


def test_a_backoff_says_which_policy_acts_and_how_often_it_still_will() -> None:
    policies = {"retry": retry(attempts=2, delay=1), "restart": restart("on-failure", delay=2, limit=3)}
    world = world_of(task("t", run=command("x", **policies)))  # type: ignore[arg-type]  # of one type each
    world.exits("t", 1)
    told = backoff(world)
    assert (told.kind, told.number, told.most, told.delay_s) == (RepeatKind.RETRY, 2, 2, 1)
    world.fires("t", TimerKind.BACKOFF)
    world.exits("t", 1)
    told = backoff(world)
    assert (told.kind, told.number, told.most, told.delay_s) == (RepeatKind.RESTART, 1, 3, 2)


def test_jitter_is_part_of_the_delay_that_is_told_and_differs_between_tasks_and_seeds() -> None:
    policy = restart("on-failure", delay=10, factor=1, jitter=0.5)
    plan = planned([service(name, policy) for name in ("a", "b")], on_failure=OnFailure.CONTINUE)
    found = set()
    for seed in (1, 2):
        world = World(plan, until=Until.TOLD)
        world.scheduler = Scheduler(plan, until=Until.TOLD, seed=seed)
        world.begin()
        for name in ("a", "b"):
            world.exits(name, 1)
            told = backoff(world, name).delay_s
            assert world.timers[name, TimerKind.BACKOFF].delay_s == told
            assert 5 <= told <= 15
            found.add(told)
    assert len(found) == 4


# -- beginning anew -------------------------------------------------------------------------------------------


def test_having_been_ready_for_long_enough_begins_anew_with_delays_and_the_count() -> None:
    world = world_of(service("t", restart("on-failure", delay=1, limit=2, reset_after=7)))
    crashes(world)
    crashes(world)
    world.becomes_ready("t")
    assert world.timers["t", TimerKind.SETTLED].delay_s == 7
    world.fires("t", TimerKind.SETTLED)
    world.exits("t", 1)
    assert (backoff(world).delay_s, backoff(world).number) == (1, 1)


def test_being_ready_for_a_moment_only_does_not_begin_anew() -> None:
    world = world_of(service("t", restart("on-failure", delay=1, limit=2)))
    crashes(world)
    for _ in range(2):
        world.becomes_ready("t")
        crashes(world)
    assert crash_loop(world) is not None
    assert ("t", TimerKind.SETTLED) not in world.timers


def test_without_a_probe_running_for_long_enough_begins_anew() -> None:
    world = world_of(task("t", run=command("x", restart=restart("always", delay=1))))
    crashes(world, code=0)
    world.fires("t", TimerKind.SETTLED)
    world.exits("t", 0)
    assert backoff(world).delay_s == 1


def test_with_a_probe_running_without_being_ready_never_begins_anew() -> None:
    world = world_of(service("t", restart("on-failure", delay=1)))
    crashes(world)
    assert ("t", TimerKind.SETTLED) not in world.timers


def test_a_task_that_was_never_restarted_is_not_timed() -> None:
    world = world_of(service("t", restart("always")))
    world.becomes_ready("t")
    assert world.timers == {}


# -- what is no crash -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", [126, 127])
@pytest.mark.parametrize("policy", ["on-failure", "always"])
def test_a_service_that_cannot_run_any_more_has_failed_for_good(
    code: int, policy: Literal["on-failure", "always"]
) -> None:
    world = world_of(service("t", restart(policy, delay=0)))
    crashes(world)
    world.exits("t", code)
    assert crash_loop(world) is None


def test_what_we_end_ourselves_is_never_counted_as_a_crash() -> None:
    world = world_of(service("t", restart("on-failure", delay=0, limit=1), watch=watch("src")))
    for _ in range(3):
        world.feed(FilesChanged(task="t", path="src/a.py"))
        world.exits("t", -15)
        world.feed(RestartWanted(task="t"))
        world.exits("t", 1)
        assert isinstance(world.state("t"), Running)
    world.feed(StopWanted(task="t"))
    world.exits("t", -15)
    assert isinstance(world.state("t"), Completed)


# -- people and changes ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "event",
    [RestartWanted(task="t"), StartWanted(task="t"), FilesChanged(task="t", path="src/a.py")],
    ids=["restart", "start", "change"],
)
def test_a_wish_or_a_change_during_the_backoff_starts_at_once_and_begins_anew(event: Event) -> None:
    world = world_of(service("t", restart("on-failure", delay=5, limit=3), watch=watch("src")))
    crashes(world)
    world.exits("t", 1)
    assert backoff(world).delay_s == 10
    world.feed(event)
    world.acknowledge()
    assert isinstance(world.state("t"), Running)
    assert world.timers == {}
    world.exits("t", 1)
    assert (backoff(world).delay_s, backoff(world).number) == (5, 1)


def test_a_restart_during_the_backoff_says_whose_it_is() -> None:
    world = world_of(service("t", restart("on-failure", delay=5)))
    world.exits("t", 1)
    assert RestartNoted(task="t", reason="restarted by hand") in world.feed(RestartWanted(task="t"))


@pytest.mark.parametrize(
    "event",
    [RestartWanted(task="t"), StartWanted(task="t"), FilesChanged(task="t", path="src/a.py")],
    ids=["restart", "start", "change"],
)
def test_a_crash_loop_is_revived_by_a_person_or_a_change_and_begins_anew(event: Event) -> None:
    world = world_of(service("t", restart("on-failure", delay=1, limit=1), watch=watch("src")))
    crashes(world)
    world.exits("t", 1)
    assert crash_loop(world) is not None
    world.feed(event)
    world.acknowledge()
    assert world.scheduler.course.first_failure is None
    world.exits("t", 1)
    assert (backoff(world).delay_s, backoff(world).number) == (1, 1)


def test_starting_a_task_that_was_to_leave_during_its_backoff_keeps_it() -> None:
    world = world_of(service("t", restart("on-failure", delay=5)), service("needs", None, "t"))
    world.becomes_ready("t")
    world.becomes_ready("needs")
    world.exits("t", 1)
    world.feed(StopWanted(task="t"))
    world.feed(StartWanted(task="t"))
    world.acknowledge()
    assert isinstance(world.state("t"), Running)


# -- dependents -----------------------------------------------------------------------------------------------


def chain(policy: Restart) -> World:
    """`db` with the policy, `api` that needs it, `web` that needs that; all are ready."""
    world = world_of(service("db", policy), service("api", None, "db"), service("web", None, "api"))
    for name in ("db", "api", "web"):
        world.becomes_ready(name)
    return world


def test_dependents_keep_running_when_what_they_need_is_started_again() -> None:
    world = chain(restart("on-failure", delay=1))
    crashes(world, "db")
    world.becomes_ready("db")
    assert world.states() == {"db": "ready", "api": "ready", "web": "ready"}
    assert world.spawned == ["db", "api", "web", "db"]


def test_dependents_are_started_again_in_order_when_asked_for() -> None:
    world = chain(restart("on-failure", delay=1, restart_dependents=True))
    world.exits("db", 1)
    assert world.signalled == {"api", "web"}
    state = world.state("api")
    assert isinstance(state, Stopping)
    assert state.reason is StopReason.DEPENDENCY
    world.exits("api", -15)
    world.exits("web", -15)
    world.fires("db", TimerKind.BACKOFF)
    assert world.states() == {"db": "running", "api": "pending", "web": "pending"}
    for name in ("db", "api", "web"):
        world.becomes_ready(name)
    assert world.spawned == ["db", "api", "web"] * 2


def test_dependents_that_went_along_have_not_crashed_themselves() -> None:
    policy = restart("on-failure", delay=0, limit=1)
    db = service("db", restart("on-failure", delay=0, restart_dependents=True))
    world = world_of(db, service("api", policy, "db"))
    world.becomes_ready("db")
    world.becomes_ready("api")
    for _ in range(3):
        crashes(world, "db")
        world.exits("api", -15)
        world.becomes_ready("db")
        world.becomes_ready("api")
    assert isinstance(world.state("api"), Ready)


def test_dependents_that_went_along_are_blocked_by_a_crash_loop_and_come_back_with_a_restart() -> None:
    world = chain(restart("on-failure", delay=0, limit=1, restart_dependents=True))
    crashes(world, "db")
    world.exits("api", -15)
    world.exits("web", -15)
    world.exits("db", 1)
    assert crash_loop(world, "db") is not None
    assert world.state("api") == Pending(blocked_by="db")
    world.feed(RestartWanted(task="db"))
    world.acknowledge()
    for name in ("db", "api", "web"):
        world.becomes_ready(name)
    assert world.states() == {"db": "ready", "api": "ready", "web": "ready"}


def test_a_stop_of_the_dependency_while_dependents_leave_to_come_back_takes_all_down() -> None:
    world = chain(restart("on-failure", delay=1, restart_dependents=True))
    world.exits("db", 1)
    world.feed(StopWanted(task="db"))
    world.leave_all()
    assert world.states() == {"db": "completed", "api": "completed", "web": "completed"}


def test_a_dependent_in_backoff_waits_until_what_it_needs_is_ready_again() -> None:
    policy = restart("on-failure", delay=1)
    world = world_of(service("db", policy), service("api", policy, "db"))
    world.becomes_ready("db")
    world.becomes_ready("api")
    world.exits("db", 1)
    world.exits("api", 1)
    world.fires("api", TimerKind.BACKOFF)
    assert world.states() == {"db": "backoff", "api": "pending"}
    world.fires("db", TimerKind.BACKOFF)
    assert world.states() == {"db": "running", "api": "pending"}
    world.becomes_ready("db")
    assert world.states() == {"db": "ready", "api": "running"}
