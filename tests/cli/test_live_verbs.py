"""`ps`, `logs`, `start`, `stop`, `restart`, `down`: verbs about a running system, from outside."""

import json
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from live_workspace import Workspace, lines_of

from tui_runner.control.lock import holder_of

pytestmark = pytest.mark.real

SHOP = """
main = pipeline([
    db := service("db"),
    service("api", db),
    task("job", run="echo one; printf '\\\\033[31mred\\\\033[0m\\\\033]0;evil\\\\007\\\\n'; echo last"),
])
"""


@pytest.mark.parametrize(
    "verb", [("ps",), ("restart", "db"), ("stop", "db"), ("start", "db"), ("down",), ("logs", "-f")]
)
def test_without_a_supervisor_it_is_said_how_to_start_one(workspace: Workspace, verb: tuple[str, ...]) -> None:
    done = workspace.write(SHOP).cli(*verb, code=2)
    assert done.out == ""
    assert done.err == (
        f"error[not-running]: nothing is running in {workspace.root}\n"
        "   = help: `tui-runner dev` brings it up; `-C DIR` looks in another directory\n"
    )


def test_attach_without_a_terminal_says_what_to_use(workspace: Workspace) -> None:
    done = workspace.write(SHOP).cli("attach", code=2)
    assert done.err == (
        "error[usage]: `attach` needs a terminal that can show a screen\n"
        "   = help: `tui-runner logs -f` prints lines, `tui-runner ps` what runs\n"
    )


