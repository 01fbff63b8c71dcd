"""What surrounds a task: variables, PATH, working directory, standard input."""

import os
import sys
from pathlib import Path

import pytest
from rig import Rig, error_of, python, stats_of, statuses

from tui_runner import command, pipeline, task

pytestmark = pytest.mark.real

SHOW = 'echo "$A-$B-$C-$D-$E-$F"'


async def test_five_levels_of_variables_each_win_over_the_one_before(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in "ABCDEF":
        monkeypatch.setenv(name, "process")
    inner = task(
        "t",
        env={"E": "task", "F": "task"},
        commands={"dev": command(SHOW, env={"F": "command"})},
    )
    middle = pipeline([inner]).to_task("middle", env=dict.fromkeys("DEF", "middle"))
    outer = pipeline([middle]).to_task("outer", env=dict.fromkeys("CDEF", "outer"))
    result = await rig.run([outer], "dev", env=dict.fromkeys("BCDEF", "run"))
    assert result.ok
    assert rig.text("outer:middle:t") == "process-run-outer-middle-task-command\n"


async def test_the_process_environment_is_inherited(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ONLY_HERE", "yes, with spaces\nand lines")
    await rig.run([task("t", run='printf "%s" "$ONLY_HERE"')])
    assert rig.text("t") == "yes, with spaces\nand lines"


async def test_variables_set_after_a_run_reach_the_next_one(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = pipeline([task("t", run="echo ${LATE:-unset}")])
    await rig.run(whole)
    monkeypatch.setenv("LATE", "set")
    await rig.run(whole)
    assert rig.text("t") == "unset\nset\n"


async def test_variables_of_one_task_do_not_reach_another(rig: Rig) -> None:
    first = task("first", run=command("true", env={"LEAK": "yes"}), env={"LEAK2": "yes"})
    await rig.run([task("second", run="echo ${LEAK:-no} ${LEAK2:-no}", depends_on=[first])])
    assert rig.text("second") == "no no\n"


async def test_an_empty_value_is_a_value(rig: Rig) -> None:
    await rig.run([task("t", run='echo "[${EMPTY-unset}]"', env={"EMPTY": ""})])
    assert rig.text("t") == "[]\n"


async def test_variables_that_are_no_utf8_pass_through_unchanged(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(os.environb, b"RAW", b"caf\xe9 \xff")
    await rig.run([task("t", run='printf %s "$RAW"')])
    assert rig.output["t", "stdout"] == b"caf\xe9 \xff"


async def test_declared_values_that_are_no_utf8_pass_through_unchanged(rig: Rig) -> None:
    await rig.run([task("t", run='printf %s "$RAW"', env={"RAW": os.fsdecode(b"\xfe\xff")})])
    assert rig.output["t", "stdout"] == b"\xfe\xff"


async def test_arguments_that_are_no_utf8_pass_through_unchanged(rig: Rig) -> None:
    await rig.run([task("t", run=["printf", "%s", os.fsdecode(b"\xfe\xff")])])
    assert rig.output["t", "stdout"] == b"\xfe\xff"


@pytest.mark.parametrize("env", [{"A=B": "x"}, {"": "x"}, {"A": "x\0y"}, {"A": 1}, ["A"]])
async def test_variables_no_system_can_pass_on_are_a_definition_problem(rig: Rig, env: object) -> None:
    result = await rig.run([task("t", run="true")], env=env)
    assert error_of(result).code == "invalid-task"
    assert rig.story == []


# -- PATH -----------------------------------------------------------------------------------------------------


def tool(directory: Path, text: str) -> None:
    directory.mkdir(parents=True)
    (directory / "mytool").write_text(f"#!/bin/sh\necho {text}\n")
    (directory / "mytool").chmod(0o755)


@pytest.mark.parametrize("run", ["mytool", ["mytool"]])
@pytest.mark.parametrize("place", ["node_modules/.bin", ".venv/bin"])
async def test_tools_of_the_task_win_over_those_of_the_workspace(rig: Rig, place: str, run: str | list[str]) -> None:
    tool(rig.directory / place, "workspace")
    tool(rig.directory / "pkg" / place, "package")
    (rig.directory / "other").mkdir()
    result = await rig.run([task("near", run=run, cwd="pkg"), task("far", run=run, cwd="other")])
    assert result.ok
    assert (rig.text("near"), rig.text("far")) == ("package\n", "workspace\n")


@pytest.mark.parametrize("level", ["run", "nested", "task", "command"])
async def test_a_path_the_user_sets_is_respected(rig: Rig, level: str) -> None:
    tool(rig.directory / "node_modules/.bin", "ours")
    own = rig.directory / "mine"
    tool(own, "mine")
    path = {"PATH": f"{own}:/usr/bin:/bin"}
    inner = task(
        "t",
        env=path if level == "task" else {},
        run=command(["mytool"], env=path if level == "command" else {}),
    )
    outer = pipeline([inner]).to_task("o", env=path if level == "nested" else {})
    result = await rig.run([outer], env=path if level == "run" else {})
    assert result.ok
    assert rig.text("o:t") == "mine\n"


async def test_a_path_set_to_one_directory_hides_everything_else(rig: Rig) -> None:
    own = rig.directory / "mine"
    tool(own, "mine")
    result = await rig.run([task("t", run=["ls"], env={"PATH": str(own)})])
    assert stats_of(result, "t").exit_code == 127


# -- working directory ----------------------------------------------------------------------------------------


async def test_a_relative_directory_starts_at_the_root(rig: Rig) -> None:
    (rig.directory / "sub" / "deep").mkdir(parents=True)
    absolute = task("absolute", run="pwd", cwd=str(rig.directory / "sub"))
    await rig.run([task("t", run="pwd", cwd="sub/deep"), task("here", run="pwd"), absolute])
    assert rig.text("t") == f"{rig.directory}/sub/deep\n"
    assert rig.text("here") == f"{rig.directory}\n"
    assert rig.text("absolute") == f"{rig.directory}/sub\n"


async def test_the_default_root_is_the_working_directory_of_the_host(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(rig.directory)
    await rig.run([task("t", run="pwd")], root=None)
    assert rig.text("t") == f"{rig.directory}\n"


async def test_a_directory_that_is_missing_at_once_keeps_everything_from_starting(rig: Rig) -> None:
    result = await rig.run([task("good", run="true"), task("bad", run="true", cwd="nowhere")])
    error = error_of(result)
    assert (error.code, error.task_name) == ("invalid-task", "bad")
    assert f"{rig.directory}/nowhere" in error.message
    assert "test_run_environment.py" in error.message
    assert rig.story == []


async def test_the_result_of_a_missing_directory_has_every_task(rig: Rig) -> None:
    result = await rig.run([task("good", run="true"), task("bad", run="true", cwd="nowhere")])
    assert statuses(result) == {"good": "pending", "bad": "failed"}
    bad = stats_of(result, "bad")
    assert (bad.started_at, bad.duration_s, bad.exit_code, bad.attempts) == (None, 0.0, None, 0)
    assert bad.error is not None
    assert "nowhere" in bad.error
    assert (result.stats.status, result.stats.summary.failed, result.stats.summary.pending) == ("failed", 1, 1)


async def test_a_directory_may_be_made_by_what_runs_before(rig: Rig) -> None:
    make = task("make", run="mkdir out")
    result = await rig.run([task("t", run="pwd", cwd="out", depends_on=[make])])
    assert result.ok
    assert rig.text("t") == f"{rig.directory}/out\n"


async def test_a_directory_that_is_missing_when_its_task_starts_fails_that_task(rig: Rig) -> None:
    before = task("before", run=command("true", teardown="echo before >> downs"))
    late = task("late", run=command("true", teardown="echo late >> downs"), cwd="out", depends_on=[before])
    result = await rig.run([late])
    error = error_of(result)
    assert (error.code, error.task_name) == ("invalid-task", "late")
    assert f"{rig.directory}/out" in error.message
    assert rig.lines("downs") == ["before"]
    stats = stats_of(result, "late")
    assert (stats.status, stats.started_at, stats.teardown and stats.teardown.status) == ("failed", None, "not-run")


async def test_a_missing_directory_of_a_task_that_is_not_selected_does_not_matter(rig: Rig) -> None:
    result = await rig.run([task("good", run="true"), task("bad", run="true", cwd="nowhere")], targets=["good"])
    assert result.ok


async def test_a_missing_directory_of_a_skipped_task_does_not_matter(rig: Rig) -> None:
    result = await rig.run([task("t", commands={"build": "true"}, cwd="nowhere")], "dev")
    assert result.ok


# -- standard input -------------------------------------------------------------------------------------------


async def test_standard_input_is_empty(rig: Rig) -> None:
    result = await rig.run([task("t", run="readlink /proc/self/fd/0; cat")])
    assert result.ok
    assert rig.text("t") == "/dev/null\n"


async def test_a_task_with_a_terminal_has_one(rig: Rig) -> None:
    result = await rig.run([task("t", run=command("test -t 0 && test -t 1 && test -t 2 && tty", tty=True))])
    assert result.ok
    assert rig.text("t").startswith("/dev/")


async def test_children_inherit_no_descriptor_of_ours(rig: Rig) -> None:
    listing = python("import os; print(sorted(os.listdir('/proc/self/fd'))[:-1] == ['0', '1', '2'])")
    own = os.open(sys.executable, os.O_RDONLY)
    os.set_inheritable(own, True)
    try:
        await rig.run([task("t", run=listing)])
    finally:
        os.close(own)
    assert rig.text("t") == "True\n"
