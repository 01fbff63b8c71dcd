"""Start, stop and restart while the system runs, with real processes."""

import asyncio
import os
import signal
from pathlib import Path

import pytest
from live_system import System
from rig import DEADLINE_S, down, service, serving, waits_for

from tui_runner.model.command import command
from tui_runner.model.pipeline import pipeline
from tui_runner.model.policy import restart
from tui_runner.model.state import Completed, Failed, Ready, Running, TeardownStatus
from tui_runner.model.task import task
from tui_runner.scheduling.course import Until
from tui_runner.supervisor.waiters import LIVES_S

pytestmark = pytest.mark.real


def lines(directory: Path, name: str) -> list[str]:
    path = directory / name
    return path.read_text().splitlines() if path.exists() else []


async def test_a_restart_returns_when_the_new_generation_is_ready(system: System) -> None:
    run = await system.up(task("db", run=serving(teardown=down("db"))), service("api", "db"))
    before = run.view("db").state
    run.restart_task("db")
    view = await run.wait_settled("db", "restart")
    assert isinstance(before, Ready)
    assert isinstance(view.state, Ready)
    assert view.state.pid != before.pid
    assert (view.restarts, view.attempt, view.restart_reason) == (1, 2, "restarted by hand")
    assert system.word("api") == "ready"
    assert lines(system.directory, "downs") == []
    await system.down()
    assert lines(system.directory, "downs") == ["db"]


async def test_a_restart_returns_when_the_new_generation_failed(system: System) -> None:
    once = "[ -e again ] && exit 4; touch again; echo ready; exec sleep 1000"
    run = await system.up(task("t", run=command(once, ready_when="ready")))
    run.restart_task("t")
    view = await run.wait_settled("t", "restart")
    assert isinstance(view.state, Failed)
    assert view.state.failure.exit_code == 4


async def test_a_restarted_step_that_others_wait_for_has_been_waited_for_until_it_completed(system: System) -> None:
    step = f"if [ -e again ]; then sleep {LIVES_S + 0.3}; fi; touch again"
    run = await system.up(task("migrate", run=step), service("api", "migrate"))
    run.restart_task("migrate")
    view = await run.wait_settled("migrate", "restart")
    assert isinstance(view.state, Completed)
    assert view.attempt == 2
    assert system.word("api") == "ready"


async def test_a_restarted_step_inside_a_nested_pipeline_that_others_wait_for_is_waited_for(system: System) -> None:
    step = task("migrate", run=f"if [ -e again ]; then sleep {LIVES_S + 0.3}; fi; touch again")
    data = pipeline([step]).to_task("data")
    run = await system.up(data, service("api", data))
    run.restart_task("data:migrate")
    view = await run.wait_settled("data:migrate", "restart")
    assert isinstance(view.state, Completed)


async def test_a_restarted_task_without_a_probe_that_ends_soon_is_told_as_it_ended(system: System) -> None:
    run = await system.up(task("t", run="[ -e again ] || exit 0; sleep 0.1; exit 5"))
    (system.directory / "again").touch()
    run.restart_task("t")
    view = await run.wait_settled("t", "restart")
    assert isinstance(view.state, Failed)
    assert view.state.failure.exit_code == 5


async def test_a_restarted_task_without_a_probe_that_lives_on_is_told_as_running(system: System) -> None:
    run = await system.up(task("t", run="exec sleep 1000"))
    run.restart_task("t")
    view = await run.wait_settled("t", "restart")
    assert isinstance(view.state, Running)
    assert view.attempt == 2


async def test_a_failed_task_that_is_restarted_lets_its_dependents_start_by_themselves(system: System) -> None:
    flaky = "[ -e good ] || exit 1; echo ready; exec sleep 1000"
    run = await system.up(task("db", run=command(flaky, ready_when="ready")), service("api", "db"))
    assert (system.word("db"), system.word("api")) == ("failed", "pending")
    (system.directory / "good").touch()
    run.restart_task("db")
    await run.wait_settled("db", "restart")
    view = await run.wait_settled("api", "start")
    assert isinstance(view.state, Ready)
    result = await system.down()
    assert {stats.status for stats in result.stats.tasks} == {"completed"}


async def test_stopping_returns_when_the_task_and_its_dependents_are_gone_and_torn_down(system: System) -> None:
    db = task("db", run=serving(teardown=down("db")))
    run = await system.up(db, task("api", run=serving(teardown=down("api")), depends_on=[db]))
    run.stop_task("db")
    view = await run.wait_settled("db", "stop")
    assert view.teardown is TeardownStatus.COMPLETED
    assert view.leaving
    assert lines(system.directory, "downs") == ["api", "db"]
    assert (system.word("db"), system.word("api")) == ("completed", "completed")


