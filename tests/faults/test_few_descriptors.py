"""A small limit of open files makes things slower or says so; it never makes them wait without a word."""

import os
import resource
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from live_workspace import Workspace

pytestmark = pytest.mark.real

BODY = """
    up = [task(f"up{n}", run=command("echo ready; exec sleep 1000", ready_when="ready")) for n in range(40)]
    main = pipeline([*up, task("few", run="true", depends_on=up[:5]), task("many", run="true", depends_on=up)])
"""


def run(root: Path, target: str, limit: str = "-n 64", verb: str = "run") -> "subprocess.Popen[str]":
    """Run a verb under a limit of open files: `-n` for good, `-Sn` one that a process may raise for itself."""
    words = f"ulimit {limit}; exec {sys.executable} -P -m tui_runner {verb} {target}"
    return subprocess.Popen(
        ["/bin/sh", "-c", words], cwd=root, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(running: "subprocess.Popen[str]") -> str:
    """Wait for its end and return what it said."""
    try:
        return running.communicate(timeout=60)[0]
    except subprocess.TimeoutExpired:
        running.kill()
        raise


def test_several_services_are_up_at_once_under_a_small_limit_of_open_files(workspace: Workspace) -> None:
    workspace.write(BODY)
    with run(workspace.root, "few") as running:
        said = finish(running)
    assert running.returncode == 0, said


def test_a_task_that_waits_for_open_files_says_so_and_can_be_stopped(workspace: Workspace) -> None:
    workspace.write(BODY)
    with run(workspace.root, "many") as running:
        assert running.stdout is not None
        assert any("not started yet" in line and "ulimit -n" in line for line in running.stdout)
        running.send_signal(signal.SIGINT)
        said = finish(running)
    assert running.returncode == 130, said


def test_a_soft_limit_of_open_files_is_no_limit_for_us(workspace: Workspace) -> None:
    workspace.write(BODY)
    with run(workspace.root, "many", "-Sn 64") as running:
        said = finish(running)
    assert running.returncode == 0, said
    assert "not started yet" not in said


LIMITS = """
    limits = "ulimit -Sn; ulimit -Hn; echo ready; exec sleep 1000"
    main = pipeline([task("limits", commands={"dev": command(limits, ready_when="ready"), "build": "ulimit -Sn; ulimit -Hn"})])
"""


@pytest.mark.parametrize("verb", ["run", "dev --no-tui --mode build"])
def test_tasks_have_the_limits_of_whoever_started_the_run(workspace: Workspace, verb: str) -> None:
    workspace.write(LIMITS)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with run(workspace.root, "limits", "-Sn 99", verb) as running:
        said = finish(running)
    assert said.splitlines()[:2] == ["99", str(hard)]


def test_tasks_of_a_system_in_the_background_have_them_too(workspace: Workspace) -> None:
    workspace.write(LIMITS)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    with run(workspace.root, "--detach", "-Sn 99", "dev") as starting:
        said = finish(starting)
    assert starting.returncode == 0, said
    with workspace.client() as client:
        client.request("start", "limits")
        run_view = client.request("ps").run
    assert run_view is not None
    limits = Path(f"/proc/{run_view.supervisor_pid}/limits").read_text()
    assert f"Max open files            {min(hard, 65536)} " in limits
    assert workspace.cli("logs", "limits").out.splitlines()[:2] == ["99", str(hard)]
    workspace.cli("down")
