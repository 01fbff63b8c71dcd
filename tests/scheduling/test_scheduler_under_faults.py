"""Whatever fails at whatever moment, nothing is stuck: after every event the books agree and everybody's next step is due."""

from collections.abc import Callable
from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling_world import World, planned

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.command import command
from tui_runner.model.pipeline import pipeline
from tui_runner.model.policy import OnFailure, restart, retry, watch
from tui_runner.model.state import Failure, Pending, Queued, Starting, TeardownStatus, is_alive
from tui_runner.model.task import Task, task
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.effect import Effect, TeardownChanged
from tui_runner.scheduling.event import (
    Event,
    FilesChanged,
    ProbeFailed,
    RestartWanted,
    SpawnFailed,
    StartWanted,
    StopCause,
    StopWanted,
    TimerKind,
    Unhealthy,
)
from tui_runner.scheduling.node import Activation, Goal, Node

Move = Callable[[], None]


class RoughWorld(World):
    """A world in which spawns fail, or are answered late, and teardowns go wrong."""

    def acknowledge(self) -> None:
        """Nobody answers by himself: answers are moves."""

    def feed(self, event: Event) -> list[Effect]:
        effects = super().feed(event)
        check_books(self)
        return effects

    def _perform(self, effect: Effect) -> None:
        if isinstance(effect, TeardownChanged):
            before = self.due.get(effect.task)
            if effect.status is TeardownStatus.DUE:
                assert before not in {TeardownStatus.DUE, TeardownStatus.RUNNING}, f"{effect.task} is due twice"
            if effect.status is TeardownStatus.RUNNING:
                assert before is TeardownStatus.DUE, f"{effect.task} is torn down twice"
        super()._perform(effect)

    def spawn_fails(self, name: str) -> None:
        attempt = self.unacknowledged.pop(name)
        self.signalled.discard(name)
        failure = Failure(code=ErrorCode.TASK_FAILED, message="no such program")
        self.feed(SpawnFailed(task=name, attempt=attempt, failure=failure))

    def probe_fails(self, name: str) -> None:
        self.feed(ProbeFailed(task=name, attempt=self.probing.pop(name), message="it raised"))

    def falls_ill(self, name: str) -> None:
        self.feed(Unhealthy(task=name, attempt=self.alive[name], message="no answer"))

    def leaving_moves(self) -> list[Move]:
        """Return what happens by itself when everything was asked to leave."""
        found: list[Move] = []
        for name in self.unacknowledged:
            found += [lambda t=name: self.spawn_succeeds(t), lambda t=name: self.spawn_fails(t)]  # type: ignore[misc]
        for name in self.signalled & set(self.alive):
            found += [
                lambda t=name: self.exits(t, -15, at_s=0.0),  # type: ignore[misc]
                lambda t=name: self.exits(t, -15, group_gone=False),  # type: ignore[misc]
                lambda t=name: self.exits(t, -15, escaped=True),  # type: ignore[misc]
            ]
        for name in self.tearing_down:
            found += [lambda t=name: self.teardown_ends(t), lambda t=name: self.teardown_ends(t, "exit code 1")]  # type: ignore[misc]
        found += [lambda t=name: self.closes(t) for name in self.closing]  # type: ignore[misc]
        found += [lambda t=name: self.group_leaves(t) for name in self.lingering]  # type: ignore[misc]
        return found

    def rough_moves(self) -> list[Move]:
        """Return everything that can happen in the world, faults included."""
        found = self.leaving_moves()
        for name in self.alive:
            if name not in self.signalled:
                found += [
                    lambda t=name: self.exits(t, 0),  # type: ignore[misc]
                    lambda t=name: self.exits(t, 1),  # type: ignore[misc]
                    lambda t=name: self.exits(t, 127),  # type: ignore[misc]
                    lambda t=name: self.exits(t, 1, group_gone=False, escaped=True),  # type: ignore[misc]
                    lambda t=name: self.falls_ill(t),  # type: ignore[misc]
                ]
        for name in self.probing:
            if name in self.alive:
                found += [lambda t=name: self.becomes_ready(t), lambda t=name: self.probe_fails(t)]  # type: ignore[misc]
        found += [lambda k=key: self.fires(*k) for key in self.timers]  # type: ignore[misc]
        return found

    def wishes(self, names: list[str]) -> list[Move]:
        """Return what people and files may ask for."""
        found: list[Move] = []
        for name in names:
            events: list[Event] = [StartWanted(task=name), StopWanted(task=name), RestartWanted(task=name)]
            planned_command = self.plan.tasks[name].command
            if planned_command is not None and planned_command.watch is not None:
                events.append(FilesChanged(task=name, path="src/a.py"))
            found += [lambda e=event: self.feed(e) and None for event in events]  # type: ignore[misc]
        return found