async def test_what_was_stopped_comes_up_again_with_what_it_needs(system: System) -> None:
    db = task("db", run=serving(teardown=down("db")))
    run = await system.up(db, task("api", run=serving(teardown=down("api")), depends_on=[db]))
    run.stop_task("db")
    await run.wait_settled("db", "stop")
    run.start_task("api")
    await run.wait_settled("api", "start")
    assert (system.word("db"), system.word("api")) == ("ready", "ready")
    await system.down()
    assert lines(system.directory, "downs") == ["api", "db", "api", "db"]


async def test_waiting_for_a_restart_ends_when_the_run_ends(system: System) -> None:
    run = await system.up(task("t", run=command("echo up; exec sleep 1000", ready_when="never")), wait=False)
    run.restart_task("t")
    waiting = asyncio.get_running_loop().create_task(run.wait_settled("t", "restart"))
    await asyncio.sleep(0)
    await system.down()
    await waiting


@pytest.mark.parametrize("verb", ["start_task", "stop_task", "restart_task"])
async def test_an_unknown_task_is_a_key_error(system: System, verb: str) -> None:
    run = await system.up(service("t"))
    with pytest.raises(KeyError):
        getattr(run, verb)("nobody")


async def test_a_person_who_quits_ends_services_as_completed_and_nothing_was_aborted(system: System) -> None:
    await system.up(service("t"))
    result = await system.down()
    assert result.ok
    assert result.stats.tasks[0].status == "completed"
    assert result.stats.tasks[0].stopped


async def test_a_person_who_quits_while_a_task_is_failed_has_a_failed_run(system: System) -> None:
    await system.up(service("t"), task("bad", run="exit 3"))
    await system.reaches("bad", "failed")
    result = await system.down()
    assert result.error is not None
    assert (result.error.code, result.error.task_name) == ("task-failed", "bad")


async def test_a_service_killed_from_outside_is_started_again_and_the_log_says_so(system: System) -> None:
    run = await system.up(task("t", run=serving(restart=restart("on-failure", delay="1ms"))))
    state = run.view("t").state
    assert isinstance(state, Ready)
    os.kill(state.pid, signal.SIGKILL)
    async with asyncio.timeout(DEADLINE_S):
        while run.view("t").attempt < 2 or system.word("t") != "ready":  # noqa: ASYNC110 - views set no events
            await asyncio.sleep(0.01)
    assert run.view("t").restarts == 1
    assert b"SIGKILL" in system.witness.log["t"]
    assert b"attempt 2" in system.witness.log["t"]


async def test_a_task_that_has_to_be_killed_leaves_a_note_in_its_log(system: System) -> None:
    stubborn = "trap '' TERM; echo ready; while :; do sleep 0.05; done"
    run = await system.up(task("t", run=command(stubborn, ready_when="ready", stop_timeout="50ms")))
    run.stop_task("t")
    await run.wait_settled("t", "stop")
    assert b"SIGKILL" in system.witness.log["t"]


async def test_listeners_hear_states_phases_and_views_in_order(system: System) -> None:
    await system.up(task("t", run=serving(teardown="true")))
    await system.down()
    assert system.witness.states == [
        ("t", "queued"),
        ("t", "starting"),
        ("t", "running"),
        ("t", "ready"),
        ("t", "stopping"),
        ("t", "completed"),
    ]
    assert system.witness.phases == ["stopping", "ended"]
    teardowns = [view.teardown for view in system.witness.views]
    order = [status for status in TeardownStatus if status in teardowns]
    assert order == [TeardownStatus.NOT_RUN, TeardownStatus.DUE, TeardownStatus.RUNNING, TeardownStatus.COMPLETED]
    times = [view.teardown_since or 0.0 for view in system.witness.views]
    assert times == sorted(times), "each of them with its time"
    assert len({view.teardown_since for view in system.witness.views if view.teardown in order[1:]}) == 3


async def test_a_listener_that_left_hears_nothing(system: System) -> None:
    run = await system.up(service("t"))
    run.remove_listener(system.witness)
    run.remove_listener(system.witness)
    await system.down()
    assert system.witness.phases == []


async def test_views_tell_what_a_task_waits_for(system: System) -> None:
    slow = task("slow", run=waits_for("go"))
    run = await system.up(slow, service("api", "slow"), wait=False)
    assert run.view("api").waiting_for == ("slow",)
    (system.directory / "go").touch()
    await run.wait_settled("api", "start")
    assert run.view("api").waiting_for == ()


async def test_a_run_until_idle_ends_when_nothing_runs_any_more(system: System) -> None:
    await system.up(task("a", run="true"), task("b", run="exit 1"), until=Until.IDLE, wait=False)
    result = await system.running
    assert result.error is not None
    assert result.error.task_name == "b"


async def test_a_run_until_told_outlives_its_tasks(system: System) -> None:
    run = await system.up(task("a", run="true"))
    await system.reaches("a", "completed")
    assert run.run_view.phase.value == "running"
    assert not system.running.done()
