"""Supervisor and guardian were killed together: whoever comes next ends what is left, and tells it."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from killed_run import PARTS, children_of, kill_at_once, kill_together, marker_of, story_of, torn_down
from live_workspace import Workspace
from rig import is_alive

from tui_runner.control.lock import wait_until_free
from tui_runner.process.guardian import process_table

pytestmark = pytest.mark.real

CHAIN = (
    PARTS
    + """
    main = pipeline([part("db"), part("api", "db"), part("web", "api"), quick])
"""
)
KILLED = "the run before was killed together with its guardian: cleaning up"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path)
    yield made
    made.close()


def last_log(workspace: Workspace, task: str) -> str:
    """Return the log of a task in the oldest run."""
    first = min((workspace.root / ".tui_runner" / "runs").iterdir())
    return (first / "logs" / f"{task}.log").read_text()


def test_the_next_run_tears_down_in_order_with_environment_directory_and_log_of_the_run(workspace: Workspace) -> None:
    marker = kill_together(workspace.write(CHAIN).up(), workspace)
    assert len(process_table.marked(marker)) == 3, "nobody was left to clean up"
    done = workspace.cli("run", "quick")
    assert done.err.splitlines()[:3] == [
        f"note: {KILLED}",
        "note: 3 processes, of `web`, `api`, `db`, still ran and had to be ended",
        "note: the teardowns of `web`, `api`, `db` were due and have run now",
    ]
    assert story_of(workspace) == torn_down("web", "api", "db")
    assert process_table.marked(marker) == set()
    for name in ("web", "api", "db"):
        assert f"{name} is down\n" in last_log(workspace, name)
    assert not workspace.places.journal.exists()
    assert "note:" not in workspace.cli("run", "quick").err
    assert story_of(workspace) == torn_down("web", "api", "db"), "once"


def test_the_next_system_tells_it_on_its_screen_and_at_its_end(workspace: Workspace) -> None:
    marker = kill_together(workspace.write(CHAIN).up(), workspace)
    owner = workspace.up()
    assert process_table.marked(marker) == set()
    assert story_of(workspace) == torn_down("web", "api", "db")
    with workspace.client() as client:
        run = client.request("ps").run
    assert run is not None
    assert run.recovered[0] == KILLED
    owner.send("down")
    ended = owner.until_end()
    assert ended is not None
    assert "note: the teardowns of `web`, `api`, `db` were due and have run now" in ended.summary.splitlines()


def test_a_system_that_is_started_in_the_background_tells_it_at_once(workspace: Workspace) -> None:
    kill_together(workspace.write(CHAIN).up(), workspace)
    told = workspace.cli("dev", "--detach").err
    assert f"note: {KILLED}" in told.splitlines()
    assert "note: the teardowns of `web`, `api`, `db` were due and have run now" in told.splitlines()
    workspace.cli("down")


def test_doctor_cleans_up_and_tells_what_it_did(workspace: Workspace) -> None:
    marker = kill_together(workspace.write(CHAIN).up(), workspace)
    done = workspace.cli("doctor", code=None)
    assert KILLED in done.out
    assert "the teardowns of `web`, `api`, `db` were due and have run now" in done.out
    assert story_of(workspace) == torn_down("web", "api", "db")
    assert process_table.marked(marker) == set()
    again = workspace.cli("doctor", code=None)
    assert "no run was killed with its guardian" in again.out
    assert "note:" not in workspace.cli("run", "quick").err


def test_doctor_leaves_a_run_that_lives_alone(workspace: Workspace) -> None:
    owner = workspace.write(CHAIN).up()
    assert "no run was killed with its guardian" in workspace.cli("doctor", code=None).out
    assert story_of(workspace) == []
    owner.send("down")
    owner.until_end()
    assert story_of(workspace) == torn_down("web", "api", "db")


def test_who_cleans_up_can_be_killed_as_well_and_no_teardown_runs_twice(workspace: Workspace) -> None:
    waits = 'part("api", "db", teardown="echo begun >> ../story; until [ -e ../go ]; do sleep 0.01; done; ")'
    body = PARTS + f'    main = pipeline([part("db"), {waits}, part("web", "api"), quick])\n'
    marker = kill_together(workspace.write(body).up(), workspace)
    cleaning = subprocess.Popen(
        [sys.executable, "-P", "-m", "tui_runner", "run", "quick"], cwd=workspace.root, stderr=subprocess.PIPE
    )
    while "begun" not in story_of(workspace):
        assert cleaning.poll() is None
    kill_at_once((*children_of(cleaning.pid), cleaning.pid))
    cleaning.communicate()
    wait_until_free(workspace.places.lock)
    (workspace.root / "go").touch()
    told = workspace.cli("run", "quick").err
    assert KILLED in told
    assert "`api`" in told, "nobody can know how the teardown ended that ran when its guardian was killed"
    assert story_of(workspace) == [*torn_down("web"), "begun", *torn_down("api", "db")]
    assert process_table.marked(marker) == set()


def test_a_guardian_that_is_killed_while_it_cleans_up_is_replaced(workspace: Workspace) -> None:
    waits = 'part("api", "db", teardown="echo begun >> ../story; until [ -e ../go ]; do sleep 0.01; done; ")'
    body = PARTS + f'    main = pipeline([part("db"), {waits}, part("web", "api"), quick])\n'
    kill_together(workspace.write(body).up(), workspace)
    cleaning = subprocess.Popen(
        [sys.executable, "-P", "-m", "tui_runner", "run", "quick"],
        cwd=workspace.root,
        stderr=subprocess.PIPE,
        text=True,
    )
    while "begun" not in story_of(workspace):
        assert cleaning.poll() is None
    cleaner = next(pid for pid in children_of(cleaning.pid) if marker_of(workspace) in cmdline(pid))
    os.kill(cleaner, signal.SIGKILL)
    (workspace.root / "go").touch()
    _, told = cleaning.communicate(timeout=30)
    assert cleaning.returncode == 0, told
    assert "the teardown of `db` was due and has run now" in told
    assert story_of(workspace).count("begun") == 1
    assert story_of(workspace)[-1:] == torn_down("db")


def cmdline(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_text()


def test_a_run_under_another_runtime_directory_is_left_alone(
    workspace: Workspace, tmp_path_factory: pytest.TempPathFactory
) -> None:
    owner = workspace.write(CHAIN).up()
    elsewhere = tmp_path_factory.mktemp("run")
    elsewhere.chmod(0o700)
    done = workspace.cli("run", "quick", env={"XDG_RUNTIME_DIR": str(elsewhere)})
    assert "note:" not in done.err
    assert story_of(workspace) == []
    assert workspace.places.journal.stat().st_size > 0
    owner.send("down")
    owner.until_end()
    assert story_of(workspace) == torn_down("web", "api", "db")


def test_the_journal_is_private_while_the_run_lives_and_gone_after_its_end(workspace: Workspace) -> None:
    owner = workspace.write(CHAIN).up()
    assert workspace.places.journal.stat().st_mode & 0o777 == 0o600
    assert workspace.places.journal.parent.stat().st_mode & 0o777 == 0o700
    owner.send("down")
    owner.until_end()
    owner.wait_exit()
    assert not workspace.places.journal.exists()


def test_processes_that_have_cleared_their_environment_are_ended_too(workspace: Workspace) -> None:
    daemon = "env -i setsid sleep 1000 & echo $! > pid; echo ready; exec sleep 1000"
    body = f"""
    main = pipeline([
        task("clean", commands={{"dev": command({daemon!r}, ready_when="ready")}}),
        task("quick", commands={{"build": "true"}}),
    ])
    """
    kill_together(workspace.write(body).up(), workspace)
    daemon_pid = int((workspace.root / "pid").read_text())
    assert is_alive(daemon_pid)
    workspace.cli("run", "quick")
    assert not is_alive(daemon_pid)


def test_daemons_that_have_left_their_task_and_cleared_their_environment_are_ended_too(workspace: Workspace) -> None:
    daemon = "env -i setsid sh -c '(sleep 1000 & echo $! > pid); exit' ; echo ready; exec sleep 1000"
    body = f"""
    main = pipeline([
        task("clean", commands={{"dev": command({daemon!r}, ready_when="ready")}}),
        task("quick", commands={{"build": "true"}}),
    ])
    """
    owner = workspace.write(body).up()
    while '"is":"orphan"' not in workspace.places.journal.read_text():
        assert is_alive(owner.pid)
    kill_together(owner, workspace)
    daemon_pid = int((workspace.root / "pid").read_text())
    assert is_alive(daemon_pid)
    assert "2 processes, of `clean`, still ran and had to be ended" in workspace.cli("run", "quick").err
    assert not is_alive(daemon_pid)
