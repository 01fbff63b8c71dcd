"""Everything that is wrong is told at once, whichever part of the definitions it is in."""

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.model.pipeline import Pipeline, pipeline
from tui_runner.model.task import task
from tui_runner.planning.checking import checked_plan
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest


def problems_of(whole: Pipeline, mode: str = "dev") -> tuple[Problem, ...]:
    checked = checked_plan(whole, PlanRequest(mode=mode, root="/workspace"), lambda path: path == "/workspace")
    assert isinstance(checked, tuple), checked
    return checked


def test_a_missing_directory_is_told_beside_a_cycle_and_an_unknown_name() -> None:
    whole = pipeline(
        [
            task("a", run="true", depends_on=["b"]),
            task("b", run="true", depends_on=["a"]),
            task("c", run="true", depends_on=["nobody"]),
            task("d", run="true", cwd="nowhere"),
        ]
    )

    kinds = {problem.kind for problem in problems_of(whole)}

    assert kinds == {ProblemKind.CYCLE, ProblemKind.UNKNOWN_TASK, ProblemKind.MISSING_DIRECTORY}


def test_a_directory_that_another_task_may_make_is_not_asked_for() -> None:
    whole = pipeline(
        [
            task("make", run="mkdir built"),
            task("use", run="true", cwd="built", depends_on=["make"]),
            task("broken", run="true", depends_on=["nobody"]),
        ]
    )

    assert [problem.kind for problem in problems_of(whole)] == [ProblemKind.UNKNOWN_TASK]


def test_a_mode_nobody_knows_is_a_problem_and_a_fine_plan_is_a_plan() -> None:
    whole = pipeline([task("a", commands={"dev": "true"})])

    [problem] = problems_of(whole, mode="devv")

    assert problem.kind is ProblemKind.INVALID_OPTION
    assert "`dev`" in problem.help
    assert isinstance(checked_plan(whole, PlanRequest(mode="dev", root="/workspace"), lambda _: True), Plan)
