"""The guardian is killed: the supervisor starts another one and brings everything down in order."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from killed_run import PARTS, children_of, marker_of, story_of, torn_down
from live_workspace import Workspace
from rig import is_alive

from tui_runner.process.guardian import process_table

pytestmark = pytest.mark.real

STUBBORN = "trap 'echo stopping; touch ../stopping' TERM; echo ready; while :; do sleep 0.01; done"
CHAIN = (
    PARTS
    + f"""
    stubborn = command({STUBBORN!r}, ready_when="ready", stop_timeout=0.5, teardown="echo web >> ../story")
    os.makedirs("web", exist_ok=True)
    web = task("web", commands={{"dev": stubborn}}, depends_on=["api"], cwd="web")
    main = pipeline([part("db"), part("api", "db"), web, quick])
"""
)
REPLACED = "was killed by signal 9; another one took its place and stopped everything in order"


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path)
    yield made
    made.close()


def test_everything_is_stopped_in_order_when_the_guardian_is_killed_while_a_task_is_being_stopped(
    workspace: Workspace,
) -> None:
    owner = workspace.write(CHAIN).up()
    marker = marker_of(workspace)
    (guardian,) = children_of(owner.pid)
    owner.send("stop", "web")
    while not (workspace.root / "stopping").exists():
        assert is_alive(guardian)
    os.kill(guardian, signal.SIGKILL)
    ended = owner.until_end()
    owner.wait_exit()
    assert ended is not None
    assert ended.exit_code == 3
    assert REPLACED in ended.summary
    assert story_of(workspace) == ["web", *torn_down("api", "db")]
    assert process_table.marked(marker) == set()
    assert not workspace.places.journal.exists()


def test_a_guardian_that_is_killed_during_a_teardown_does_not_make_it_run_twice(workspace: Workspace) -> None:
    slow = 'part("api", "db", teardown="echo begun >> ../story; until [ -e ../go ]; do sleep 0.01; done; ")'
    owner = workspace.write(PARTS + f'    main = pipeline([part("db"), {slow}, quick])\n').up()
    (guardian,) = children_of(owner.pid)
    owner.send("down")
    while "begun" not in story_of(workspace):
        assert is_alive(guardian)
    os.kill(guardian, signal.SIGKILL)
    (workspace.root / "go").touch()
    ended = owner.until_end()
    assert ended is not None
    assert ended.exit_code == 3
    assert "the teardown of `api` failed: how it ended is not known" in ended.summary
    assert story_of(workspace) == ["begun", *torn_down("api", "db")]


def test_all_guardians_may_be_killed_one_after_the_other(workspace: Workspace) -> None:
    owner = workspace.write(CHAIN).up()
    marker = marker_of(workspace)
    (guardian,) = children_of(owner.pid)
    os.kill(guardian, signal.SIGKILL)
    while not (workspace.root / "stopping").exists():
        assert is_alive(owner.pid)
    second = guardian_of(owner.pid, marker)
    assert second != guardian
    os.kill(second, signal.SIGKILL)
    ended = owner.until_end()
    owner.wait_exit()
    assert ended is not None
    assert ended.exit_code == 3
    assert story_of(workspace) == ["web", *torn_down("api", "db")]
    assert process_table.marked(marker) == set()


def run_without_screen(workspace: Workspace) -> "tuple[subprocess.Popen[str], int]":
    """Bring the system up in the foreground; return the process and its guardian."""
    running = subprocess.Popen(
        [sys.executable, "-P", "-m", "tui_runner", "dev", "--no-tui"],
        cwd=workspace.root,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert running.stdout is not None
    assert any("web" in line and "ready" in line for line in running.stdout)
    return running, guardian_of(running.pid, marker_of(workspace))


def guardian_of(pid: int, marker: str) -> int:
    """Return the guardian among the children of a supervisor."""
    (guardian,) = [child for child in children_of(pid) if marker in Path(f"/proc/{child}/cmdline").read_text()]
    return guardian


def test_a_run_in_the_foreground_says_so_and_exits_with_3(workspace: Workspace) -> None:
    running, guardian = run_without_screen(workspace.write(CHAIN))
    os.kill(guardian, signal.SIGKILL)
    _, told = running.communicate(timeout=30)
    assert running.returncode == 3, told
    assert REPLACED in told
    assert story_of(workspace) == ["web", *torn_down("api", "db")]


def test_it_says_so_too_when_a_signal_has_ended_it(workspace: Workspace) -> None:
    running, guardian = run_without_screen(workspace.write(CHAIN))
    running.send_signal(signal.SIGINT)
    while not (workspace.root / "stopping").exists():
        assert running.poll() is None
    os.kill(guardian, signal.SIGKILL)
    _, told = running.communicate(timeout=30)
    assert running.returncode == 130, told
    assert REPLACED in told
    assert story_of(workspace) == ["web", *torn_down("api", "db")]


def test_a_supervisor_that_is_killed_after_its_guardian_leaves_all_to_the_other_one(workspace: Workspace) -> None:
    owner = workspace.write(CHAIN).up()
    marker = marker_of(workspace)
    (guardian,) = children_of(owner.pid)
    os.kill(guardian, signal.SIGKILL)
    while not (workspace.root / "stopping").exists():
        assert is_alive(owner.pid)
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait_exit()
    workspace.close()
    assert story_of(workspace) == ["web", *torn_down("api", "db")]
    assert process_table.marked(marker) == set()


def test_processes_that_have_cleared_their_environment_do_not_outlive_a_killed_guardian(workspace: Workspace) -> None:
    daemon = "env -i setsid sh -c '(sleep 1000 & echo $! > pid); exit' ; echo ready; exec sleep 1000"
    workspace.write(f"""
    main = pipeline([task("clean", commands={{"dev": command({daemon!r}, ready_when="ready")}})])
    """)
    owner = workspace.up()
    (guardian,) = children_of(owner.pid)
    escaped = int((workspace.root / "pid").read_text())
    assert is_alive(escaped)
    os.kill(guardian, signal.SIGKILL)
    owner.until_end()
    owner.wait_exit()
    assert not is_alive(escaped)


def test_tasks_have_no_descriptors_of_ours(workspace: Workspace) -> None:
    workspace.write("""
    main = pipeline([task("looks", run="ls -l /proc/self/fd")])
    """)
    shown = workspace.cli("run", "looks").out
    assert len([line for line in shown.splitlines() if " -> " in line]) == 4, shown  # the last is of `ls` itself
