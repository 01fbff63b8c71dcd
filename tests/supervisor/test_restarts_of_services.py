"""Restarts with real processes: what people and changes may ask for at any moment, and what dependents do."""

import asyncio
import os
import signal
from collections.abc import Callable

import pytest
from live_system import System
from rig import DEADLINE_S, SERVE, down, service, serving, waits_for

from tui_runner.model.command import command
from tui_runner.model.liveness import alive
from tui_runner.model.policy import restart, watch
from tui_runner.model.probe import exec_probe
from tui_runner.model.state import Backoff, CrashLoop, Failed, Pending, Ready, Stopping
from tui_runner.model.task import task
from tui_runner.process.guardian import process_table

pytestmark = pytest.mark.real

CRASHES = "echo ready; exit 3"
LATER = restart("on-failure", delay="60s", max_delay="60s")
"""A backoff that no test waits for."""


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(DEADLINE_S):
        while not condition():  # noqa: ASYNC110 - views and files set no events
            await asyncio.sleep(0.01)


def crash(system: System, name: str) -> None:
    """Kill the process of a ready service, as the system does when memory is short."""
    state = system.supervisor.view(name).state
    assert isinstance(state, Ready), state
    os.kill(state.pid, signal.SIGKILL)


def pid_of(system: System, name: str) -> int:
    state = system.supervisor.view(name).state
    assert isinstance(state, Ready), state
    return state.pid


async def up_again(system: System, name: str, attempt: int) -> None:
    await until(lambda: system.supervisor.view(name).attempt == attempt and system.word(name) == "ready")


# -- at any moment --------------------------------------------------------------------------------------------


async def test_a_restart_during_the_backoff_does_not_wait_for_it(system: System) -> None:
    run = await system.up(task("t", run=serving(restart=LATER)))
    crash(system, "t")
    await system.reaches("t", "backoff")
    run.restart_task("t")
    view = await run.wait_settled("t", "restart")
    assert isinstance(view.state, Ready)
    assert (view.attempt, view.restart_reason) == (2, "restarted by hand")
    assert b"attempt 2: restarted by hand" in system.witness.log["t"]


async def test_a_restart_while_the_task_is_being_stopped_brings_it_up_again_once(system: System) -> None:
    leaves_late = "trap 'touch leaving; while ! [ -e go ]; do sleep 0.01; done; exit 0' TERM"
    body = f"{leaves_late}; echo ready; while :; do sleep 0.01; done"
    run = await system.up(task("t", run=command(body, ready_when="ready", teardown=down("t"))))
    run.stop_task("t")
    await until((system.directory / "leaving").exists)
    run.restart_task("t")
    run.restart_task("t")
    assert isinstance(run.view("t").state, Stopping)
    (system.directory / "go").touch()
    view = await run.wait_settled("t", "restart")
    assert isinstance(view.state, Ready)
    assert view.attempt == 2
    assert not (system.directory / "downs").exists()
    await system.down()
    assert (system.directory / "downs").read_text().split() == ["t"]


async def test_a_restart_ends_what_the_attempt_before_has_put_into_another_session(system: System) -> None:
    body = "setsid sh -c 'echo $$ >> escaped; exec sleep 1000' & until [ -s escaped ]; do sleep 0.01; done; " + SERVE
    run = await system.up(task("t", run=command(body, ready_when="ready", teardown=down("t"))))
    escaped = int((system.directory / "escaped").read_text())
    run.restart_task("t")
    await up_again(system, "t", 2)
    assert escaped not in process_table.everyone()
    assert not (system.directory / "downs").exists()


async def test_a_restart_during_the_teardown_waits_for_its_end_and_opens_a_new_activation(system: System) -> None:
    slow = f"touch tearing; while ! [ -e go ]; do sleep 0.01; done; {down('t')}"
    run = await system.up(task("t", run=serving(teardown=slow)))
    run.stop_task("t")
    await until((system.directory / "tearing").exists)
    run.restart_task("t")
    assert isinstance(run.view("t").state, Pending)
    (system.directory / "go").touch()
    view = await run.wait_settled("t", "restart")
    assert isinstance(view.state, Ready)
    assert view.attempt == 2
    await system.down()
    assert (system.directory / "downs").read_text().split() == ["t", "t"]


async def test_a_stop_during_the_backoff_leaves_nothing_to_come(system: System) -> None:
    run = await system.up(task("t", run=serving(restart=LATER, teardown=down("t"))))
    crash(system, "t")
    await system.reaches("t", "backoff")
    run.stop_task("t")
    await run.wait_settled("t", "stop")
    assert system.word("t") == "completed"
    assert (system.directory / "downs").read_text().split() == ["t"]


async def test_the_end_of_the_run_does_not_wait_for_a_backoff(system: System) -> None:
    await system.up(task("t", run=serving(restart=LATER)))
    crash(system, "t")
    await system.reaches("t", "backoff")
    [stats] = (await system.down()).stats.tasks
    assert (stats.attempts, stats.restarts) == (1, 0)


