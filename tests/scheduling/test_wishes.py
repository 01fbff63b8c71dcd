"""What people and changed files ask for while a run lives: start, stop, restart; and how failures are passed on."""

from scheduling_world import World, planned

from tui_runner.model.command import command
from tui_runner.model.pipeline import pipeline
from tui_runner.model.policy import OnFailure, restart, watch
from tui_runner.model.state import Completed, Failed, Pending, Queued, Ready, Running, Stopping, StopReason
from tui_runner.model.task import Task, TaskId, task
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.effect import RestartNoted
from tui_runner.scheduling.event import FilesChanged, RestartWanted, StartWanted, StopWanted, TimerKind


def up(name: str, *depends_on: Task | str, **options: object) -> Task:
    return task(name, run=command("x", ready_when="up", teardown="y", **options), depends_on=depends_on)  # type: ignore[arg-type]  # passed on


def brought_up(*tasks: Task, until: Until = Until.TOLD) -> World:
    world = World(planned(list(tasks), on_failure=OnFailure.CONTINUE), until=until).begin()
    all_ready(world)
    return world


def all_ready(world: World) -> None:
    world.acknowledge()
    while waiting := [name for name in world.probing if name in world.alive]:
        world.becomes_ready(min(waiting))


def blocked_by(world: World, name: TaskId) -> TaskId | None:
    state = world.state(name)
    assert isinstance(state, Pending)
    return state.blocked_by


def test_stopping_a_task_takes_its_dependents_down_first_and_leaves_its_dependencies() -> None:
    world = brought_up(up("db"), up("api", "db"), up("web", "api"))
    world.feed(StopWanted(task="api"))
    assert world.signalled == {"web"}
    world.leave_all()
    assert world.teardowns == ["web", "api"]
    assert isinstance(world.state("db"), Ready)
    assert world.state("api") == Completed(stopped=True, signal="SIGTERM")


def test_a_stopped_task_starts_again_with_a_new_activation() -> None:
    world = brought_up(up("db"))
    world.feed(StopWanted(task="db"))
    world.leave_all()
    world.feed(StartWanted(task="db"))
    all_ready(world)
    world.stop_run()
    world.leave_all()
    assert world.teardowns == ["db", "db"]


def behind_a_migration() -> World:
    """Return a system whose api needs its database only through a migration that has ended."""
    world = World(
        planned(
            [up("db"), task("migrate", run="x", depends_on=["db"]), up("api", "migrate")], on_failure=OnFailure.CONTINUE
        ),
        until=Until.TOLD,
    ).begin()
    world.acknowledge()
    world.becomes_ready("db")
    world.acknowledge()
    world.exits("migrate", 0)
    all_ready(world)
    assert isinstance(world.state("api"), Ready)
    return world


def test_a_database_is_up_again_before_what_needs_it_through_a_migration_that_has_ended() -> None:
    world = behind_a_migration()
    world.feed(RestartWanted(task="db", with_dependents=True))
    while world.signalled & world.alive.keys():
        world.exits(min(world.signalled & world.alive.keys()), -15)
    world.acknowledge()
    assert world.alive.keys() == {"db"}
    assert world.scheduler.waits_for("api") == ("db",)
    world.becomes_ready("db")
    world.acknowledge()
    assert world.alive.keys() == {"db", "api"}
    assert world.spawned.count("migrate") == 1


def test_a_start_after_a_stop_waits_for_what_it_needs_through_a_migration_that_has_ended() -> None:
    world = behind_a_migration()
    world.feed(StopWanted(task="db"))
    world.leave_all()
    world.feed(StartWanted(task="api"))
    world.acknowledge()
    assert world.alive.keys() == {"db"}
    world.becomes_ready("db")
    world.acknowledge()
    assert world.alive.keys() == {"db", "api"}


def test_what_waits_for_a_slot_goes_back_when_a_database_before_a_migration_that_has_ended_is_restarted() -> None:
    tasks = [up("db"), task("migrate", run="x", depends_on=["db"]), task("slow", run="x", depends_on=["migrate"])]
    plan = planned([*tasks, up("api", "migrate")], on_failure=OnFailure.CONTINUE, max_concurrency=1)
    world = World(plan, until=Until.TOLD).begin()
    world.acknowledge()
    world.becomes_ready("db")
    world.acknowledge()
    world.exits("migrate")
    world.acknowledge()
    assert isinstance(world.state("api"), Queued)
    world.feed(RestartWanted(task="db"))
    world.exits("db", -15)
    world.exits("slow")
    world.acknowledge()
    assert "api" not in world.spawned
    world.becomes_ready("db")
    world.acknowledge()
    assert world.alive.keys() == {"db", "api"}


def test_nobody_waits_for_a_database_that_failed_before_a_migration_that_has_ended() -> None:
    world = behind_a_migration()
    world.feed(RestartWanted(task="db", with_dependents=True))
    while world.signalled & world.alive.keys():
        world.exits(min(world.signalled & world.alive.keys()), -15)
    world.acknowledge()
    world.exits("db", 1)
    world.acknowledge()
    assert isinstance(world.state("db"), Failed)
    assert world.alive.keys() == {"api"}


