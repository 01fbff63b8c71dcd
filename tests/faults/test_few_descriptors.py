"""A small limit of open files makes things slower or says so; it never makes them wait without a word."""

import os
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


def run(root: Path, target: str) -> "subprocess.Popen[str]":
    words = f"ulimit -n 64; exec {sys.executable} -P -m tui_runner run {target}"
    return subprocess.Popen(
        ["/bin/sh", "-c", words], cwd=root, env=os.environ, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def test_several_services_are_up_at_once_under_a_small_limit_of_open_files(workspace: Workspace) -> None:
    workspace.write(BODY)
    with run(workspace.root, "few") as running:
        said, _ = running.communicate(timeout=60)
    assert running.returncode == 0, said


def test_a_task_that_waits_for_open_files_says_so_and_can_be_stopped(workspace: Workspace) -> None:
    workspace.write(BODY)
    with run(workspace.root, "many") as running:
        assert running.stdout is not None
        assert any("not started yet" in line and "ulimit -n" in line for line in running.stdout)
        running.send_signal(signal.SIGINT)
        said, _ = running.communicate(timeout=60)
    assert running.returncode == 130, said
