"""What `cache(…)` takes, and what it says about wrong values: as problems of the pipeline, not as exceptions."""

from pathlib import Path
from typing import Any

import pytest

from tui_runner import cache, command, input_resolver, pipeline, task, virtual_input
from tui_runner.model.cache import CacheSpec
from tui_runner.planning.plan import Plan, PlannedArtifact
from tui_runner.planning.planner import PlanRequest, plan_pipeline


def problems_of(*tasks: Any) -> list[str]:
    planned = plan_pipeline(pipeline(tasks), PlanRequest(mode="build", root="/work"))
    return [] if isinstance(planned, Plan) else [problem.message for problem in planned]


def messages(spec: CacheSpec) -> list[str]:
    return [problem.message for problem in spec.problems]


def builder(**options: Any) -> Any:
    return task("lib", commands={"build": command("make", cache=cache(**options))}, cwd="lib")


def test_inputs_are_paths_globs_exclusions_artifacts_and_resolvers_in_one_list() -> None:
    lib = builder(inputs="src", outputs="dist")
    lock = input_resolver("lock", lambda _: [virtual_input("deps", "abc")])
    spec = cache(
        inputs=["src/**/*.py", Path("setup.cfg"), "!**/*.test.py", lib.artifact("build"), lock], outputs=["out"]
    )
    assert spec.problems == ()
    assert spec.inputs == ("src/**/*.py", "setup.cfg", "!**/*.test.py")
    assert [artifact.task for artifact in spec.artifacts] == [lib]
    assert spec.resolvers == (lock,)
    assert spec.outputs == ("out",)


def test_one_value_stands_for_a_list_of_one() -> None:
    spec = cache(inputs="src", outputs="dist", key="v1", env="CI", ttl="2h")
    assert (spec.inputs, spec.outputs, spec.key, spec.env, spec.ttl_s) == (
        ("src",),
        ("dist",),
        {"key": "v1"},
        ("CI",),
        7200.0,
    )


@pytest.mark.parametrize("output", [".", "..", "../", "./", "**", "**/*", "*", "/", "a/.."])
def test_an_output_that_covers_more_than_the_task_makes_is_refused(output: str) -> None:
    """Restoring it would remove the user's own files."""
    assert messages(cache(inputs="src", outputs=[output])) == [f"the output `{output}` covers more than the task makes"]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"inputs": [3]}, "`inputs` takes paths, globs, artifacts and resolvers, not 3"),
        ({"inputs": [""]}, "`inputs` takes paths, globs, artifacts and resolvers, not ''"),
        ({"inputs": ["!"]}, "`inputs` takes paths, globs, artifacts and resolvers, not '!'"),
        ({"inputs": "a", "outputs": ["a\0b"]}, "`outputs` takes paths and globs, not 'a\\x00b'"),
        ({"inputs": "a", "ttl": "soon"}, "`ttl`: `soon` is not a duration"),
        ({"inputs": "a", "store": "s3://bucket"}, "there is no cache store `s3://bucket`"),
        ({"inputs": "a", "key": {"node": 20}}, "`key` takes a string, several, or a table of strings"),
        ({"inputs": "a", "env": ["A=B"]}, "`env` takes names of variables, not 'A=B'"),
        ({}, "a cache without inputs, outputs, key or ttl would skip the task for ever"),
    ],
)
def test_a_wrong_value_is_a_problem_with_words(options: dict[str, Any], message: str) -> None:
    (found,) = messages(cache(**options))
    assert found.startswith(message)


def test_problems_of_a_cache_are_shown_with_all_others() -> None:
    three: Any = 3
    wrong = task("a", run=command("make", cache=cache(inputs=[three], outputs="out")))
    assert problems_of(wrong, task("a", run="")) == [
        "`inputs` takes paths, globs, artifacts and resolvers, not 3",
        "`run` is empty",
        "two tasks are called `a`",
    ]


def test_a_cache_is_made_with_cache() -> None:
    wrong: Any = {"inputs": ["src"]}
    (problem,) = command("make", cache=wrong).problems
    assert problem.message.startswith("`cache` must be made with `cache(…)`, not {'inputs'")


def test_an_artifact_as_an_input_brings_its_maker_and_its_files() -> None:
    lib = builder(inputs="src", outputs=["dist", "!dist/*.map"])
    app = task("app", commands={"build": command("make", cache=cache(inputs=[lib.artifact("build")]))})
    plan = plan_pipeline(pipeline([app]), PlanRequest(mode="build", root="/work"))
    assert isinstance(plan, Plan)
    assert plan.tasks["app"].depends_on == ("lib",)
    assert plan.tasks["app"].artifacts == (
        PlannedArtifact(name="lib:build", task="lib", cwd="/work/lib", outputs=("dist", "!dist/*.map")),
    )


def test_artifacts_that_go_round_in_circles_are_a_cycle() -> None:
    a: Any = task("a", run=command("make", cache=cache(inputs="x", outputs="a")), depends_on=["b"])
    b = task("b", run=command("make", cache=cache(inputs=[a.artifact("build")], outputs="b")))
    (message,) = problems_of(a, b)
    assert "a -> b -> a" in message


@pytest.mark.parametrize(
    ("maker", "mode", "message"),
    [
        (builder(inputs="src", outputs="dist"), "deploy", "`lib` has no command for mode `deploy`"),
        (task("lib", run="make"), "build", "the command of `lib` for mode `build` has no cache"),
        (builder(inputs="src"), "build", "the cache of `lib` for mode `build` has no outputs"),
        (pipeline([task("x", run="x")]).to_task("lib"), "build", "`lib` is a nested pipeline, which makes nothing"),
    ],
)
def test_an_artifact_that_there_cannot_be_is_a_problem(maker: Any, mode: str, message: str) -> None:
    app = task("app", run=command("make", cache=cache(inputs=[maker.artifact(mode)])))
    (found,) = problems_of(maker, app)
    assert found.startswith(f"`app` wants an artifact, but {message}")
