"""Restart policies: delays, crash loops, what begins anew, what dependents do, and what people and changes may do meanwhile."""

from typing import Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling_world import World, planned

from tui_runner.model.command import command
from tui_runner.model.policy import OnFailure, Restart, restart, retry, watch
from tui_runner.model.state import (
    Backoff,
    Completed,
    CrashLoop,
    Failed,
    Pending,
    Ready,
    RepeatKind,
    Running,
    Stopping,
    StopReason,
)
from tui_runner.model.task import Task, task
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.effect import RestartNoted
from tui_runner.scheduling.event import (
    Event,
    Exited,
    FilesChanged,
    GroupGone,
    ProbeFailed,
    ProbePassed,
    RestartWanted,
    Spawned,
    StartWanted,
    StopWanted,
    TimerFired,
    TimerKind,
    Unhealthy,
)
from tui_runner.scheduling.scheduler import Scheduler


def service(name: str, policy: Restart | None = None, *depends_on: str, **options: object) -> Task:
    run = command("x", ready_when="up", restart=policy, **options)  # type: ignore[arg-type]  # passed on
    return task(name, run=run, depends_on=depends_on)


def world_of(*tasks: Task) -> World:
    plan = planned(list(tasks), on_failure=OnFailure.CONTINUE)
    return World(plan, until=Until.TOLD).begin()


def crashes(world: World, name: str = "t", code: int = 1, at_s: float = 0.0) -> None:
    """Let a task end and, if it is to be started again, let the delay pass."""
    world.exits(name, code, at_s=at_s)
    if isinstance(world.state(name), Backoff):
        world.fires(name, TimerKind.BACKOFF)


def backoff(world: World, name: str = "t") -> Backoff:
    state = world.state(name)
    assert isinstance(state, Backoff), state
    return state


def crash_loop(world: World, name: str = "t") -> CrashLoop | None:
    state = world.state(name)
    assert isinstance(state, Failed), state
    return state.failure.crash_loop


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


# -- any order ------------------------------------------------------------------------------------------------


class Watched(World):
    """A world that remembers what it told of every attempt, to tell it again when it is late news."""

    def __init__(self, tasks: list[Task]) -> None:
        self.told: list[Event] = []
        super().__init__(planned(tasks, on_failure=OnFailure.CONTINUE), until=Until.TOLD)

    def feed(self, event: Event) -> list:  # type: ignore[type-arg]  # as in World
        self.told.append(event)
        return super().feed(event)

    def late_news(self) -> list[Event]:
        """Return news of attempts that another one has followed: what was told, and what might have been."""
        late: list[Event] = []
        for name in self.plan.tasks:
            for attempt in range(1, self.scheduler.board.nodes[name].attempt):
                late += [
                    Spawned(task=name, attempt=attempt, pid=7),
                    ProbePassed(task=name, attempt=attempt),
                    ProbeFailed(task=name, attempt=attempt, message="late"),
                    Unhealthy(task=name, attempt=attempt, message="late"),
                    Exited(task=name, attempt=attempt, exit_code=1, signal=None, group_gone=True, escaped=False),
                    GroupGone(task=name, attempt=attempt),
                    *(TimerFired(task=name, attempt=attempt, kind=kind) for kind in TimerKind),
                ]
        return late


@st.composite
def policies(draw: st.DrawFn) -> Restart:
    return restart(
        draw(st.sampled_from(["on-failure", "always"])),
        delay=draw(st.sampled_from([0, 1, 4])),
        max_delay=5,
        jitter=draw(st.sampled_from([0.0, 0.5])),
        limit=draw(st.integers(1, 3)),
        window=10,
        reset_after=3,
        restart_dependents=draw(st.booleans()),
    )


@settings(max_examples=200, deadline=None)
@given(st.data(), policies(), st.lists(st.integers(0, 3), max_size=25))
def test_there_are_never_more_restarts_within_the_window_than_the_limit(
    data: st.DataObject, policy: Restart, steps: list[int]
) -> None:
    world = world_of(service("t", policy))
    restarts: list[float] = []
    in_a_row = 0
    now_s = 0.0
    for pause_s in steps:
        now_s += pause_s
        if ("t", TimerKind.BACKOFF) in world.timers:
            world.fires("t", TimerKind.BACKOFF)
        if isinstance(world.state("t"), Running) and data.draw(st.booleans()):
            world.becomes_ready("t")
        if ("t", TimerKind.SETTLED) in world.timers and data.draw(st.booleans()):
            world.fires("t", TimerKind.SETTLED)
            restarts, in_a_row = [], 0
        world.exits("t", 1, at_s=now_s)
        lately = [at_s for at_s in restarts if now_s - at_s < policy.window_s]
        if isinstance(world.state("t"), Failed):
            assert crash_loop(world) == CrashLoop(restarts=len(lately), within_s=now_s - lately[0])
            assert len(lately) == policy.limit
            world.feed(RestartWanted(task="t"))
            world.acknowledge()
            restarts, in_a_row = [], 0
        else:
            restarts, in_a_row = [*restarts, now_s], in_a_row + 1
            told = backoff(world)
            assert told.number == len(lately) + 1 <= policy.limit
            middle = policy.backoff.delay_before(in_a_row)
            spread = middle * policy.backoff.jitter
            assert middle - spread <= told.delay_s <= min(5, middle + spread)


@settings(max_examples=200, deadline=None)
@given(st.data(), st.lists(policies(), min_size=2, max_size=4))
def test_news_of_an_old_generation_changes_nothing_whenever_it_comes(
    data: st.DataObject, given_policies: list[Restart]
) -> None:
    tasks: list[Task] = []
    chained: list[bool] = data.draw(st.lists(st.booleans(), min_size=4, max_size=4))
    for number, policy in enumerate(given_policies):
        needs = [tasks[-1].name] if tasks and chained[number] else []
        tasks.append(service(f"t{number}", policy, *needs, watch=watch("src", restart_dependents=True)))
    world = Watched(tasks)
    world.begin()
    for _ in range(data.draw(st.integers(1, 30))):
        moves = world.moves()
        moves += [lambda t=one.name: world.feed(RestartWanted(task=t)) and None for one in tasks]  # type: ignore[misc]
        moves[data.draw(st.integers(0, len(moves) - 1))]()
        before = world.states(), dict(world.timers)
        for event in world.late_news():
            if not (isinstance(event, GroupGone) and world.lingering.get(event.task) == event.attempt):
                assert world.scheduler.feed(event) == []
        assert (world.states(), dict(world.timers)) == before
