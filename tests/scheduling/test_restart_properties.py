"""Restart policies in whatever order things happen: limits hold, and late news changes nothing."""

from hypothesis import given, settings
from hypothesis import strategies as st
from restarting import backoff, crash_loop, service, world_of
from scheduling_world import World, planned

from tui_runner.model.policy import OnFailure, Restart, restart, watch
from tui_runner.model.state import (
    CrashLoop,
    Failed,
    Running,
)
from tui_runner.model.task import Task
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.event import (
    Event,
    Exited,
    GroupGone,
    ProbeFailed,
    ProbePassed,
    RestartWanted,
    Spawned,
    TimerFired,
    TimerKind,
    Unhealthy,
)


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
