"""Definitions that are wrong: everything is found together, told in names, with places and hints."""

from collections.abc import Callable
from typing import Any, cast

import pytest

from tui_runner import Task, command, pipeline, task
from tui_runner.errors.problem import Problem, ProblemKind

Refused = Callable[..., tuple[Problem, ...]]


def step(name: str, *depends_on: Task | str) -> Task:
    return task(name, run="true", depends_on=depends_on)


def cycles(problems: tuple[Problem, ...]) -> list[str]:
    return [problem.message.rpartition(": ")[2] for problem in problems if problem.kind is ProblemKind.CYCLE]


def test_a_circle_is_shown_in_names_with_the_place_of_every_task(refused: Refused) -> None:
    (problem,) = refused(pipeline([step("a", "b"), step("b", "c"), step("c", "a"), step("after", "a")]))
    assert problem.message == "tasks wait for each other in a circle: a -> b -> c -> a"
    assert problem.site is not None
    assert problem.site.file == __file__
    assert [words for words, _ in problem.related] == ["`b` needs `c`", "`c` needs `a`"]
    assert {site.file for _, site in problem.related} == {__file__}


def test_a_task_that_depends_on_itself_is_a_circle_of_one(refused: Refused) -> None:
    assert [problem.message for problem in refused(pipeline([step("a", "a")]))] == ["`a` depends on itself: a -> a"]


def test_circles_that_have_nothing_to_do_with_each_other_are_all_told_once(refused: Refused) -> None:
    problems = refused(pipeline([step("a", "b"), step("b", "a"), step("x", "y", "a"), step("y", "z"), step("z", "y")]))
    assert cycles(problems) == ["a -> b -> a", "y -> z -> y"]


def test_circles_that_share_tasks_are_all_told(refused: Refused) -> None:
    problems = refused(pipeline([step("a", "b"), step("b", "c", "d"), step("c", "a"), step("d", "a", "d")]))
    assert cycles(problems) == ["a -> b -> c -> a", "a -> b -> d -> a", "d -> d"]


def test_circles_through_a_nested_pipeline_never_show_gates(refused: Refused) -> None:
    inside = pipeline([step("t", "p")]).to_task("p")
    assert cycles(refused(pipeline([inside]))) == ["p -> p:t -> p"]
    own = pipeline([step("t")]).to_task("p", depends_on=["p:t"])
    assert cycles(refused(pipeline([own]))) == ["p -> p:t -> p"]
    around = pipeline([step("t")]).to_task("p", depends_on=["d"])
    (problem,) = refused(pipeline([around, step("d", "p:t")]))
    assert cycles((problem,)) == ["p -> d -> p:t -> p"]
    assert problem.related[-1][0] == "`p:t` starts when `p` does"


def test_a_very_long_circle_is_found_and_shortened(refused: Refused) -> None:
    size = 10_000
    (problem,) = refused(pipeline([step(f"t{n}", f"t{(n + 1) % size}") for n in range(size)]))
    assert "t0 -> t1 -> " in problem.message
    assert "(9989 more)" in problem.message
    assert problem.message.endswith("t9999 -> t0")


def test_two_tasks_with_one_id_are_refused_with_both_places(refused: Refused) -> None:
    first = step("api")
    second = step("api")
    (problem,) = refused(pipeline([first, step("web", second)]))
    assert problem.kind is ProblemKind.DUPLICATE_ID
    assert problem.message == "two tasks are called `api`"
    assert problem.site == second.site
    assert problem.related == (("first defined", first.site),)


def test_one_name_in_two_pipelines_is_fine_but_not_twice_in_one(refused: Refused) -> None:
    shop = pipeline([step("api"), step("api")]).to_task("shop")
    assert [problem.task for problem in refused(pipeline([step("api"), shop]))] == ["shop:api"]


def test_an_unknown_dependency_names_who_asked_and_what_was_meant(refused: Refused) -> None:
    api = task("api", run=command("x", depends_on=["databse"]))
    (problem,) = refused(pipeline([api, step("database")]))
    assert problem.kind is ProblemKind.UNKNOWN_TASK
    assert problem.message == "`api` depends on `databse`, but there is no such task"
    assert problem.help == "did you mean `database`?"
    assert problem.site == api.commands["*"].site