def test_starting_a_task_brings_up_what_it_needs() -> None:
    world = brought_up(up("db"), up("api", "db"))
    world.feed(StopWanted(task="db"))
    world.leave_all()
    world.feed(StartWanted(task="api"))
    assert set(world.unacknowledged) == {"db"}
    all_ready(world)
    assert isinstance(world.state("api"), Ready)


def test_a_restart_replaces_one_attempt_and_leaves_dependents_alone() -> None:
    world = brought_up(up("db"), up("api", "db"))
    world.feed(RestartWanted(task="db"))
    assert world.signalled == {"db"}
    world.exits("db", -15)
    all_ready(world)
    assert isinstance(world.state("db"), Ready)
    assert world.spawned == ["db", "api", "db"]
    assert world.teardowns == []


def test_a_restart_with_dependents_brings_them_up_again_after_the_task() -> None:
    world = brought_up(up("db"), up("api", "db"), up("web", "api"), up("mail"))
    world.feed(RestartWanted(task="db", with_dependents=True))
    assert world.signalled == {"db", "api", "web"}
    for name in ("api", "web", "db"):
        world.exits(name, -15)
    world.acknowledge()
    assert world.spawned[4:] == ["db"]
    all_ready(world)
    assert world.spawned[4:] == ["db", "api", "web"]
    assert all(isinstance(world.state(name), Ready) for name in ("db", "api", "web", "mail"))


def test_a_restart_with_dependents_tries_failed_ones_again_and_leaves_finished_and_stopped_ones_alone() -> None:
    world = brought_up(up("db"), task("migrate", run="x", depends_on=["db"]), up("api", "db"), up("web", "db"))
    world.exits("migrate", 0)
    world.exits("api", 1)
    world.feed(StopWanted(task="web"))
    world.exits("web", -15)
    world.feed(RestartWanted(task="db", with_dependents=True))
    world.exits("db", -15)
    all_ready(world)
    assert world.spawned[4:] == ["db", "api"]
    assert isinstance(world.state("migrate"), Completed)


def test_a_restart_that_no_person_asked_for_has_its_reason_and_leaves_alone_what_is_not_up() -> None:
    world = brought_up(up("db"), up("api", "db"), task("job", run="x"))
    world.exits("job", 0)
    world.feed(StopWanted(task="db"))
    for name in ("db", "api", "job"):
        world.feed(RestartWanted(task=name, reason="used 2 GB of memory"))
    world.leave_all()
    assert world.spawned == ["db", "job", "api"]
    world.feed(StartWanted(task="db"))
    all_ready(world)
    effects = world.feed(RestartWanted(task="db", reason="used 2 GB of memory"))
    assert RestartNoted(task="db", reason="used 2 GB of memory") in effects
    world.exits("db", -15)
    all_ready(world)
    assert world.spawned == ["db", "job", "api", "db", "db"]


def test_a_restart_waits_for_the_rest_of_the_group() -> None:
    world = brought_up(up("db"))
    world.feed(RestartWanted(task="db"))
    world.exits("db", -15, group_gone=False)
    assert world.spawned == ["db"]
    world.group_leaves("db")
    assert world.spawned == ["db", "db"]


def test_a_restart_while_the_task_waits_does_not_wedge_it() -> None:
    world = World(planned([up("db"), up("api", "db")]), until=Until.TOLD).begin()
    world.feed(RestartWanted(task="api"))
    world.becomes_ready("db")
    assert world.spawned == ["db", "api"]


def test_a_restart_during_a_backoff_starts_at_once() -> None:
    crashes = task("t", run=command("x", restart=restart("on-failure", delay=100)))
    world = World(planned([crashes]), until=Until.TOLD).begin()
    world.exits("t", 1)
    assert ("t", TimerKind.BACKOFF) in world.timers
    world.feed(RestartWanted(task="t"))
    assert world.timers == {}
    assert world.spawned == ["t", "t"]


def test_stop_wins_over_a_restart_that_is_under_way() -> None:
    world = brought_up(up("db"))
    world.feed(RestartWanted(task="db"))
    world.feed(StopWanted(task="db"))
    world.leave_all()
    assert world.spawned == ["db"]
    assert isinstance(world.state("db"), Completed)
    assert world.teardowns == ["db"]


def test_start_wins_over_a_stop_that_is_under_way() -> None:
    world = brought_up(up("db"))
    world.feed(StopWanted(task="db"))
    world.feed(StartWanted(task="db"))
    world.exits("db", -15)
    all_ready(world)
    assert isinstance(world.state("db"), Ready)
    assert world.teardowns == []


def test_a_nested_pipeline_is_stopped_and_started_as_a_whole() -> None:
    nested = pipeline([up("db"), up("cache")]).to_task("back")
    world = brought_up(nested, up("api", nested))
    world.feed(StopWanted(task="back"))
    world.leave_all()
    assert world.states() == {
        "back": "completed",
        "back:db": "completed",
        "back:cache": "completed",
        "api": "completed",
    }
    world.feed(StartWanted(task="api"))
    all_ready(world)
    assert set(world.states().values()) == {"ready"}