def check_books(world: World) -> None:
    """Every counter agrees with the states, and whoever could take a step has taken it."""
    scheduler = world.scheduler
    board = scheduler.board
    tasks = [node for node in board.nodes.values() if node.is_task]
    for node in board.nodes.values():
        assert node.unsatisfied == sum(not dependency.satisfied for dependency in node.deps), node
        assert node.holders == sum(dependent.present for dependent in node.dependents), node
        assert node.present == ((node.is_task and node.occupied) or node.holders > 0), node
    assert board.present == sum(node.present for node in tasks)
    for node in tasks:
        assert not _could_start(world, node), f"{node} could start and does not"
        assert not _could_leave(node), f"{node} could leave and does not"
    if world.ended:
        return
    for held in scheduler.starter._holding:  # a leaked slot shows only much later
        assert is_alive(held.state), f"{held} holds a slot"
        assert not held.was_ready, f"{held} holds a slot and has been ready"


def _could_start(world: World, node: Node) -> bool:
    free = node.lingering is None and node.activation not in {Activation.TEARDOWN, Activation.CLOSING}
    waits = isinstance(node.state, Pending) and node.goal is Goal.UP and not node.unsatisfied
    return waits and free and world.scheduler.course.admits


def _could_leave(node: Node) -> bool:
    if node.goal is Goal.UP or node.holders:
        return False
    quiet = not is_alive(node.state) and node.lingering is None
    asked = isinstance(node.state, Starting) or (quiet and node.activation is Activation.OPEN)
    return asked or isinstance(node.state, Queued)


@st.composite
def single_tasks(draw: st.DrawFn, name: str, earlier: list[Task]) -> Task:
    """A task with any policies, that may depend on some earlier ones."""
    depends_on = draw(st.lists(st.sampled_from(earlier), max_size=2, unique_by=id)) if earlier else []
    if draw(st.integers(0, 9)) == 0:
        return task(name, commands={"build": "true"}, depends_on=depends_on)
    policy: Literal["never", "on-failure", "always"] = draw(st.sampled_from(["never", "on-failure", "always"]))
    return task(
        name,
        depends_on=depends_on,
        run=command(
            "true",
            ready_when=draw(st.sampled_from([None, "ready"])),
            ready_timeout=draw(st.sampled_from([None, 5])),
            completed_timeout=draw(st.sampled_from([None, None, 9])),
            teardown=draw(st.sampled_from([None, "true"])),
            retry=draw(st.sampled_from([None, retry(attempts=2)])),
            restart=restart(policy, limit=2, restart_dependents=draw(st.booleans())),
            watch=draw(
                st.sampled_from(
                    [
                        None,
                        watch("src"),
                        watch("src", restart_dependents=True),
                        watch("src", on_change="run", restart_dependents=True),
                        watch("src", on_change="signal:HUP"),
                    ]
                )
            ),
        ),
    )


@st.composite
def task_lists(draw: st.DrawFn) -> list[Task]:
    """A random graph with nested pipelines, two deep, that have edges in, out and across, and limits."""
    tasks: list[Task] = []
    for number in range(draw(st.integers(1, 5))):
        if draw(st.integers(0, 2)) == 0:
            inner: list[Task] = []
            for k in range(draw(st.integers(0, 3))):
                made = draw(single_tasks(f"inner{number}-{k}", [*tasks, *inner]))
                if draw(st.integers(0, 3)) == 0:
                    limit = draw(st.sampled_from([None, 1]))
                    made = pipeline([made]).to_task(f"deep{number}-{k}", max_concurrency=limit)
                inner.append(made)
            depends_on = draw(st.lists(st.sampled_from(tasks), max_size=2, unique_by=id)) if tasks else []
            limit = draw(st.sampled_from([None, 1, 2]))
            tasks.append(pipeline(inner).to_task(f"nested{number}", depends_on=depends_on, max_concurrency=limit))
            tasks += inner[:1] if draw(st.booleans()) else []
        else:
            tasks.append(draw(single_tasks(f"task{number}", tasks)))
    return tasks


def take(data: st.DataObject, moves: list[Move]) -> None:
    moves[data.draw(st.integers(0, len(moves) - 1))]()


def leave(world: RoughWorld, data: st.DataObject) -> None:
    """Let everything that was asked to leave do so, in any order and however badly."""
    for _ in range(2000):
        moves = world.leaving_moves()
        if world.ended or not moves:
            return
        take(data, moves)