# -- a crash loop ---------------------------------------------------------------------------------------------


async def test_a_crash_loop_is_revived_by_a_change_of_what_it_watches(system: System) -> None:
    (system.directory / "src").mkdir()
    (system.directory / "src" / "app").write_text("broken")
    body = f"grep -q broken src/app && exit 3; {SERVE}"
    policy = restart("on-failure", delay="1ms", limit=2)
    run = await system.up(task("t", run=command(body, ready_when="ready", restart=policy, watch=watch("src"))))
    state = run.view("t").state
    assert isinstance(state, Failed)
    assert isinstance(state.failure.crash_loop, CrashLoop)
    assert state.failure.crash_loop.restarts == 2
    (system.directory / "src" / "app").write_text("mended")
    await up_again(system, "t", 4)
    assert run.view("t").restart_reason == "changed: src/app"


async def test_what_waits_for_a_crash_loop_starts_when_a_person_has_revived_it(system: System) -> None:
    body = f"[ -e mended ] || exit 3; {SERVE}"
    policy = restart("on-failure", delay="1ms", limit=1)
    run = await system.up(task("db", run=command(body, ready_when="ready", restart=policy)), service("api", "db"))
    assert run.view("api").state == Pending(blocked_by="db")
    (system.directory / "mended").touch()
    run.restart_task("db")
    await run.wait_settled("db", "restart")
    await run.wait_settled("api", "start")
    assert system.word("api") == "ready"


# -- dependents -----------------------------------------------------------------------------------------------


async def test_dependents_keep_their_processes_when_a_service_crashes(system: System) -> None:
    await system.up(task("db", run=serving(restart=restart("on-failure", delay="1ms"))), service("api", "db"))
    before = pid_of(system, "api")
    crash(system, "db")
    await up_again(system, "db", 2)
    assert pid_of(system, "api") == before


async def test_dependents_are_started_again_after_the_service_when_it_asks_for_them(system: System) -> None:
    policy = restart("on-failure", delay="1ms", restart_dependents=True)
    db = task("db", run=command(f"echo db >> story; {SERVE}", ready_when="ready", restart=policy))
    api = task("api", run=command(f"echo api >> story; {SERVE}", ready_when="ready"), depends_on=[db])
    run = await system.up(db, api)
    crash(system, "db")
    await up_again(system, "api", 2)
    assert (system.directory / "story").read_text().split() == ["db", "api", "db", "api"]
    assert b"exit" not in system.witness.log["api"]
    assert run.view("api").last_failure is None


async def test_a_restart_with_dependents_is_waited_for_whole(system: System) -> None:
    db = service("db")
    api = task("api", run=command(f"[ -e slow ] && {waits_for('go')}; {SERVE}", ready_when="ready"), depends_on=[db])
    run = await system.up(db, api)
    (system.directory / "slow").touch()
    run.restart_task("db", with_dependents=True)
    waiting = asyncio.get_running_loop().create_task(run.wait_settled("db", "restart", "api"))
    await up_again(system, "db", 2)
    await until(lambda: run.view("api").attempt == 2)
    assert not waiting.done()
    (system.directory / "go").touch()
    async with asyncio.timeout(DEADLINE_S):
        await waiting
    assert system.word("api") == "ready"


# -- while it is asked whether it lives -----------------------------------------------------------------------


async def test_a_service_that_dies_in_the_middle_of_a_liveness_question_has_crashed_once(system: System) -> None:
    checked = alive(exec_probe("touch asked; exec sleep 1000"), interval="10ms", failures=1, timeout="60s")
    run = await system.up(task("t", run=serving(alive=checked, restart=restart("on-failure", delay="1ms"))))
    await until((system.directory / "asked").exists)
    crash(system, "t")
    await up_again(system, "t", 2)
    assert run.view("t").restarts == 1
    assert b"does not answer" not in system.witness.log["t"]
    assert run.view("t").unhealthy == ""


async def test_a_service_that_is_given_up_and_dies_of_itself_meanwhile_is_restarted_once(system: System) -> None:
    checked = alive(exec_probe("! [ -e sick ]"), interval="10ms", failures=1)
    body = f"rm -f sick; trap 'sleep 0.05; exit 9' TERM; {SERVE.removeprefix('exec ')}"
    run = await system.up(
        task("t", run=command(body, ready_when="ready", alive=checked, restart=restart("on-failure", delay="1ms")))
    )
    (system.directory / "sick").touch()
    await up_again(system, "t", 2)
    assert run.view("t").restarts == 1


async def test_a_backoff_says_when_and_after_what_the_next_attempt_comes(system: System) -> None:
    run = await system.up(task("t", run=command(CRASHES, ready_when="ready", restart=LATER)), wait=False)
    await system.reaches("t", "backoff")
    state = run.view("t").state
    assert isinstance(state, Backoff)
    assert state.failure is not None
    assert (state.delay_s, state.number, state.most, state.failure.exit_code) == (60, 1, 5, 3)