def test_wishes_are_ignored_once_the_run_is_leaving() -> None:
    world = brought_up(up("db"))
    world.stop_run()
    for wish in (StartWanted(task="db"), RestartWanted(task="db"), StopWanted(task="db")):
        assert world.feed(wish) == []
    world.leave_all()
    assert world.ended


# -- files ----------------------------------------------------------------------------------------------------


def test_a_change_restarts_the_task_only_and_says_why() -> None:
    world = brought_up(up("db", watch=watch("src")), up("api", "db"))
    effects = world.feed(FilesChanged(task="db", path="src/a.py"))
    assert RestartNoted(task="db", reason="changed: src/a.py") in effects
    assert world.signalled == {"db"}


def test_a_change_restarts_dependents_when_asked_in_order() -> None:
    world = brought_up(up("db", watch=watch("src", restart_dependents=True)), up("api", "db"))
    world.feed(FilesChanged(task="db", path="src/a.py"))
    assert world.signalled == {"db", "api"}
    for name in ("api", "db"):
        world.exits(name, -15)
    all_ready(world)
    assert world.spawned == ["db", "api", "db", "api"]


def test_a_change_does_not_revive_a_task_that_was_stopped() -> None:
    world = brought_up(up("db", watch=watch("src")))
    world.feed(StopWanted(task="db"))
    world.leave_all()
    assert world.feed(FilesChanged(task="db", path="src/a.py")) == []


def test_a_change_revives_a_task_that_failed_and_its_dependents_follow() -> None:
    world = brought_up(task("build", run=command("x", watch=watch("src"))), task("app", run="x", depends_on=["build"]))
    world.exits("build", 1)
    assert blocked_by(world, "app") == "build"
    world.feed(FilesChanged(task="build", path="src/a.py"))
    assert blocked_by(world, "app") is None
    world.acknowledge()
    world.exits("build", 0)
    assert isinstance(world.state("app"), Running)


def test_changes_do_not_count_as_crashes() -> None:
    policy = restart("on-failure", delay=0, limit=1)
    world = brought_up(up("t", watch=watch("src"), restart=policy))
    for _ in range(5):
        world.feed(FilesChanged(task="t", path="src/a.py"))
        world.exits("t", -15)
        all_ready(world)
    assert isinstance(world.state("t"), Ready)


# -- failures -------------------------------------------------------------------------------------------------


def test_blame_is_passed_on_through_chains_and_nested_pipelines() -> None:
    nested = pipeline([task("inner", run="x", depends_on=["bad"])]).to_task("nested")
    world = brought_up(task("bad", run="x"), nested, task("last", run="x", depends_on=[nested]))
    world.exits("bad", 1)
    assert {blocked_by(world, name) for name in ("nested:inner", "nested", "last")} == {"bad"}


def test_a_task_that_waits_is_blocked_by_the_first_failure_in_its_way_and_free_when_it_is_gone() -> None:
    world = brought_up(task("a", run="x"), task("b", run="x"), task("c", run="x", depends_on=["a", "b"]))
    world.exits("b", 1)
    assert blocked_by(world, "c") == "b"
    world.exits("a", 1)
    world.feed(StartWanted(task="b"))
    world.acknowledge()
    world.exits("b", 0)
    assert blocked_by(world, "c") == "a"
    world.feed(StartWanted(task="a"))
    world.acknowledge()
    world.exits("a", 0)
    assert isinstance(world.state("c"), Running)


def test_a_failure_that_was_made_good_is_no_failure_of_the_run() -> None:
    world = brought_up(task("a", run="x"), task("b", run="x"), until=Until.IDLE)
    world.exits("a", 1)
    assert world.scheduler.course.first_failure is not None
    world.feed(RestartWanted(task="a"))
    world.acknowledge()
    assert world.scheduler.course.first_failure is None
    world.exits("a", 0)
    world.exits("b", 0)
    world.leave_all()
    assert world.ended
    assert world.scheduler.course.first_failure is None


def test_the_next_failure_counts_when_the_first_was_made_good() -> None:
    world = brought_up(task("a", run="x"), task("b", run="x"))
    world.exits("a", 1)
    world.exits("b", 2)
    world.feed(StartWanted(task="a"))
    assert world.scheduler.course.first_failure is not None
    assert world.scheduler.course.first_failure[0] == "b"


def test_finish_lets_what_runs_end_and_starts_nothing_new() -> None:
    after = task("after", run="x", depends_on=["a"])
    world = World(planned([task("a", run="x"), after, task("bad", run="x")], on_failure=OnFailure.FINISH)).begin()
    world.exits("bad", 1)
    assert not world.ended
    world.exits("a", 0)
    world.leave_all()
    assert world.ended
    assert "after" not in world.spawned


def test_what_a_person_stopped_has_not_failed_whatever_its_exit_code() -> None:
    world = brought_up(up("db"))
    world.feed(StopWanted(task="db"))
    state = world.state("db")
    assert isinstance(state, Stopping)
    assert state.reason is StopReason.PERSON
    world.exits("db", 9)
    assert world.state("db") == Completed(stopped=True, exit_code=9)
    assert not isinstance(world.state("db"), Failed)