def test_ps_shows_the_tasks(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    head, *rows = lines_of(workspace.cli("ps"))
    assert head.split() == ["TASK", "STATE", "FOR", "PID", "CPU", "MEMORY"]
    assert [row.split()[:2] for row in rows] == [["api", "ready"], ["db", "ready"], ["job", "completed"]] or [
        row.split()[:2] for row in rows
    ] == [["db", "ready"], ["api", "ready"], ["job", "completed"]]
    data = json.loads(workspace.cli("ps", "--format", "json").out)
    assert data["run"]["root"] == str(workspace.root)
    assert {task["id"]: task["state"]["type"] for task in data["tasks"]} == {
        "db": "ready",
        "api": "ready",
        "job": "completed",
    }


def test_ps_tells_cpu_memory_and_ports_of_what_runs(workspace: Workspace) -> None:
    program = "import socket; s = socket.create_server(('127.0.0.1', 0)); print('ready', flush=True); s.accept()"
    workspace.write(
        f"""
        main = pipeline([
            api := task("api", run=command(["{sys.executable}", "-c", "{program}"], ready_when="ready")),
            service("web", api),
            task("job", run="true"),
        ])
        """
    ).up()
    tasks = {task["id"]: task for task in json.loads(workspace.cli("ps", "--format", "json").out)["tasks"]}
    used = tasks["api"]["usage"]
    assert used["rss"] > 1_000_000
    assert (used["processes"], len(used["ports"])) == (1, 1)
    assert tasks["web"]["usage"]["ports"] == []
    assert tasks["job"]["usage"] is None
    [head, *rows] = lines_of(workspace.cli("ps"))
    assert head.split() == ["TASK", "STATE", "FOR", "PID", "CPU", "MEMORY", "PORTS"]
    [row] = [row for row in rows if row.startswith("api")]
    assert row.split()[-2:] == ["MB", str(used["ports"][0])]


def test_a_system_can_be_stopped_after_its_file_was_deleted(workspace: Workspace) -> None:
    owner = workspace.write(SHOP).up()
    (workspace.root / "pipeline.py").unlink()
    (workspace.root / "deep").mkdir()
    assert "ready" in workspace.cli("-C", "deep", "ps").out
    workspace.cli("down")
    assert owner.wait_exit() == 0


def test_down_returns_when_everything_is_gone(workspace: Workspace) -> None:
    owner = workspace.write(SHOP).up()
    done = workspace.cli("--format", "json", "down")
    assert holder_of(workspace.places.lock) is None
    assert owner.wait_exit() == 0
    assert done.err == "stopping everything in order\neverything has stopped\n"
    assert json.loads(done.out)["message"] == "everything has stopped"
    assert workspace.cli("ps", code=2).out == ""


def test_restart_returns_when_the_new_generation_is_ready(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    assert workspace.cli("restart", "db").err == "`db` is ready\n"
    data = {task["id"]: task for task in json.loads(workspace.cli("ps", "--format", "json").out)["tasks"]}
    assert (data["db"]["attempt"], data["db"]["restarts"]) == (2, 1)
    assert data["api"]["attempt"] == 1
    assert workspace.cli("restart", "api", "--no-wait").err == "restarting `api`\n"


def test_restart_of_a_task_without_a_probe_tells_how_it_ended_or_that_it_lives(workspace: Workspace) -> None:
    workspace.write(
        """
        main = pipeline([
            worker := task("worker", run="exec sleep 1000"),
            step := task("step", run="[ -e again ] && sleep 0.1; touch again; [ ! -e broken ]"),
            service("api", step),
        ])
        """
    )
    owner = workspace.launch()
    owner.greet()
    owner.wait_ready("api")
    assert workspace.cli("restart", "worker").err == "`worker` is running, and has no `ready_when` to wait for\n"
    assert workspace.cli("restart", "step").err == "`step` completed\n"
    (workspace.root / "broken").touch()
    assert workspace.cli("restart", "step", code=1).err.startswith("`step` failed: ")


def test_stop_names_what_goes_first_and_start_brings_it_back(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    done = workspace.cli("stop", "db", "--format", "json")
    assert done.err == (
        "stopping `api` first: running, and in need of `db`\n"
        "`db` is stopped, after `api`, which needs it\n"
    )  # fmt: skip
    data = json.loads(done.out)
    assert (data["ok"], data["verb"], data["results"][0]["task"]) == (True, "stop", "db")
    assert "stopped" in workspace.cli("ps").out
    assert workspace.cli("start", "api").err == "`api` is ready\n"


def test_a_task_that_fails_to_come_up_is_a_failure_of_the_verb(workspace: Workspace) -> None:
    job = 'task("job", run=command("test ! -e broken && echo up", ready_when="up"))'
    workspace.write(f'main = pipeline([service("db"), {job}])').up()
    (workspace.root / "broken").touch()
    done = workspace.cli("restart", "job", code=1)
    assert done.err.startswith("`job` failed: [job] ")


def test_an_unknown_task_is_a_usage_error_and_nothing_is_done(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    done = workspace.cli("restart", "api", "jib", code=2)
    assert done.err == "error[unknown-task]: there is no task `jib`\n   = help: did you mean `job`?\n"
    assert "RESTARTS" not in workspace.cli("ps").out
    assert "did you mean `job`?" in workspace.cli("logs", "jop", code=2).err


def test_logs_of_one_task_have_no_prefix_and_no_escape_sequences(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    assert lines_of(workspace.cli("logs", "job"))[:3] == ["one", "red", "last"]
    assert lines_of(workspace.cli("logs", "job", "-n", "1")) == lines_of(workspace.cli("logs", "job"))[-1:]
    raw = workspace.cli("logs", "--raw", "job").out
    assert "\x1b[31mred\x1b[0m\x1b]0;evil\x07\n" in raw


def test_logs_of_several_tasks_are_prefixed_and_in_order_of_time(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    lines = lines_of(workspace.cli("logs"))
    assert "db  | ready" in lines
    assert lines.index("db  | ready") < lines.index("api | ready")
    assert "job | one" in lines


def test_logs_of_the_newest_run_are_there_after_its_end(workspace: Workspace) -> None:
    owner = workspace.write(SHOP).up()
    owner.socket.close()
    owner.wait_exit()
    lines = lines_of(workspace.cli("logs"))
    assert "api | bye" in lines
    assert lines.index("api | bye") < lines.index("db  | bye")
    assert lines_of(workspace.cli("logs", "--run", "latest", "db"))[0] == "ready"
    assert "there is no run `zzz`" in workspace.cli("logs", "--run", "zzz", code=2).err


def follow(workspace: Workspace, *arguments: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "tui_runner", "logs", "-f", *arguments],
        cwd=workspace.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def test_following_goes_on_until_the_run_ends(workspace: Workspace) -> None:
    owner = workspace.write(SHOP).up()
    with follow(workspace, "db") as program:
        assert program.stdout is not None
        assert program.stdout.readline() == "ready\n"
        workspace.cli("restart", "db")
        seen = [program.stdout.readline()]
        while seen[-1] != "ready\n":
            seen.append(program.stdout.readline())
        assert "bye\n" in seen
        owner.socket.close()
        rest = program.stdout.read()
        assert "bye" in rest
        assert program.wait(30) == 0


def test_an_interrupt_ends_following_without_a_traceback(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    with follow(workspace) as program:
        assert program.stdout is not None
        assert program.stderr is not None
        program.stdout.readline()
        program.send_signal(signal.SIGINT)
        assert program.wait(30) == 130
        assert program.stderr.read() == ""


def test_history_and_show_tell_how_runs_went(workspace: Workspace) -> None:
    assert "nothing has run" in workspace.write(SHOP).cli("history").out
    owner = workspace.up()
    run_id = json.loads(workspace.cli("ps", "--format", "json").out)["run"]["run_id"]
    [row] = lines_of(workspace.cli("history"))[1:]
    assert row.split()[:3] == [run_id, "running", "dev"]
    workspace.cli("down")
    owner.wait_exit()
    [record] = json.loads(workspace.cli("history", "--format", "json").out)
    assert record["run_id"] == run_id
    assert record["status"] not in {"running", "interrupted", "broken"}
    assert record["finished_at"] > record["started_at"]
    assert "api" in workspace.cli("show").out
    assert json.loads(workspace.cli("show", run_id[-4:], "--format", "json").out)["execution"]["mode"] == "dev"
    assert "there is no run `nope`" in workspace.cli("show", "nope", code=2).err


def test_a_summary_that_is_a_link_is_not_followed(workspace: Workspace) -> None:
    owner = workspace.write(SHOP).up()
    owner.socket.close()
    owner.wait_exit()
    secret = workspace.root / "secret"
    secret.write_text("precious")
    [summary] = Path(workspace.root, ".tui_runner", "runs").glob("*/summary.md")
    summary.unlink()
    summary.symlink_to(secret)
    assert "precious" not in workspace.cli("show").out


def test_a_skipped_task_says_why_in_words(workspace: Workspace) -> None:
    workspace.write(
        'main = pipeline([service("db"), task("pack", commands={"build": "true"}, description="Makes the parcel")])'
    ).up()
    assert "it has no command for this mode" in workspace.cli("ps").out
    assert workspace.cli("start", "pack").err == "`pack` has nothing to run: it has no command for this mode\n"
    workspace.cli("down")
    assert "it has no command for this mode" in workspace.cli("show").out
    printed = workspace.cli("run", "pack", "--mode", "dev").out
    assert "skipped: it has no command for this mode · Makes the parcel\n" in printed