@settings(max_examples=300, deadline=None)
@given(
    st.data(),
    task_lists(),
    st.sampled_from(OnFailure),
    st.sampled_from([None, 1, 2]),
    st.sampled_from(Until),
    st.integers(0, 2),
)
def test_nothing_is_stuck_whatever_fails_and_whoever_wishes_something(
    data: st.DataObject,
    tasks: list[Task],
    on_failure: OnFailure,
    limit: int | None,
    until: Until,
    harder: int,
) -> None:
    world = RoughWorld(planned(tasks, on_failure=on_failure, max_concurrency=limit), until=until)
    world.begin()
    names = list(world.plan.tasks)
    for _ in range(data.draw(st.integers(0, 30))):
        if world.ended:
            break
        moves = world.rough_moves()
        world_acts = bool(moves) and data.draw(st.booleans())
        take(data, moves if world_acts else world.wishes(names))
    if not world.ended:
        world.stop_run(StopCause.PERSON)
    for _ in range(harder):
        for _ in range(data.draw(st.integers(0, 5))):
            if moves := world.leaving_moves():
                take(data, moves)
        if not world.ended:
            world.stop_run(StopCause.PERSON)
    leave(world, data)
    assert world.ended
    assert not world.alive or harder == 2
    assert harder == 2 or set(world.due.values()) <= {TeardownStatus.COMPLETED, TeardownStatus.FAILED}


def test_a_task_whose_next_spawn_fails_while_it_is_stopped_is_still_torn_down() -> None:
    world = RoughWorld(planned([task("db", run=command("db", teardown="true"))]), until=Until.TOLD)
    world.begin()
    world.spawn_succeeds("db")
    world.feed(RestartWanted(task="db"))
    world.exits("db", -15)
    world.stop_run()
    world.spawn_fails("db")
    assert world.tearing_down == {"db"}
    world.leave_all()
    assert world.ended


def test_a_restart_asked_for_just_before_the_spawn_fails_is_tried() -> None:
    world = RoughWorld(planned([task("api", run="api")]), until=Until.TOLD)
    world.begin()
    world.feed(RestartWanted(task="api"))
    world.spawn_fails("api")
    world.spawn_succeeds("api")
    assert world.spawned == ["api", "api"]


def test_what_has_begun_is_retried_while_the_rest_of_a_failed_run_finishes() -> None:
    tasks = [task("bad", run="false"), task("flaky", run=command("flaky", retry=retry(attempts=3)))]
    world = World(planned(tasks, on_failure=OnFailure.FINISH)).begin()
    world.exits("flaky", 1)
    world.exits("bad", 1)
    world.fires("flaky", TimerKind.BACKOFF)
    world.exits("flaky", 1)
    world.fires("flaky", TimerKind.BACKOFF)
    world.exits("flaky", 0)
    assert world.states() == {"bad": "failed", "flaky": "completed"}
    world.leave_all()
    assert world.ended


def test_a_retry_that_waits_for_a_slot_keeps_its_place_when_another_task_fails() -> None:
    tasks = [
        task("flaky", run=command("flaky", retry=retry(attempts=2))),
        task("bad", run="false"),
        task("late", run="late"),
    ]
    world = World(planned(tasks, on_failure=OnFailure.FINISH, max_concurrency=1)).begin()
    world.exits("flaky", 1)
    world.fires("flaky", TimerKind.BACKOFF)
    world.exits("bad", 1)
    assert world.states() == {"flaky": "running", "bad": "failed", "late": "pending"}


def test_a_restart_by_hand_after_a_failure_lets_what_was_held_back_start() -> None:
    tasks = [task("bad", run="false"), task("long", run="long"), task("held", run="held")]
    world = World(planned(tasks, on_failure=OnFailure.FINISH, max_concurrency=2)).begin()
    world.exits("bad", 1)
    assert world.states()["held"] == "pending"
    world.feed(RestartWanted(task="bad"))
    world.acknowledge()
    world.exits("long", 0)
    assert world.states() == {"bad": "running", "long": "completed", "held": "running"}


def test_a_change_inside_a_nested_pipeline_restarts_tasks_only() -> None:
    lib = task("lib", run=command("lib", watch=watch("src", restart_dependents=True)))
    app = task("app", run="app", depends_on=[pipeline([lib]).to_task("libs")])
    world = World(planned([app]), until=Until.TOLD).begin()
    world.feed(FilesChanged(task="libs:lib", path="src/a.py"))
    assert world.signalled == {"libs:lib"}
    world.exits("libs:lib", -15)
    assert world.states() == {"libs:lib": "running", "libs": "running", "app": "pending"}
