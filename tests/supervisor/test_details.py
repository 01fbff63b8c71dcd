"""What the supervisor tells of a task on request, and signals sent by hand, with real processes."""

import signal

import pytest
from live_system import System
from rig import python, service

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.command import command
from tui_runner.model.policy import restart
from tui_runner.model.state import (
    Backoff,
    Completed,
    Failed,
    Failure,
    Pending,
    Ready,
    Running,
    Skipped,
    SkipReason,
    Starting,
    Stopping,
    StopReason,
    TaskState,
)
from tui_runner.model.task import task
from tui_runner.supervisor.attempts import MOST_ATTEMPTS, Attempts

FAILURE = Failure(code=ErrorCode.TASK_FAILED, message="[t] exited with 3", exit_code=3)
LISTENS = (
    "import socket, subprocess, sys, time\n"
    "door = socket.create_server(('127.0.0.1', 0))\n"
    "open('port', 'w').write(str(door.getsockname()[1]))\n"
    "child = subprocess.Popen([sys.executable, '-I', '-S', '-c', 'import time; time.sleep(1000)'], pass_fds=(door.fileno(),))\n"
    "print('ready', flush=True)\n"
    "time.sleep(1000)\n"
)


@pytest.mark.real
async def test_processes_ports_and_variables_are_told(system: System) -> None:
    env = {"SHOP_TOKEN": "hunter2", "SHOP_PORT": "8000"}
    run = await system.up(task("t", run=command(python(LISTENS), ready_when="ready", env=env)))
    state = run.view("t").state
    assert isinstance(state, Ready)
    details = await run.details("t")
    assert [(one.name, one.value, one.masked) for one in details.environment] == [
        ("SHOP_PORT", "8000", False),
        ("SHOP_TOKEN", "", True),
    ]
    assert details.processes[0].pid == state.pid
    assert len(details.processes) == 2
    assert details.processes[1].parent == state.pid
    port = int((system.directory / "port").read_text())
    assert [(one.port, one.pid) for one in details.listening] == [(port, state.pid)]
    assert [attempt.number for attempt in details.attempts] == [1]
    assert details.attempts[0].ready_at is not None
    assert details.attempts[0].finished_at is None


@pytest.mark.real
async def test_a_task_that_has_ended_has_attempts_and_no_processes(system: System) -> None:
    run = await system.up(task("t", run="exit 3"))
    details = await run.details("t")
    assert (details.processes, details.listening) == ((), ())
    [attempt] = details.attempts
    assert isinstance(attempt.last, Failed)
    assert attempt.finished_at is not None


@pytest.mark.real
async def test_a_signal_sent_by_hand_reaches_the_process_and_stands_in_the_log(system: System) -> None:
    traps = "trap 'echo heard; kill $!; exit 0' HUP; sleep 1000 & echo ready; wait"
    run = await system.up(task("t", run=command(traps, ready_when="ready")))
    run.signal_task("t", signal.SIGHUP)
    await system.reaches("t", "completed")
    assert b"heard" in system.witness.log["t"]
    assert "SIGHUP sent by hand" in system.witness.log["t"].decode()


@pytest.mark.real
async def test_a_restart_with_dependents_gives_all_of_them_a_new_process(system: System) -> None:
    run = await system.up(service("db"), service("api", "db"), service("mail"))
    before = {view.id: view.state for view in run.views()}
    run.restart_task("db", with_dependents=True)
    await run.wait_settled("db", "restart")
    await system.reaches("api", "ready")
    after = {view.id: view.state for view in run.views()}
    assert [name for name in after if after[name] != before[name]] == ["db", "api"]
    assert run.view("api").restart_reason == "restarted by hand with db"


@pytest.mark.real
async def test_the_first_start_is_remembered_over_restarts(system: System) -> None:
    run = await system.up(service("db"))
    first = run.view("db")
    assert first.first_started_at == first.started_at
    assert first.first_up_at == first.ready_at
    run.restart_task("db")
    again = await run.wait_settled("db", "restart")
    assert (again.first_started_at, again.first_up_at) == (first.first_started_at, first.first_up_at)
    assert again.started_at != first.started_at
    assert again.first_ended_at is None, "a restart is no end"


@pytest.mark.real
async def test_the_first_end_is_remembered_over_restarts(system: System) -> None:
    run = await system.up(task("gen", run="exit 3"))
    first = run.view("gen")
    assert first.first_ended_at == first.finished_at
    run.restart_task("gen")
    again = await run.wait_settled("gen", "restart")
    assert again.finished_at != first.finished_at
    assert again.first_ended_at == first.first_ended_at


@pytest.mark.real
async def test_a_task_in_a_crash_loop_ended_first_when_it_was_up_no_more(system: System) -> None:
    lives = "echo ready; until [ -e enough ]; do sleep 0.01; done; exit 3"
    looping = command(lives, ready_when="ready", restart=restart("always", delay="1ms", limit=2))
    run = await system.up(task("loop", run=looping))
    (system.directory / "enough").touch()
    await system.reaches("loop", "failed")
    view = run.view("loop")
    assert view.first_up_at is not None
    assert view.first_ended_at is not None
    assert view.finished_at is not None
    assert view.first_up_at < view.first_ended_at < view.finished_at


def enter_all(attempts: Attempts, start: int, *states: TaskState) -> None:
    for at, state in enumerate(states, start):
        attempts.enter(state, at)


def test_an_attempt_that_was_restarted_says_so() -> None:
    attempts = Attempts()
    stopping = Stopping(attempt=1, pid=5, reason=StopReason.RESTART)
    enter_all(attempts, 0, Pending(), Starting(attempt=1), Running(attempt=1, pid=5), Ready(attempt=1, pid=5))
    enter_all(attempts, 10, stopping, Pending(), Starting(attempt=2), Running(attempt=2, pid=6))
    first, second = attempts.latest()
    assert (first.number, first.started_at, first.ready_at, first.finished_at, first.last) == (1, 2, 3, 11, stopping)
    assert (second.number, second.started_at, second.finished_at) == (2, 13, None)


def test_what_was_never_spawned_counts_when_it_failed_or_was_cached() -> None:
    attempts = Attempts()
    enter_all(attempts, 0, Starting(attempt=1), Failed(failure=FAILURE), Pending(), Starting(attempt=2))
    attempts.enter(Skipped(reason=SkipReason.CACHE_HIT), 9)
    assert [(one.number, one.started_at, one.finished_at) for one in attempts.latest()] == [(1, None, 1), (2, None, 9)]


def test_a_task_without_a_command_has_no_attempts() -> None:
    attempts = Attempts()
    attempts.enter(Pending(), 1)
    attempts.enter(Skipped(reason=SkipReason.COMMAND_NOT_FOUND), 2)
    attempts.enter(Completed(stopped=True), 3)
    assert attempts.latest() == ()


def test_a_task_that_crashes_for_ever_is_remembered_in_bounds() -> None:
    attempts = Attempts()
    for number in range(1, 200):
        attempts.enter(Running(attempt=number, pid=number), number)
        attempts.enter(Backoff(attempt=number + 1, delay_s=1, failure=FAILURE), number)
    assert [one.number for one in attempts.latest()] == list(range(200 - MOST_ATTEMPTS, 200))
