"""Which command of a task runs: modes, the default mode, missing commands, strings, lists and steps."""

import pytest
from rig import Rig, error_of, marks, stats_of, statuses

from tui_runner import command, pipeline, task

pytestmark = pytest.mark.real


def prints(**modes: str) -> dict[str, str]:
    return {mode: f"echo {text}" for mode, text in modes.items()}


@pytest.mark.parametrize("mode", ["dev", "build", "deploy"])
async def test_a_task_runs_the_command_of_the_mode(rig: Rig, mode: str) -> None:
    result = await rig.run([task("t", commands=prints(dev="dev", build="build", deploy="deploy"))], mode)
    assert result.ok
    assert rig.text("t") == f"{mode}\n"
    assert result.stats.mode == mode
    assert stats_of(result, "t").mode == mode


@pytest.mark.parametrize(
    ("environment", "mode"),
    [
        ({}, "dev"),
        ({"NODE_ENV": "production"}, "build"),
        ({"TUI_RUNNER_ENV": "production"}, "build"),
        ({"TUI_RUNNER_ENV": "test", "NODE_ENV": "production"}, "build"),
        ({"NODE_ENV": "development"}, "dev"),
        ({"TUI_RUNNER_ENV": ""}, "dev"),
    ],
)
async def test_the_default_mode_is_build_in_production_and_dev_elsewhere(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], mode: str
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    result = await rig.run([task("t", commands=prints(dev="dev", build="build"))])
    assert result.stats.mode == mode
    assert rig.text("t") == f"{mode}\n"


async def test_run_serves_every_mode(rig: Rig) -> None:
    result = await rig.run([task("t", run="echo any")], "whatever")
    assert result.ok
    assert rig.text("t") == "any\n"


async def test_a_string_is_shell(rig: Rig) -> None:
    await rig.run([task("t", run="echo one && X=two; echo $X | tr a-z A-Z; echo '*' *")])
    assert rig.text("t") == "one\nTWO\n* *\n"


async def test_a_list_is_executed_as_it_is(rig: Rig) -> None:
    await rig.run([task("t", run=["printf", "%s|", "a b", "$HOME", "&&", "*", "", "é"])])
    assert rig.text("t") == "a b|$HOME|&&|*||é|"


async def test_a_list_in_a_table_of_modes_is_executed_too(rig: Rig) -> None:
    result = await rig.run([task("t", commands={"dev": ["echo", "a  b"]})])
    assert result.ok
    assert rig.text("t") == "a  b\n"


async def test_steps_run_one_after_the_other(rig: Rig) -> None:
    result = await rig.run([task("t", steps=["echo one", "cd / # elsewhere", "pwd", "false || echo two"])])
    assert result.ok
    assert rig.text("t") == "one\n/\ntwo\n"


async def test_the_first_step_that_fails_ends_the_task_with_its_code(rig: Rig) -> None:
    result = await rig.run([task("t", steps=["echo one", "(exit 7)", "echo never"])])
    assert stats_of(result, "t").exit_code == 7
    assert rig.text("t") == "one\n"


async def test_a_task_without_a_command_for_the_mode_is_skipped(rig: Rig) -> None:
    result = await rig.run([task("t", commands={"build": "false"})], "dev")
    assert result.ok
    assert statuses(result) == {"t": "skipped"}
    assert stats_of(result, "t").skip_reason == "command-not-found"
    assert rig.story == ["skipped:t:dev:command-not-found"]


async def test_a_skipped_task_satisfies_its_dependents(rig: Rig) -> None:
    first = marks("first")
    skipped = task("skipped", commands={"build": "false"}, depends_on=[first])
    result = await rig.run([marks("last", skipped)], "dev")
    assert result.ok
    assert rig.lines("order") == ["first", "last"]