def test_unknown_names_are_refused_in_nested_pipelines_too(refused: Refused) -> None:
    (problem,) = refused(pipeline([pipeline([step("t", "nobody")]).to_task("p")]))
    assert problem.task == "p:t"


def test_a_pipeline_as_dependency_is_refused_with_the_way_to_go_on(refused: Refused) -> None:
    inner = pipeline([step("t")])
    (problem,) = refused(pipeline([step("a", cast("Any", inner))]))
    assert problem.kind is ProblemKind.INVALID_DEPENDENCY
    assert problem.help == "use `.to_task(name)` and depend on the task it returns"


def test_wrong_dependencies_of_other_modes_are_found(refused: Refused) -> None:
    a = task("a", commands={"dev": "x", "build": command("y", depends_on=cast("Any", [5]))})
    (problem,) = refused(pipeline([a]))
    assert problem.message == "`a` depends on 5, which is neither a task nor a name"


def test_a_single_pipeline_given_without_a_list_is_told_too(refused: Refused) -> None:
    inner = pipeline([])
    by_task = task("a", run="x", depends_on=cast("Any", inner))
    by_command = task("b", run=command("x", depends_on=cast("Any", inner)))
    kinds = [problem.kind for problem in refused(pipeline([by_task, by_command]))]
    assert kinds == [ProblemKind.INVALID_DEPENDENCY] * 2


def test_problems_of_all_kinds_are_found_together_in_a_fixed_order(refused: Refused) -> None:
    def broken() -> tuple[Problem, ...]:
        nested = pipeline([step("t")]).to_task("p", max_concurrency=0)
        tasks: list[Any] = [
            step("a", "b"),
            step("b", "a"),
            step("b", "who"),
            task("c", commands={"build": ""}),
            nested,
            7,
        ]
        return refused(pipeline(tasks), targets=("what",), max_concurrency=-1)

    assert [problem.kind.value for problem in broken()] == [
        "invalid-option",
        "invalid-task",
        "invalid-task",
        "duplicate-id",
        "unknown-task",
        "cycle",
        "invalid-option",
        "unknown-target",
    ]
    assert [p.message for p in broken()] == [p.message for p in broken()]


def test_a_wrong_command_of_another_mode_is_found_and_told_once_even_when_shared(refused: Refused) -> None:
    shared = command("", stop_signal="NOPE")
    problems = refused(pipeline([task("a", commands={"x": shared, "y": shared}), task("b", commands={"x": shared})]))
    assert [problem.kind for problem in problems] == [ProblemKind.INVALID_COMMAND] * 2
    assert {problem.task for problem in problems} == {"a"}


@pytest.mark.parametrize("limit", [0, -1, 1.5, True, "4", float("nan")])
def test_a_limit_that_could_never_let_a_task_start_is_refused(refused: Refused, limit: object) -> None:
    (of_run,) = refused(pipeline([]), max_concurrency=limit)
    assert of_run.message == f"`max_concurrency` must be a whole number of at least 1, not {limit!r}"
    (of_nested,) = refused(pipeline([pipeline([]).to_task("p", max_concurrency=cast("Any", limit))]))
    assert (of_nested.kind, of_nested.task) == (ProblemKind.INVALID_OPTION, "p")


def test_a_limit_function_that_raises_is_a_problem(refused: Refused) -> None:
    def limit(mode: str) -> int:
        raise RuntimeError("no " + mode)

    (problem,) = refused(pipeline([pipeline([]).to_task("p", max_concurrency=limit)]))
    assert problem.message == "`max_concurrency` of `p` raised RuntimeError for the mode `dev`: no dev"


def test_variables_of_a_run_must_be_strings(refused: Refused) -> None:
    messages = [problem.message for problem in refused(pipeline([]), env={"PORT": 80, "A=B": "x"})]
    assert messages == [
        "`env`: variable 'PORT' must be a string, not 80; write \"80\"",
        "`env`: 'A=B' cannot be an environment variable",
    ]


def test_problems_of_tasks_that_one_line_makes_say_whose_they_are(refused: Refused) -> None:
    made = [task(name, run=command("true", stop_signal="SIGNOT")) for name in ("api", "web")]
    problems = refused(pipeline([*made, task("db")]))
    assert [problem.label for problem in problems] == ["of `api`", "of `web`", ""]
    assert "`db`" in problems[-1].message
