import contextlib
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest
from live_workspace import Workspace

from tui_runner.control.daemon_options import DaemonOptions
from tui_runner.control.lock import Holder, holder_of, wait_until_free
from tui_runner.control.protocol import Ended, Refused
from tui_runner.errors.problem import ProblemKind
from tui_runner.model.view import RunPhase

pytestmark = pytest.mark.real

SHOP = 'main = pipeline([service("db"), service("api", "db"), task("job", run="echo done")])'


@pytest.fixture
def workspace(tmp_path: Path) -> Iterator[Workspace]:
    made = Workspace(tmp_path)
    yield made
    made.close()


def pids(workspace: Workspace) -> list[int]:
    """Return the supervisor and all that lives below it."""
    with workspace.client() as client:
        run = client.request("ps").run
    assert run is not None
    supervisor = psutil.Process(run.supervisor_pid)
    return [supervisor.pid, *(child.pid for child in supervisor.children(recursive=True))]


def alive(numbers: list[int]) -> list[int]:
    found = []
    for number in numbers:
        with contextlib.suppress(psutil.NoSuchProcess):
            if psutil.Process(number).status() != psutil.STATUS_ZOMBIE:
                found.append(number)
    return found


def test_a_system_comes_up_and_goes_down_with_its_owner(workspace: Workspace) -> None:
    owner = workspace.write(SHOP).up()
    family = pids(workspace)
    assert len(family) >= 4
    owner.socket.close()
    assert owner.wait_exit() == 0
    assert alive(family) == []
    assert not workspace.places.socket.exists()
    assert holder_of(workspace.places.lock) is None


def test_down_is_answered_by_the_end_of_the_run(workspace: Workspace) -> None:
    owner = workspace.write(SHOP).up()
    owner.send("down")
    ended = owner.until_end()
    assert ended == Ended(exit_code=0, summary="3 tasks: 3 completed")
    assert owner.wait_exit() == 0


def test_a_detached_system_outlives_its_owner(workspace: Workspace) -> None:
    owner = workspace.write(SHOP).up()
    owner.send("detach")
    owner.socket.shutdown(socket.SHUT_WR)
    assert owner.until_end() is None
    with workspace.client() as client:
        assert client.request("ps").ok
        client.request("down", wait=False)
        client.wait_closed()
    assert owner.wait_exit() == 0


def test_the_supervisor_is_a_session_of_its_own_and_holds_the_lock(workspace: Workspace) -> None:
    owner = workspace.write(SHOP).up()
    assert os.getsid(owner.pid) == owner.pid
    with workspace.client() as client:
        assert holder_of(workspace.places.lock) == Holder(pid=owner.pid, run_id=client.hello.run_id)
    assert workspace.places.log.stat().st_mode & 0o777 == 0o600


def test_a_second_supervisor_says_who_is_there(workspace: Workspace) -> None:
    first = workspace.write(SHOP).up()
    second = workspace.launch()
    refused = second.receive()
    assert isinstance(refused, Refused)
    [problem] = refused.problems
    assert problem.kind is ProblemKind.ALREADY_RUNNING
    assert f"(process {first.pid}, run 2" in problem.message
    assert (
        problem.help
        == "`tui-runner attach` shows it, `tui-runner logs -f` prints what it prints, `tui-runner down` stops it"
    )
    assert second.wait_exit() == 2
    assert len(pids(workspace)) >= 4


def test_problems_of_the_definitions_come_back_to_the_owner(workspace: Workspace) -> None:
    workspace.write(
        'main = pipeline([task("a", run="true", depends_on=["b"]), task("b", run="true", depends_on=["a"])])'
    )
    owner = workspace.launch()
    refused = owner.receive()
    assert isinstance(refused, Refused)
    assert [problem.kind for problem in refused.problems] == [ProblemKind.CYCLE]
    assert owner.wait_exit() == 2
    assert not workspace.places.socket.exists()


def test_a_file_that_raises_is_refused_and_its_prints_go_to_the_log(workspace: Workspace) -> None:
    workspace.write('print("hello from the file")\nraise RuntimeError("no luck")')
    owner = workspace.launch()
    refused = owner.receive()
    assert isinstance(refused, Refused)
    assert "RuntimeError: no luck" in refused.problems[0].message
    assert owner.wait_exit() == 2
    assert "hello from the file" in workspace.places.log.read_text()


