"""Working directories that do not exist."""

from collections.abc import Callable

from tui_runner import pipeline, task
from tui_runner.errors.problem import ProblemKind
from tui_runner.planning.directories import missing_directories
from tui_runner.planning.plan import Plan

Planned = Callable[..., Plan]


def nothing_exists(path: str) -> bool:
    assert path.startswith("/")
    return False


def test_a_missing_directory_of_a_task_that_starts_first_is_a_problem(planned: Planned) -> None:
    a = task("a", run="x", cwd="nowhere")
    (problem,) = missing_directories(planned(pipeline([a])), nothing_exists)
    assert problem.kind is ProblemKind.MISSING_DIRECTORY
    assert problem.message == "the working directory of `a` does not exist: /work/nowhere"
    assert problem.site == a.site


def test_existing_directories_are_asked_for_once(planned: Planned) -> None:
    asked: list[str] = []
    plan = planned(pipeline([task("a", run="x"), task("b", run="x"), task("c", run="x", cwd="/c")]))
    assert missing_directories(plan, lambda path: not asked.append(path)) == ()  # type: ignore[func-returns-value]  # append gives None
    assert asked == ["/work", "/c"]


def test_a_task_before_it_may_make_the_directory(planned: Planned) -> None:
    clone = task("clone", run="git clone …")
    direct = task("build", run="x", cwd="repo", depends_on=[clone])
    through_gate = pipeline([task("t", run="x", cwd="repo")]).to_task("p", depends_on=[clone])
    plan = planned(pipeline([direct, through_gate]))
    assert [problem.task for problem in missing_directories(plan, nothing_exists)] == ["clone"]


def test_a_skipped_task_before_it_makes_nothing(planned: Planned) -> None:
    skipped = task("skipped", commands={"build": "x"}, cwd="gone")
    after = task("after", run="x", cwd="gone", depends_on=[skipped])
    problems = missing_directories(planned(pipeline([after])), nothing_exists)
    assert [problem.task for problem in problems] == ["after"], "and a skipped task needs no directory itself"


def test_tasks_that_are_not_selected_do_not_matter(planned: Planned) -> None:
    a, b = task("a", run="x", cwd="gone"), task("b", run="x", cwd="/here")
    plan = planned(pipeline([a, b]), targets=("b",))
    assert missing_directories(plan, lambda path: path == "/here") == ()
