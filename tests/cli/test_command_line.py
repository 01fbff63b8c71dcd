"""The command line from outside: help, usage errors, import hygiene, the border of `main`."""

import json
import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
from live_workspace import Workspace

from tui_runner.cli import main
from tui_runner.cli.verb import VERBS
from tui_runner.errors.exit_code import ExitCode
from tui_runner.version import VERSION

HEAVY = ("textual", "asyncio", "msgspec", "watchfiles", "psutil", "subprocess")


def modules_after(*arguments: str) -> set[str]:
    program = f"""
import sys
from tui_runner.cli import main
code = main({list(arguments)!r})
sys.stderr.write(" ".join(sys.modules))
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60)
    return set(done.stderr.split())


@pytest.mark.parametrize("arguments", [("--help",), ("--version",), ("ps", "--help"), ("logs", "--help")])
def test_help_imports_nothing_heavy(arguments: tuple[str, ...]) -> None:
    assert not modules_after(*arguments).intersection(HEAVY)


def test_short_verbs_need_no_event_loop_and_no_screen(workspace: Workspace) -> None:
    workspace.write('main = pipeline([service("db")])').up()
    assert not modules_after("-C", str(workspace.root), "ps").intersection({"textual", "asyncio", "watchfiles"})


def test_the_version_is_that_of_the_package(workspace: Workspace) -> None:
    project = tomllib.loads((Path(__file__).parents[2] / "pyproject.toml").read_text())
    assert project["project"]["version"] == VERSION
    assert workspace.cli("--version").out == f"tui-runner {VERSION}\n"


def test_help_lists_every_verb(workspace: Workspace) -> None:
    done = workspace.cli("--help")
    assert [name for name in VERBS if f"\n  {name} " not in done.out] == []
    assert workspace.cli("-h").out == done.out
    nothing = workspace.cli(code=2)
    assert nothing.out == done.out


def test_a_verb_shows_its_own_help(workspace: Workspace) -> None:
    done = workspace.cli("restart", "--help")
    assert done.out.startswith("usage: tui-runner restart ")
    assert "--no-wait" in done.out
    assert workspace.cli("--help", "restart").out == done.out


def test_an_unknown_verb_is_answered_with_the_nearest(workspace: Workspace) -> None:
    done = workspace.cli("histroy", code=2)
    assert done.err == "error[usage]: there is no verb `histroy`\n   = help: did you mean `history`?\n"
    assert "`tui-runner --help` lists them" in workspace.cli("zzzz", code=2).err


def test_a_wrong_option_is_a_usage_error(workspace: Workspace) -> None:
    assert "unrecognized arguments: --bogus" in workspace.cli("list", "--bogus", code=2).err
    assert "invalid choice: 'xml'" in workspace.cli("--format", "xml", "list", code=2).err


def test_without_a_pipeline_file_it_is_told_where_was_looked(workspace: Workspace) -> None:
    done = workspace.cli("list", code=2)
    assert done.err.startswith("error[no-pipeline-file]: ")
    assert "tui-runner init" in done.err
    assert done.out == ""


def test_another_directory_or_file_can_be_given_before_and_after_the_verb(workspace: Workspace) -> None:
    other = workspace.root / "other"
    other.mkdir()
    workspace.write('main = pipeline([task("here", run="true")])')
    (other / "pipeline.py").write_text((workspace.root / "pipeline.py").read_text().replace("here", "there"))
    (workspace.root / "third.py").write_text((workspace.root / "pipeline.py").read_text().replace("here", "third"))
    assert "here" in workspace.cli("list").out
    for arguments in (("-C", "other", "list"), ("list", "-C", "other")):
        assert "there" in workspace.cli(*arguments).out
    for line in ("-f third.py list", "list -f third.py", "list --file=third.py"):
        assert "third" in workspace.cli(*line.split()).out


def test_a_reader_that_has_enough_ends_it_quietly(workspace: Workspace) -> None:
    workspace.write('main = pipeline([task(f"task-{n}", run="true") for n in range(3000)])')
    with subprocess.Popen(
        [sys.executable, "-m", "tui_runner", "graph", "--format", "json"],
        cwd=workspace.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        assert program.stdout.read(1) == b"{"
        program.stdout.close()
        assert program.stderr.read() == b""
        assert program.wait(30) == 0


def test_a_bug_of_ours_is_admitted(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    def broken(_: object) -> object:
        raise ZeroDivisionError("never")

    monkeypatch.setattr("tui_runner.cli.parser.parse", broken)
    assert main(["list"]) == ExitCode.INTERNAL
    err = capsys.readouterr().err
    assert "ZeroDivisionError: never" in err
    assert err.endswith("this is a bug in tui-runner: please report it with the lines above and what you did\n")


def test_an_interrupt_has_its_exit_code(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(_: object) -> object:
        raise KeyboardInterrupt

    monkeypatch.setattr("tui_runner.cli.parser.parse", interrupted)
    assert main(["list"]) == ExitCode.INTERRUPTED


def test_problems_are_shown_without_colour_when_nobody_sees_it(workspace: Workspace) -> None:
    workspace.write('main = pipeline([task("a", run="true", depends_on=["b"])])')
    done = workspace.cli("list", code=2, env={"FORCE_COLOR": "1"})
    assert "\x1b" not in done.err
    assert "error[unknown-task]" in done.err
    assert "--> pipeline.py:12" in done.err or "--> pipeline.py:" in done.err


def test_module_and_script_are_the_same_program() -> None:
    script = Path(sys.executable).with_name("tui-runner")
    if not script.exists():
        pytest.skip("not installed")
    done = subprocess.run([script, "--version"], capture_output=True, text=True, check=True, env=dict(os.environ))
    assert done.stdout == f"tui-runner {VERSION}\n"


LATIN = {"PYTHONIOENCODING": "latin-1", "PYTHONUTF8": "0", "LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}
SNOW = """
snow = task("snow", run="echo caf\u00e9 \u2603; echo after", description="snow \u2603")
main = pipeline([snow, task("tree", run="true", depends_on=[snow])])
"""


@pytest.mark.real
def test_what_the_encoding_of_the_terminal_does_not_know_is_replaced_and_the_rest_is_printed(
    workspace: Workspace,
) -> None:
    def printed(*arguments: str) -> str:
        return _bytes_of(workspace, *arguments).decode("latin-1")

    workspace.write(SNOW)
    assert printed("graph") == "tree\n??? snow\n"
    assert "snow ?" in printed("list")
    assert "café ?\nafter\n" in printed("run", "snow")
    assert printed("logs", "snow") == "café ?\nafter\n"


@pytest.mark.real
def test_json_is_utf_8_in_every_locale(workspace: Workspace) -> None:
    workspace.write(SNOW)
    rows = json.loads(_bytes_of(workspace, "list", "--format", "json").decode())
    assert rows[0]["description"] == "snow \u2603"


def _bytes_of(workspace: Workspace, *arguments: str) -> bytes:
    done = subprocess.run(
        [sys.executable, "-P", "-m", "tui_runner", *arguments],
        cwd=workspace.root,
        env={**os.environ, **LATIN},
        capture_output=True,
        timeout=60,
        check=True,
    )
    assert b"Traceback" not in done.stderr
    return done.stdout
