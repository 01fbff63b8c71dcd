"""Going over to another plan while the run lives: who goes, who stays, who comes, in which order."""

from hypothesis import given, settings
from hypothesis import strategies as st
from scheduling_stories import check_end, drive, finish, task_lists
from scheduling_world import World, planned

from tui_runner.model.command import command
from tui_runner.model.policy import OnFailure, retry
from tui_runner.model.state import Completed, Pending, Ready, Running, Skipped
from tui_runner.model.task import Task, task
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.event import Event, RestartWanted, StartWanted, StopWanted, TimerKind


def service(name: str, run: str = "serve", *, needs: tuple[str, ...] = (), teardown: str | None = None) -> Task:
    return task(name, depends_on=needs, run=command(run, ready_when="ready", teardown=teardown))


def plan_of(*tasks: Task) -> Plan:
    return planned(tasks, on_failure=OnFailure.CONTINUE)


def up(*tasks: Task) -> World:
    """Return a world in which all these services are ready."""
    world = World(plan_of(*tasks), until=Until.TOLD).begin()
    get_ready(world)
    return world


def get_ready(world: World) -> None:
    while world.probing:
        world.becomes_ready(min(world.probing))
    world.story.clear()


def test_what_is_the_same_goes_on_without_noticing() -> None:
    world = up(service("db"), service("api", needs=("db",)))
    world.replan(plan_of(service("db"), service("api", needs=("db",))))
    assert world.story == ["another plan"]
    assert world.states() == {"db": "ready", "api": "ready"}


def test_only_the_changed_task_is_restarted_and_its_dependents_stay() -> None:
    world = up(service("db"), service("api", needs=("db",)), service("web", needs=("api",)))
    world.replan(plan_of(service("db"), service("api", "serve --new", needs=("db",)), service("web", needs=("api",))))
    world.leave_all()
    get_ready(world)
    assert world.spawned == ["db", "api", "web", "api"]
    assert world.states() == {"db": "ready", "api": "ready", "web": "ready"}


def test_an_added_task_starts_when_what_it_needs_is_ready() -> None:
    world = up(service("db"))
    world.replan(plan_of(service("db"), service("cache"), service("api", needs=("db", "cache"))))
    assert world.spawned == ["db", "cache"]
    world.becomes_ready("cache")
    assert world.spawned == ["db", "cache", "api"]


def test_a_removed_task_is_stopped_and_torn_down_before_anything_new_starts() -> None:
    world = up(service("db", teardown="drop db"))
    world.replan(plan_of(service("database")))
    assert world.spawned == ["db"]
    world.exits("db", -15)
    assert world.teardowns == ["db"]
    assert world.spawned == ["db"]
    world.leave_all()
    assert world.spawned == ["db", "database"]
    assert list(world.plan.tasks) == ["database"]


def test_nothing_starts_while_something_has_to_go_and_wishes_wait() -> None:
    world = up(service("db"), service("api"))
    world.exits("api", 1)
    world.replan(plan_of(service("api")))
    world.feed(StartWanted(task="api"))
    assert world.spawned == ["db", "api"]
    world.leave_all()
    assert world.spawned == ["db", "api", "api"]


def test_a_restart_that_was_due_waits_until_what_has_to_go_has_gone() -> None:
    def failing() -> Task:
        return task("job", run=command("make", retry=retry(attempts=2, delay=1)))

    world = World(plan_of(service("db"), failing()), until=Until.TOLD).begin()
    world.exits("job", 1)
    world.replan(plan_of(failing()))
    world.fires("job", TimerKind.BACKOFF)
    assert world.spawned == ["db", "job"]
    world.leave_all()
    assert world.spawned == ["db", "job", "job"]


def test_removed_tasks_leave_in_the_order_of_the_old_plan() -> None:
    world = up(service("db", teardown="t"), service("api", needs=("db",), teardown="t"), service("web"))
    world.replan(plan_of(service("web")))
    assert world.signalled == {"api"}
    world.leave_all()
    assert world.teardowns == ["api", "db"]
    assert world.states() == {"web": "ready"}


def test_a_task_that_does_not_need_the_removed_one_any_more_stays_up() -> None:
    world = up(service("cache"), service("api", needs=("cache",)))
    world.replan(plan_of(service("api")))
    assert world.signalled == {"cache"}
    world.leave_all()
    assert world.states() == {"api": "ready"}
    assert world.spawned == ["cache", "api"]


def test_a_changed_teardown_runs_as_it_was_once_and_dependents_go_along() -> None:
    world = up(service("db", teardown="old"), service("api", needs=("db",)))
    world.replan(plan_of(service("db", teardown="new"), service("api", needs=("db",))))
    assert world.signalled == {"api"}
    world.leave_all()
    assert world.teardowns == ["db"]
    assert world.spawned == ["db", "api", "db"]
    world.becomes_ready("db")
    assert world.spawned == ["db", "api", "db", "api"]


def test_what_a_person_has_stopped_stays_stopped_though_its_definition_changed() -> None:
    world = up(service("db"), service("api"))
    world.feed(StopWanted(task="api"))
    world.leave_all()
    world.replan(plan_of(service("db"), service("api", "serve --new")))
    assert world.states() == {"db": "ready", "api": "completed"}


