"""Secrets stay out of logs when the supervisor is gone and the guardian, or a later one, writes them."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from killed_run import kill_together
from live_workspace import Workspace

from tui_runner.control.lock import wait_until_free

pytestmark = pytest.mark.real

TOKEN = "s3cr3t-t0ken/with=signs"
BODY = f"""
    from tui_runner import secret
    talks = "trap 'echo leaving with $WITH; exit 0' TERM; echo ready; while :; do sleep 0.01; done"
    up = command(
        talks,
        ready_when="ready",
        stop="echo stopping with $WITH; exit 1",
        teardown="printf 'down with %s, ' $WITH; printf s3cr3t-; sleep 0.05; echo t0ken/with=signs",
        env={{"WITH": secret("{TOKEN}")}},
    )
    main = pipeline([task("keeper", commands={{"dev": up}}), task("quick", commands={{"build": "true"}})])
"""


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path)
    yield made
    made.close()


def log_of_the_first_run(workspace: Workspace) -> str:
    first = min((workspace.root / ".tui_runner" / "runs").iterdir())
    return (first / "logs" / "keeper.log").read_text()


def files_with_the_token(*directories: Path) -> list[Path]:
    files = (path for directory in directories for path in directory.rglob("*") if path.is_file())
    return [path for path in files if TOKEN.encode() in path.read_bytes()]


def test_what_is_printed_after_the_supervisor_was_killed_shows_no_secret(workspace: Workspace) -> None:
    owner = workspace.write(BODY).up()
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait_exit()
    wait_until_free(workspace.places.lock)
    log = log_of_the_first_run(workspace)
    assert "stopping with ***\n" in log
    assert "leaving with ***\n" in log
    assert "down with ***, ***\n" in log
    assert files_with_the_token(workspace.root / ".tui_runner", workspace.places.state) == []


def test_what_is_printed_when_the_next_run_cleans_up_shows_no_secret(workspace: Workspace) -> None:
    kill_together(workspace.write(BODY).up(), workspace)
    assert files_with_the_token(workspace.places.state) == [workspace.places.journal]
    workspace.cli("run", "quick")
    log = log_of_the_first_run(workspace)
    assert "stopping with ***\n" in log
    assert "down with ***, ***\n" in log
    assert files_with_the_token(workspace.root / ".tui_runner", workspace.places.state) == []


def test_a_secret_that_came_with_a_reload_is_hidden_after_the_supervisor_was_killed(workspace: Workspace) -> None:
    owner = workspace.write(BODY.replace("secret(", "str(")).up()
    workspace.write(BODY).cli("reload")
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait_exit()
    wait_until_free(workspace.places.lock)
    of_the_new_attempt = log_of_the_first_run(workspace).rpartition("ready")[2]
    assert "stopping with ***\n" in of_the_new_attempt
    assert "leaving with ***\n" in of_the_new_attempt
    assert "down with ***, ***\n" in of_the_new_attempt