def test_modules_of_the_workspace_do_not_replace_ours(workspace: Workspace) -> None:
    for name in ("msgspec", "json", "asyncio", "tui_runner", "widgets"):
        (workspace.root / f"{name}.py").write_text('raise RuntimeError("the wrong module")')
    workspace.write('main = pipeline([service("db")])').up()


def test_signals_stop_the_run_in_order(workspace: Workspace) -> None:
    owner = workspace.write(SHOP).up()
    os.kill(owner.pid, signal.SIGTERM)
    ended = owner.until_end()
    assert ended is not None
    assert owner.wait_exit() == 0
    log = next((workspace.root / ".tui_runner" / "runs").glob("*/logs/db.log")).read_text()
    assert "bye" in log


def test_a_killed_supervisor_leaves_nothing_and_the_next_one_starts(workspace: Workspace) -> None:
    owner = workspace.write(SHOP).up()
    family = [psutil.Process(number) for number in pids(workspace) if number != owner.pid]
    os.kill(owner.pid, signal.SIGKILL)
    owner.wait_exit()
    owner.until_end()
    gone, left = psutil.wait_procs(family, timeout=20)
    assert left == [], gone
    assert workspace.places.socket.exists()
    wait_until_free(workspace.places.lock)
    workspace.up()
    assert len(pids(workspace)) >= 4


def test_nothing_that_the_starter_had_open_is_inherited(workspace: Workspace) -> None:
    reader, writer = os.pipe()
    os.set_inheritable(writer, True)
    try:
        owner = workspace.write(SHOP).up()
    finally:
        os.close(writer)
    # End of file comes at once: nobody else holds the other end.
    os.set_blocking(reader, False)
    assert os.read(reader, 1) == b""
    os.close(reader)
    assert owner.tasks


def test_restart_over_the_socket_returns_when_the_new_generation_is_ready(workspace: Workspace) -> None:
    workspace.write(SHOP).up()
    with workspace.client() as client:
        before = {view.id: view for view in client.request("ps").tasks}
        reply = client.request("restart", "db")
        assert (reply.ok, reply.message) == (True, "`db` is ready")
        assert reply.tasks[0].attempt == before["db"].attempt + 1
        after = {view.id: view for view in client.request("ps").tasks}
        assert after["api"].attempt == before["api"].attempt


def test_stop_over_the_socket_takes_dependents_down_first(workspace: Workspace) -> None:
    workspace.write('main = pipeline([db := service("db"), service("api", db)])').up()
    with workspace.client() as client:
        reply = client.request("stop", "db")
        assert (reply.ok, reply.message) == (True, "`db` is stopped, after `api`, which needs it")
        assert client.request("ps").run is not None
        reply = client.request("start", "api")
        assert (reply.ok, reply.message) == (True, "`api` is ready")


def test_an_inherited_sighup_that_is_ignored_stays_ignored(workspace: Workspace) -> None:
    workspace.write(SHOP)
    program = f"""
import signal, sys
signal.signal(signal.SIGHUP, signal.SIG_IGN)
from tui_runner.control.daemon_options import DaemonOptions
from tui_runner.control.launch import launch_supervisor
launched = launch_supervisor(DaemonOptions(file={str(workspace.root / "pipeline.py")!r}))
launched.socket.recv(1)
print(launched.pid, flush=True)
sys.stdin.read()
"""
    with subprocess.Popen([sys.executable, "-c", program], stdin=-1, stdout=-1, text=True) as starter:
        assert starter.stdout is not None
        pid = int(starter.stdout.readline())
        os.kill(pid, signal.SIGHUP)
        with workspace.client() as client:
            run = client.request("ps").run
            assert run is not None
            assert run.phase is RunPhase.RUNNING
        starter.communicate("")
    wait_until_free(workspace.places.lock)


def test_options_survive_the_way_to_the_process(workspace: Workspace) -> None:
    workspace.write('main = pipeline([service("db"), service("api")])')
    owner = workspace.up(targets=("api",), mode="dev", max_concurrency=1)
    assert list(owner.tasks) == ["api"]
    assert DaemonOptions(file="x").targets is None
