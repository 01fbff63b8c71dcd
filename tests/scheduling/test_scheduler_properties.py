"""Whatever happens in whatever order, the rules of scheduling hold. The world asserts them at every effect."""

from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling_stories import check_end, drive, finish, task_lists
from scheduling_world import World, planned

from tui_runner.model.policy import OnFailure
from tui_runner.model.state import Completed, Failed, Pending, Skipped
from tui_runner.model.task import Task
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.event import Event, RestartWanted, StartWanted, StopCause, StopWanted


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
