"""What the program says when something is wrong: what, where, and how to go on. Nothing is started by a mistake."""

import socket
import sys

import pytest
from stage import Stage


def test_without_a_pipeline_file_it_says_how_to_begin(stage: Stage) -> None:
    done = stage.run("dev")
    assert done.returncode == 2
    assert "error[no-pipeline-file]" in done.stderr
    assert "tui-runner init" in done.stderr


def test_a_file_that_raises_is_shown_with_its_line(stage: Stage) -> None:
    (stage.root / "pipeline.py").write_text("import os\n\nport = int(os.environ.get('PORT', 'none'))\n")
    done = stage.run("dev", "--no-tui")
    assert done.returncode == 2
    assert "error[load-failed]" in done.stderr
    assert "ValueError" in done.stderr
    assert "pipeline.py:3" in done.stderr


def test_a_file_that_raises_does_not_open_the_screen_for_long(stage: Stage) -> None:
    (stage.root / "pipeline.py").write_text("import nowhere_to_be_found\n")
    terminal = stage.open("dev")
    assert terminal.wait_exit() == 2
    terminal.assert_sane()
    assert terminal.contains("error[load-failed]")
    assert terminal.contains("nowhere_to_be_found")


def test_a_syntax_error_is_shown_with_its_line(stage: Stage) -> None:
    (stage.root / "pipeline.py").write_text("from tui_runner import task\nmain = pipeline([\n")
    done = stage.run("list")
    assert done.returncode == 2
    assert "pipeline.py:2" in done.stderr


def test_an_unknown_target_is_answered_with_the_nearest_name(stage: Stage) -> None:
    stage.write_shop()
    done = stage.run("dev", "--no-tui", "wbe")
    assert done.returncode == 2
    assert "error[unknown-target]" in done.stderr
    assert "`web`" in done.stderr
    assert stage.order() == []


def test_all_mistakes_are_told_at_once_with_their_lines(stage: Stage) -> None:
    (stage.root / "pipeline.py").write_text("""\
from tui_runner import command, pipeline, task

a = task("a", run="true", depends_on=["b"])
b = task("b", run="true", depends_on=["a"])
twice = task("twice", run="true")
again = task("twice", run="true")
lost = task("lost", run="true", depends_on=["nobody"])
late = task("late", run=command("true", stop_timeout=-1))
main = pipeline([a, b, twice, again, lost, late])
""")
    done = stage.run("dev", "--no-tui")
    assert done.returncode == 2
    assert "a -> b -> a" in done.stderr
    for kind, line in (("cycle", 3), ("duplicate-id", 6), ("unknown-task", 7), ("invalid-command", 8)):
        assert f"error[{kind}]" in done.stderr, done.stderr
        assert f"pipeline.py:{line}" in done.stderr, done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("arguments", [("dve",), ("dev", "--concurrency", "0"), ("run",), ("logs", "nobody")])
def test_usage_errors_exit_with_two(stage: Stage, arguments: tuple[str, ...]) -> None:
    stage.write_shop()
    done = stage.run(*arguments)
    assert done.returncode == 2, (done.stdout, done.stderr)
    assert done.stderr
    assert "Traceback" not in done.stderr


def test_a_command_that_is_not_there_is_named(stage: Stage) -> None:
    stage.write("""main = pipeline([task("lost", run=["no-such-program", "--fast"], cwd=".")])""")
    done = stage.run("dev", "--no-tui")
    assert done.returncode == 1
    assert "command not found" in done.stderr + done.stdout
    assert "no-such-program" in done.stderr + done.stdout


def test_a_file_that_is_not_executable_is_answered_with_chmod(stage: Stage) -> None:
    (stage.root / "tool.sh").write_text("#!/bin/sh\ntrue\n")
    stage.write("""main = pipeline([task("tool", run=["./tool.sh"])])""")
    done = stage.run("dev", "--no-tui")
    assert done.returncode == 1
    assert "chmod +x" in done.stderr + done.stdout


def test_a_directory_that_is_missing_is_told_before_anything_starts(stage: Stage) -> None:
    stage.write("""
        main = pipeline([task("one", run="echo began"), task("two", run="true", cwd="nowhere")])
    """)
    done = stage.run("dev", "--no-tui")
    assert done.returncode == 2
    assert "error[missing-directory]" in done.stderr
    assert "began" not in done.stdout


def test_a_port_that_somebody_else_holds_is_told(stage: Stage) -> None:
    with socket.create_server(("127.0.0.1", stage.port)):
        stage.write_shop()
        done = stage.run("dev", "--no-tui", "--on-failure", "stop")
    assert done.returncode == 1
    told = done.stdout + done.stderr
    assert str(stage.port) in told
    assert "in use" in told or "taken" in told
    stage.assert_all_gone()


def test_help_imports_no_screen(stage: Stage) -> None:
    done = stage.run("--help")
    assert done.returncode == 0
    assert "dev" in done.stdout
    assert sys.executable not in done.stdout


def test_a_mode_that_no_task_knows_is_no_success(stage: Stage) -> None:
    (stage.root / "pipeline.py").write_text("""\
from tui_runner import pipeline, task

check = task("check", commands={"test": "true", "build": "true"})
each = task("each", run="true")
main = pipeline([check, each])
""")
    done = stage.run("run", "check", "--mode", "tset")
    assert done.returncode == 2
    assert "no task has a command for the mode `tset`" in done.stderr
    assert "did you mean `test`?" in done.stderr
    assert "`--mode` takes `test` or `build` here" in stage.run("dev", "--no-tui").stderr
    assert stage.run("run", "each", "--mode", "tset").returncode == 0


def test_run_without_a_target_lists_what_has_a_command_for_the_mode(stage: Stage) -> None:
    (stage.root / "pipeline.py").write_text("""\
from tui_runner import pipeline, task

check = task("check", commands={"build": "true"}, description="Checks")
main = pipeline([task("a-service", commands={"dev": "true"}), check, task("everything", run="true")])
""")
    done = stage.run("run")
    assert done.returncode == 2
    assert done.stderr == (
        "run needs a target. What can be run here in mode `build`:\n  check       Checks\n  everything\n"
    )


def test_a_dumb_terminal_gets_lines(stage: Stage) -> None:
    stage.write("""
        main = pipeline([task("hello", run="echo hello from a dumb terminal")])
    """)
    terminal = stage.open("dev", TERM="dumb")
    assert terminal.wait_exit() == 0
    assert terminal.contains("hello from a dumb terminal")
    assert b"\x1b" not in terminal.output
