"""Whatever happens in whatever order, the rules of scheduling hold. The world asserts them at every effect."""

from typing import Literal

from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling_world import World, planned

from tui_runner.model.command import command
from tui_runner.model.pipeline import pipeline
from tui_runner.model.policy import OnFailure, restart, retry
from tui_runner.model.state import Completed, Failed, Pending, Skipped, TeardownStatus, is_alive
from tui_runner.model.task import Task, task
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.event import Event, RestartWanted, StartWanted, StopCause, StopWanted


@st.composite
def single_tasks(draw: st.DrawFn, name: str, earlier: list[Task]) -> Task:
    """A task that may depend on some earlier ones."""
    depends_on = draw(st.lists(st.sampled_from(earlier), max_size=3, unique_by=id)) if earlier else []
    if draw(st.integers(0, 9)) == 0:
        return task(name, commands={"build": "true"}, depends_on=depends_on)
    policy: Literal["never", "on-failure"] = draw(st.sampled_from(["never", "never", "on-failure"]))
    return task(
        name,
        depends_on=depends_on,
        run=command(
            "true",
            ready_when=draw(st.sampled_from([None, "ready"])),
            ready_timeout=draw(st.sampled_from([None, 5])),
            teardown=draw(st.sampled_from([None, "true"])),
            retry=draw(st.sampled_from([None, retry(attempts=2)])),
            restart=restart(policy, limit=2),
        ),
    )


@st.composite
def task_lists(draw: st.DrawFn) -> list[Task]:
    """A random graph, with nested pipelines that have edges in, out and across."""
    tasks: list[Task] = []
    for number in range(draw(st.integers(1, 7))):
        if draw(st.integers(0, 4)) == 0:
            inner: list[Task] = []
            for k in range(draw(st.integers(0, 3))):
                inner.append(draw(single_tasks(f"inner{number}-{k}", [*tasks, *inner])))
            depends_on = draw(st.lists(st.sampled_from(tasks), max_size=2, unique_by=id)) if tasks else []
            limit = draw(st.sampled_from([None, 1]))
            tasks.append(pipeline(inner).to_task(f"nested{number}", depends_on=depends_on, max_concurrency=limit))
            tasks += inner[:1] if draw(st.booleans()) else []
        else:
            tasks.append(draw(single_tasks(f"task{number}", tasks)))
    return tasks


def drive(world: World, data: st.DataObject, steps: int) -> None:
    """Let the world do something possible, so many times."""
    for _ in range(steps):
        moves = world.moves()
        if world.ended or not moves:
            return
        moves[data.draw(st.integers(0, len(moves) - 1))]()


def finish(world: World) -> None:
    """Bring the run to its end: ask for it, then let everything that is asked to leave do so."""
    world.acknowledge()
    if not world.ended:
        world.stop_run(StopCause.PERSON)
        world.acknowledge()
    world.leave_all()


def check_end(world: World) -> None:
    """Nothing is left, and every teardown that became due has run."""
    assert world.ended
    assert not world.alive
    assert not world.tearing_down
    assert world.scheduler.board.present == 0
    assert world.scheduler.board.progressing == 0
    for name in world.plan.tasks:
        assert not is_alive(world.state(name))
        assert world.due.get(name) in {None, TeardownStatus.COMPLETED}


@settings(max_examples=300, deadline=None)
@given(st.data(), task_lists(), st.sampled_from(OnFailure), st.sampled_from([None, 1, 2]), st.sampled_from(Until))
def test_no_order_of_events_breaks_a_rule_or_hangs_the_run(
    data: st.DataObject, tasks: list[Task], on_failure: OnFailure, limit: int | None, until: Until
) -> None:
    world = World(planned(tasks, on_failure=on_failure, max_concurrency=limit), until=until)
    world.begin()
    drive(world, data, data.draw(st.integers(0, 60)))
    finish(world)
    check_end(world)


@settings(max_examples=300, deadline=None)
@given(st.data(), task_lists())
def test_people_may_start_stop_and_restart_anything_at_any_time(data: st.DataObject, tasks: list[Task]) -> None:
    world = World(planned(tasks, on_failure=OnFailure.CONTINUE), until=Until.TOLD)
    world.begin()
    names = list(world.plan.tasks)
    for _ in range(data.draw(st.integers(0, 12))):
        name = data.draw(st.sampled_from(names))
        wishes: list[Event] = [
            StartWanted(task=name),
            StopWanted(task=name),
            RestartWanted(task=name),
            RestartWanted(task=name, with_dependents=True),
        ]
        world.feed(data.draw(st.sampled_from(wishes)))
        world.acknowledge()
        drive(world, data, data.draw(st.integers(0, 6)))
    finish(world)
    check_end(world)


@settings(max_examples=200, deadline=None)
@given(st.data(), task_lists(), st.integers(0, 30))
def test_the_third_request_to_stop_always_ends_the_run_at_once(
    data: st.DataObject, tasks: list[Task], steps: int
) -> None:
    world = World(planned(tasks, on_failure=OnFailure.CONTINUE), until=Until.TOLD)
    world.begin()
    drive(world, data, steps)
    for _ in range(3):
        world.stop_run(StopCause.SIGNAL)
    assert world.ended


@settings(max_examples=200, deadline=None)
@given(st.data(), task_lists())
def test_when_every_task_does_its_work_every_target_is_done(data: st.DataObject, tasks: list[Task]) -> None:
    world = World(planned(tasks))
    world.begin()
    for _ in range(500):
        if world.ended:
            break
        if bool(world.probing) and data.draw(st.booleans()):
            world.becomes_ready(min(world.probing))
        elif world.alive:
            name = data.draw(st.sampled_from(sorted(world.alive)))
            world.exits(name, -15 if name in world.signalled else 0)
        else:
            world.leave_all()
    check_end(world)
    assert all(isinstance(world.state(name), Completed | Skipped) for name in world.plan.tasks)
    assert not any(isinstance(world.state(name), Pending | Failed) for name in world.plan.tasks)


@settings(max_examples=150, deadline=None)
@given(task_lists(), st.sampled_from([None, 1, 3]))
def test_the_same_events_give_the_same_effects(tasks: list[Task], limit: int | None) -> None:
    stories = []
    for _ in range(2):
        world = World(planned(tasks, max_concurrency=limit))
        world.begin()
        while world.alive and not world.ended:
            world.exits(next(iter(world.alive)), 0)
        world.leave_all()
        stories.append(world.story)
    assert stories[0] == stories[1]
