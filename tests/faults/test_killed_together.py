"""Supervisor and guardian are killed at once: nobody is left to clean up, so the next start does it."""

import json
import os
import signal
from pathlib import Path

import pytest
from live_workspace import Owner, Workspace

from tui_runner.control.lock import wait_until_free
from tui_runner.process.guardian import process_table

pytestmark = pytest.mark.real

BODY = """
    escaped = "(setsid sleep 1000 &); trap '' TERM; echo ready; while :; do sleep 0.1; done"
    stubborn = task("stubborn", commands={"dev": command(escaped, ready_when="ready", stop_timeout=0.1)})
    main = pipeline([service("web"), stubborn, task("quick", run="true")])
"""


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_together(owner: Owner, workspace: Workspace) -> str:
    """Kill the supervisor and its guardian before either can notice; return the marker of what is left."""
    (guardian,) = children_of(owner.pid)
    marker: str = json.loads(workspace.places.journal.read_text().splitlines()[0])["marker"]
    assert len(process_table.marked(marker)) >= 3
    for pid in (guardian, owner.pid):
        os.kill(pid, signal.SIGSTOP)
    for pid in (guardian, owner.pid):
        os.kill(pid, signal.SIGKILL)
    owner.wait_exit()
    owner.socket.close()
    wait_until_free(workspace.places.lock)
    assert len(process_table.marked(marker)) >= 3, "nobody was left to clean up"
    return marker


def test_the_next_run_ends_what_is_left(workspace: Workspace) -> None:
    marker = kill_together(workspace.write(BODY).up(), workspace)
    done = workspace.cli("run", "quick")
    assert "killed together with its guardian" in done.err
    assert process_table.marked(marker) == set()
    assert not workspace.places.journal.exists()
    assert "killed together" not in workspace.cli("run", "quick").err


def test_the_next_supervisor_ends_what_is_left(workspace: Workspace) -> None:
    marker = kill_together(workspace.write(BODY).up(), workspace)
    workspace.up()
    assert process_table.marked(marker) == set()
    assert "killed together with its guardian" in workspace.places.log.read_text()
    workspace.cli("down")
    assert not workspace.places.journal.exists()


def test_a_journal_that_is_a_pipe_or_garbage_hurts_nobody(workspace: Workspace) -> None:
    workspace.write(BODY)
    workspace.cli("run", "quick")
    os.mkfifo(workspace.places.journal)
    workspace.cli("run", "quick")
    workspace.places.journal.write_bytes(b"\xff" * 5000)
    workspace.cli("run", "quick")
    assert not workspace.places.journal.exists()
