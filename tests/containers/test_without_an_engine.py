"""Where there is no container engine: what the command line says, and what goes on without."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.real

PIPELINE = """
from tui_runner import compose, container, pipeline, task
mail = task("mail", allow_skip=True, run=compose("compose.yaml", "mailpit"))
shop = task("shop", run="echo open", depends_on=[mail])
db = task("db", run=container("postgres:17", ["-c", "fsync=off"]))
main = pipeline([shop, db])
"""


def run(workspace: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    (workspace / "pipeline.py").write_text(PIPELINE)
    return subprocess.run(
        [sys.executable, "-P", "-m", "tui_runner", *arguments],
        cwd=workspace,
        env={**os.environ, "PATH": str(workspace)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_task_that_may_be_skipped_is_and_its_log_says_why(tmp_path: Path) -> None:
    done = run(tmp_path, "run", "shop")
    assert done.returncode == 0, done.stderr
    assert "mail | tui-runner: no container engine can be used here: docker is not installed; podman" in done.stdout
    assert "mail | skipped: what it needs is not on this machine" in done.stdout
    assert "tearing down" not in done.stdout
    assert "shop | open" in done.stdout


def test_any_other_fails_and_says_what_it_would_have_run_why_not_and_how_to_go_on(tmp_path: Path) -> None:
    done = run(tmp_path, "run", "db")
    assert done.returncode == 1
    assert "command    container run postgres:17 -c fsync=off" in done.stderr
    assert "no container engine can be used here: docker is not installed" in done.stderr
    assert "cannot run on this machine" in done.stdout + done.stderr
    assert "allow_skip=True" in done.stdout + done.stderr


def test_explain_shows_what_people_have_written(tmp_path: Path) -> None:
    assert "compose -f compose.yaml up mailpit" in run(tmp_path, "explain", "mail").stdout
