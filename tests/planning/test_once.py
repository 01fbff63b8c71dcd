"""A task in another mode as one more task of a plan."""

from scheduling_world import World, planned

from tui_runner.model.cache import cache
from tui_runner.model.command import command
from tui_runner.model.pipeline import Pipeline, pipeline
from tui_runner.model.policy import OnFailure, restart, watch
from tui_runner.model.state import Failed
from tui_runner.model.task import Task, task
from tui_runner.planning.once import with_once
from tui_runner.planning.plan import Plan


def a_shop(*extra: Task) -> Pipeline:
    db = task("db", run=command("db", ready_when="ready"))
    test = command(
        "pytest", depends_on=["mail"], cache=cache(inputs=["src"]), restart=restart("always"), watch=watch("src")
    )
    api = task("api", depends_on=[db], env={"A": "1"}, cwd="api", commands={"dev": "serve", "test": test})
    return pipeline([db, api, task("mail", run="mail"), *extra])


def once(shop: Pipeline, name: str = "api", *, targets: tuple[str, ...] | None = None) -> Plan | None:
    plan = planned(shop, targets=targets, on_failure=OnFailure.STOP)
    return with_once(plan, planned(shop, mode="test", targets=(name,)), name)


def test_it_is_the_task_as_the_other_mode_says_and_waits_for_what_runs_here() -> None:
    plan = once(a_shop(), targets=("api",))
    assert plan is not None
    added = plan.tasks["api@test"]
    assert (added.mode, added.cwd, added.env, added.once_of) == ("test", "/workspace/api", {"A": "1"}, "api")
    assert added.command is not None
    assert added.command.run == "pytest"
    assert plan.after["api@test"] == ("db",)  # mail does not run here
    assert "api@test" in plan.tasks["db"].dependents
    assert plan.targets == ("api",)


def test_nothing_but_a_person_runs_it() -> None:
    plan = once(a_shop())
    assert plan is not None
    added = plan.tasks["api@test"].command
    assert added is not None
    assert (added.cache, added.restart, added.watch) == (None, None, None)
    assert plan.after["api@test"] == ("db", "mail")


def test_inside_a_nested_pipeline_it_waits_for_what_the_whole_waits_for() -> None:
    shop = pipeline([task("vpn", run="vpn"), a_shop().to_task("shop", depends_on=["vpn"])])
    plan = once(shop, "shop:api")
    assert plan is not None
    assert plan.after["shop:api@test"] == ("shop:", "shop:db", "shop:mail")
    assert plan.top_level[-1] == "shop:api@test"


def test_a_task_of_that_name_is_in_the_way() -> None:
    assert once(a_shop(task("api@test", run="x"))) is None
    assert once(a_shop(), "db") is not None


def test_its_failure_stops_nothing_whatever_the_policy_says() -> None:
    plan = once(a_shop())
    assert plan is not None
    world = World(planned(a_shop())).begin()
    world.becomes_ready("db")
    world.exits("mail")
    world.replan(plan)
    world.exits("api@test", 1)
    assert isinstance(world.state("api@test"), Failed)
    assert world.scheduler.course.running
    assert world.scheduler.course.first_failure is None
    assert world.alive.keys() == {"db", "api"}