async def test_strict_fails_on_a_missing_command(rig: Rig) -> None:
    result = await rig.run([task("t", commands={"build": "true"})], "dev", strict=True)
    error = error_of(result)
    assert (error.code, error.task_name) == ("task-failed", "t")
    assert "dev" in error.message
    assert "strict" in error.message
    stats = stats_of(result, "t")
    assert (stats.status, stats.started_at, stats.exit_code, stats.attempts) == ("failed", None, None, 0)


async def test_strict_fails_on_a_dependency_without_the_command_too(rig: Rig) -> None:
    needed = task("needed", commands={"build": "true"})
    result = await rig.run([marks("t", needed)], "dev", strict=True)
    assert error_of(result).task_name == "needed"
    assert stats_of(result, "t").blocked_by == "needed"
    assert rig.lines("order") == []


async def test_strict_lets_a_task_be_skipped_that_allows_it(rig: Rig) -> None:
    optional = task("optional", commands={"build": "true"}, allow_skip=True)
    result = await rig.run([marks("t", optional)], "dev", strict=True)
    assert result.ok
    assert statuses(result) == {"t": "completed", "optional": "skipped"}


async def test_strict_applies_inside_nested_pipelines(rig: Rig) -> None:
    inner = pipeline([task("inner", commands={"build": "true"})])
    result = await rig.run([inner.to_task("outer")], "dev", strict=True)
    assert error_of(result).task_name == "outer:inner"


async def test_strict_skips_a_nested_pipeline_whose_tasks_all_allow_it(rig: Rig) -> None:
    inner = pipeline([task(name, commands={"build": "true"}, allow_skip=True) for name in "ab"])
    result = await rig.run([marks("t", inner.to_task("outer"))], "dev", strict=True)
    assert result.ok
    assert stats_of(result, "outer").skip_reason == "inner-tasks-skipped"
    assert rig.lines("order") == ["t"]


async def test_strict_applies_to_what_only_inner_tasks_and_commands_pull_in(rig: Rig) -> None:
    needed = task("needed", commands={"build": "true"})
    optional = task("optional", commands={"build": "true"}, allow_skip=True)
    inner = task("inner", run=command("echo inner >> order", depends_on=[optional, needed]))
    result = await rig.run([pipeline([inner]).to_task("outer")], "dev", strict=True)
    error = error_of(result)
    assert (error.code, error.task_name) == ("task-failed", "needed")
    assert statuses(result) == {"outer": "pending", "optional": "skipped", "needed": "failed"}
    assert rig.lines("order") == []


async def test_a_missing_command_of_what_no_target_needs_does_not_matter_in_strict_mode(rig: Rig) -> None:
    result = await rig.run([marks("t"), task("other", commands={"build": "true"})], "dev", strict=True, targets=["t"])
    assert result.ok


async def test_the_mode_reaches_nested_pipelines(rig: Rig) -> None:
    inner = pipeline([task("t", commands=prints(dev="no", build="yes"))])
    await rig.run([inner.to_task("outer")], "build")
    assert rig.text("outer:t") == "yes\n"


async def test_task_level_dependencies_bind_the_same_mode_only(rig: Rig) -> None:
    codegen = task("codegen", commands={"build": "echo codegen >> order"})
    app = task("app", commands={"dev": "echo app >> order", "build": "echo app >> order"}, depends_on=[codegen])
    assert (await rig.run([app], "dev")).ok
    assert (await rig.run([app], "build")).ok
    assert rig.lines("order") == ["app", "codegen", "app"]


async def test_command_level_dependencies_add_to_those_of_the_task(rig: Rig) -> None:
    lint, types, only_build = marks("lint"), marks("types"), marks("only-build")
    app = task(
        "app",
        commands={
            "dev": command("echo app >> order", depends_on=[types]),
            "build": command("true", depends_on=[only_build]),
        },
        depends_on=[lint],
    )
    result = await rig.run([app], "dev", max_concurrency=1)
    assert rig.lines("order") == ["lint", "types", "app"]
    assert stats_of(result, "app").dependencies == ("lint", "types")
    assert "only-build" not in statuses(result)
