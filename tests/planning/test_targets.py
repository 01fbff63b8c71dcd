"""Selecting a part of a pipeline."""

from collections.abc import Callable

import pytest

from tui_runner import Pipeline, Task, pipeline, task
from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.planning.plan import Plan

Planned = Callable[..., Plan]
Refused = Callable[..., tuple[Problem, ...]]


def step(name: str, *depends_on: Task | str) -> Task:
    return task(name, run="true", depends_on=depends_on)


@pytest.fixture
def system() -> Pipeline:
    db = step("db")
    shop = pipeline([step("api", "cache"), step("cache"), step("worker")]).to_task("shop", depends_on=[db])
    return pipeline([step("web", shop), shop, db, step("docs"), pipeline([step("api")]).to_task("admin")])


def test_a_target_brings_all_it_depends_on_and_nothing_else(planned: Planned, system: Pipeline) -> None:
    plan = planned(system, targets=("web",))
    assert set(plan.tasks) == {"web", "shop", "db", "shop:api", "shop:cache", "shop:worker"}
    assert plan.targets == ("web",)


def test_an_inner_target_brings_only_what_it_needs_of_its_pipeline(planned: Planned, system: Pipeline) -> None:
    plan = planned(system, targets=("shop:api",))
    assert set(plan.tasks) == {"shop", "db", "shop:api", "shop:cache"}
    assert plan.tasks["shop"].subtasks == ("shop:api", "shop:cache")
    assert plan.after["shop"] == ("shop:", "shop:api", "shop:cache")
    assert plan.after["shop:"] == ("db",), "what the whole pipeline depends on is needed all the same"
    assert not plan.tasks["shop"].target
    assert plan.tasks["db"].dependents == ("shop",)


def test_a_target_may_be_a_short_name_that_is_unique_or_a_task_object(planned: Planned, system: Pipeline) -> None:
    assert planned(system, targets=("worker",)).targets == ("shop:worker",)
    assert planned(system, targets=(system.tasks[3], "docs")).targets == ("docs",)


def test_a_short_name_that_fits_several_tasks_is_refused_with_their_ids(refused: Refused, system: Pipeline) -> None:
    (problem,) = refused(system, targets=("api",))
    assert problem.kind is ProblemKind.UNKNOWN_TARGET
    assert problem.message == "2 tasks are called `api`"
    assert problem.help == "say which one: `shop:api` or `admin:api`"


def test_an_unknown_target_gets_the_nearest_names(refused: Refused, system: Pipeline) -> None:
    (problem,) = refused(system, targets=("dosc",))
    assert (problem.kind, problem.help) == (ProblemKind.UNKNOWN_TARGET, "did you mean `docs`?")
    (problem,) = refused(system, targets=("Worker!",))
    assert problem.help == "did you mean `shop:worker`?"
    (problem,) = refused(system, targets=("zzzzzz",))
    assert problem.help.startswith("the tasks are `web`, `shop`, ")


def test_a_task_object_of_another_pipeline_is_refused(refused: Refused, system: Pipeline) -> None:
    (problem,) = refused(system, targets=(step("docs"),))
    assert problem.message == "the task `docs` is not part of this pipeline"


def test_every_definition_is_checked_even_when_targets_select_a_part(refused: Refused) -> None:
    problems = refused(pipeline([step("fine"), step("broken", "nobody")]), targets=("fine",))
    assert [problem.kind for problem in problems] == [ProblemKind.UNKNOWN_TASK]


def test_selected_tasks_keep_definition_order_whatever_the_order_of_targets(planned: Planned, system: Pipeline) -> None:
    assert list(planned(system, targets=("docs", "db")).tasks) == ["db", "docs"]
    assert planned(system, targets=("docs", "db")).targets == ("docs", "db")


def test_no_targets_at_all_select_nothing(planned: Planned, system: Pipeline) -> None:
    assert not planned(system, targets=()).tasks