def test_what_is_stopped_while_the_plan_is_replaced_does_not_come_back() -> None:
    world = up(service("db", teardown="old"), service("api", needs=("db",)))
    world.replan(plan_of(service("db", teardown="new"), service("api", needs=("db",))))
    world.feed(StopWanted(task="api"))
    world.leave_all()
    get_ready(world)
    assert world.states() == {"db": "ready", "api": "completed"}


def test_a_finished_task_that_changed_runs_again() -> None:
    world = World(plan_of(task("gen", run="make a")), until=Until.TOLD).begin()
    world.exits("gen")
    world.replan(plan_of(task("gen", run="make b")))
    assert world.spawned == ["gen", "gen"]


def test_a_task_that_gets_a_command_comes_up() -> None:
    world = World(plan_of(task("api", commands={"test": "pytest"})), until=Until.TOLD).begin()
    assert isinstance(world.state("api"), Skipped)
    world.replan(plan_of(service("api")))
    assert world.spawned == ["api"]


def test_a_task_blocked_by_a_failed_one_is_free_when_that_one_is_gone() -> None:
    world = World(plan_of(task("gen", run="make"), service("api", needs=("gen",))), until=Until.TOLD).begin()
    world.exits("gen", 1)
    assert world.state("api") == Pending(blocked_by="gen")
    world.replan(plan_of(service("api")))
    world.leave_all()
    assert world.spawned == ["gen", "api"]


def test_a_new_dependency_does_not_disturb_a_task_that_runs() -> None:
    world = up(service("api"))
    world.replan(plan_of(service("db"), service("api", needs=("db",))))
    assert isinstance(world.state("api"), Ready)
    assert isinstance(world.state("db"), Running)


def test_what_is_asked_to_start_comes_up_with_what_it_needs_though_that_was_stopped() -> None:
    world = up(service("db"))
    world.feed(StopWanted(task="db"))
    world.leave_all()
    world.replan(plan_of(service("db"), service("api", needs=("db",))), "api")
    assert world.spawned == ["db", "db"]


def test_another_plan_waits_until_the_one_before_holds() -> None:
    world = up(service("a"), service("b"))
    world.replan(plan_of(service("b")))
    world.replan(plan_of(service("a"), service("c")))
    world.leave_all()
    assert world.states() == {"a": "running", "c": "running"}
    assert world.spawned == ["a", "b", "a", "c"]


def test_attempts_of_a_task_that_comes_back_are_counted_on() -> None:
    world = up(service("a"), service("b"))
    world.replan(plan_of(service("b")))
    world.leave_all()
    world.replan(plan_of(service("a"), service("b")))
    assert world.alive["a"] == 2


def test_the_end_of_the_run_forgets_the_plan_that_does_not_hold_yet() -> None:
    world = up(service("db", teardown="drop"))
    world.replan(plan_of(service("other")))
    world.stop_run()
    world.leave_all()
    assert world.ended
    assert world.spawned == ["db"]
    assert world.teardowns == ["db"]
    assert isinstance(world.state("db"), Completed)


@settings(max_examples=500, deadline=None)
@given(st.data(), task_lists(), st.sampled_from(Until), st.sampled_from(OnFailure))
def test_plans_may_be_replaced_at_any_time(
    data: st.DataObject, tasks: list[Task], until: Until, on_failure: OnFailure
) -> None:
    world = World(
        planned(tasks, on_failure=on_failure, max_concurrency=data.draw(st.sampled_from([None, 1]))), until=until
    )
    world.begin()
    for _ in range(data.draw(st.integers(1, 5))):
        drive(world, data, data.draw(st.integers(0, 15)))
        if data.draw(st.booleans()) and not world.ended:
            name = data.draw(st.sampled_from(list(world.plan.tasks)))
            wishes: list[Event] = [StartWanted(task=name), StopWanted(task=name), RestartWanted(task=name)]
            world.feed(data.draw(st.sampled_from(wishes)))
            world.acknowledge()
        world.replan(planned(data.draw(task_lists()), on_failure=on_failure))
    drive(world, data, data.draw(st.integers(0, 15)))
    finish(world)
    check_end(world)


@settings(max_examples=200, deadline=None)
@given(st.data(), task_lists(), task_lists())
def test_when_all_do_their_work_everything_in_the_new_plan_is_done(
    data: st.DataObject, tasks: list[Task], later: list[Task]
) -> None:
    world = World(planned(tasks, on_failure=OnFailure.CONTINUE), until=Until.TOLD)
    world.begin()
    drive_well(world, data, data.draw(st.integers(0, 10)))
    world.replan(planned(later, on_failure=OnFailure.CONTINUE))
    drive_well(world, data, 500)
    assert set(world.states()) == set(planned(later).tasks)
    for name, planned_task in world.plan.tasks.items():
        assert isinstance(world.state(name), Completed | Skipped | Ready), (name, world.state(name), planned_task)


def drive_well(world: World, data: st.DataObject, steps: int) -> None:
    """Let tasks become ready, complete, and leave when they are told to."""
    for _ in range(steps):
        ready: bool = bool(world.probing) and data.draw(st.booleans())
        if ready:
            world.becomes_ready(min(world.probing))
        elif world.signalled or world.tearing_down or world.closing:
            world.leave_all()
        elif world.alive:
            world.exits(data.draw(st.sampled_from(sorted(world.alive))), 0)
        else:
            return
