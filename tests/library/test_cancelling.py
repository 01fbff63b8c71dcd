"""Ending a run from outside: by an event, or by cancelling the asyncio task that awaits it."""

import asyncio
import os
import signal

import pytest
from rig import (
    DEADLINE_S,
    Rig,
    carriers,
    down,
    error_of,
    marks,
    python,
    service,
    serving,
    stats_of,
    statuses,
    waits_for,
)

from tui_runner import command, pipeline, task

pytestmark = pytest.mark.real

STUBBORN = python(
    "import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(1000)"
)
SLOW_DOWN = f"echo begun >> downs; {waits_for('go')}; echo ended >> downs"


async def test_a_cancelled_run_stops_everything_in_order_and_says_aborted(rig: Rig) -> None:
    cancel = asyncio.Event()
    db = task("db", run=serving(teardown=down("db")))
    running = rig.start([task("api", run=serving(teardown=down("api")), depends_on=[db])], cancel=cancel)
    await rig.heard("ready:api")
    cancel.set()
    result = await running
    error = error_of(result)
    assert (error.code, error.message, error.task_name) == ("aborted", "Aborted", None)
    assert result.stats.status == "aborted"
    assert statuses(result) == {"api": "aborted", "db": "aborted"}
    assert rig.lines("downs") == ["api", "db"]
    stats = stats_of(result, "db")
    assert (stats.stopped, stats.signal, stats.error) == (True, "SIGTERM", None)
    assert rig.told("failed") == []


async def test_an_event_that_is_already_set_starts_nothing(rig: Rig) -> None:
    cancel = asyncio.Event()
    cancel.set()
    result = await rig.run([marks("a"), marks("b", "a")], cancel=cancel)
    assert error_of(result).code == "aborted"
    assert result.stats.status == "aborted"
    assert statuses(result) == {"a": "pending", "b": "pending"}
    assert rig.story == []


async def test_an_event_that_is_already_set_leaves_a_finished_record(rig: Rig) -> None:
    cancel = asyncio.Event()
    cancel.set()
    result = await rig.run([marks("a")], cancel=cancel, records=True)
    assert result.run_id is not None
    record = rig.directory / ".tui_runner" / "runs" / result.run_id / "execution.json"
    assert '"aborted"' in record.read_text()


async def test_an_event_set_by_the_first_callback_starts_nothing_more(rig: Rig) -> None:
    cancel = asyncio.Event()
    result = await rig.run(
        [service("first"), marks("second", "first")], cancel=cancel, on_task_begin=lambda *_: cancel.set()
    )
    assert error_of(result).code == "aborted"
    assert statuses(result)["first"] == "aborted"


async def test_a_task_that_ends_during_the_cancel_is_not_a_failure(rig: Rig) -> None:
    """It used to turn `aborted` into `task-failed` when the teardown took longer than the task's death."""
    cancel = asyncio.Event()
    running = rig.start([task("t", run=serving(teardown=SLOW_DOWN))], cancel=cancel)
    await rig.heard("ready:t")
    cancel.set()
    await rig.until(lambda: rig.lines("downs") == ["begun"])
    assert not running.done()
    rig.touch("go")
    result = await running
    assert error_of(result).code == "aborted"
    stats = stats_of(result, "t")
    assert stats.status == "aborted"
    assert stats.teardown is not None
    assert stats.teardown.status == "completed"
    assert rig.lines("downs") == ["begun", "ended"]


@pytest.mark.parametrize("how", ["event", "signal"])
async def test_a_cancel_during_the_last_teardowns_is_an_abort_though_all_work_was_done(rig: Rig, how: str) -> None:
    """Whoever gives up now does not want what comes after the run to begin."""
    cancel = asyncio.Event()
    done = task("done", run=command("true", teardown=SLOW_DOWN), depends_on=[service("up")])
    running = rig.start([done], cancel=cancel, handle_signals=how == "signal")
    await rig.until(lambda: rig.lines("downs") == ["begun"])
    if how == "event":
        cancel.set()
    else:
        os.kill(os.getpid(), signal.SIGTERM)
    await asyncio.wait((running,), timeout=0.05)
    assert not running.done()
    rig.touch("go")
    result = await running
    error = error_of(result)
    assert (error.code, error.message) == (
        ("aborted", "Aborted") if how == "event" else ("process-terminated", "Received SIGTERM")
    )
    assert result.stats.status == "aborted"
    assert statuses(result) == {"done": "completed", "up": "completed"}
    assert rig.lines("downs") == ["begun", "ended"]


async def test_completed_tasks_stay_completed_when_the_run_is_cancelled(rig: Rig) -> None:
    cancel = asyncio.Event()
    done = task("done", run=command("true", teardown=down("done")))
    running = rig.start([service("up", done), marks("never", "stuck"), task("stuck", run="sleep 1000")], cancel=cancel)
    await rig.heard("ready:up", "begin:stuck")
    cancel.set()
    result = await running
    assert statuses(result) == {"up": "aborted", "done": "completed", "never": "pending", "stuck": "aborted"}
    assert rig.lines("downs") == ["done"]
    summary = result.stats.summary
    assert (summary.aborted, summary.completed, summary.pending, summary.running) == (2, 1, 1, 0)


async def test_a_cancelled_nested_pipeline_is_aborted_with_its_subtasks(rig: Rig) -> None:
    cancel = asyncio.Event()
    running = rig.start([pipeline([service("up")]).to_task("nested")], cancel=cancel)
    await rig.heard("ready:nested:up")
    cancel.set()
    result = await running
    assert stats_of(result, "nested").status == "aborted"
    assert stats_of(result, "nested:up").status == "aborted"


async def test_a_cancel_while_a_task_waits_for_its_next_try_ends_the_run(rig: Rig) -> None:
    from tui_runner import retry

    cancel = asyncio.Event()
    flaky = task("flaky", run=command("echo x >> tries; false", retry=retry(attempts=3, delay=1000)))
    running = rig.start([flaky], cancel=cancel)
    await rig.until(lambda: rig.lines("tries"))
    await rig.heard("begin:flaky")
    cancel.set()
    result = await running
    assert error_of(result).code == "aborted"
    assert statuses(result) == {"flaky": "aborted"}


async def test_cancelling_the_awaiting_task_propagates_after_everything_is_stopped(rig: Rig) -> None:
    running = rig.start([task("t", run=serving(teardown=SLOW_DOWN))])
    await rig.heard("ready:t")
    running.cancel()
    await rig.until(lambda: rig.lines("downs") == ["begun"])
    assert not running.done()
    rig.touch("go")
    with pytest.raises(asyncio.CancelledError):
        await running
    assert rig.lines("downs") == ["begun", "ended"]
    assert carriers(rig.token) == {}


async def test_cancelling_twice_kills_and_still_tears_down(rig: Rig) -> None:
    running = rig.start([task("t", run=command(STUBBORN, ready_when="ready", stop_timeout=1000, teardown=down("t")))])
    await rig.heard("ready:t")
    running.cancel()
    await asyncio.wait((running,), timeout=0.05)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert rig.lines("downs") == ["t"]


async def test_cancelling_thrice_gives_up_on_teardowns(rig: Rig) -> None:
    endless = task("t", run=serving(teardown="echo begun >> downs; exec sleep 1000", teardown_timeout=1000))
    running = rig.start([endless])
    await rig.heard("ready:t")
    running.cancel()
    await rig.until(lambda: rig.lines("downs") == ["begun"])
    for _ in range(2):
        running.cancel()
        await asyncio.wait((running,), timeout=0.01)
    with pytest.raises(asyncio.CancelledError):
        await running
    assert carriers(rig.token) == {}


async def test_cancelling_more_often_changes_nothing(rig: Rig) -> None:
    running = rig.start([service("t")])
    await rig.heard("ready:t")
    while not running.done():
        running.cancel()
        await asyncio.sleep(0)
    assert running.cancelled()


async def test_cancelling_before_the_run_has_begun_starts_nothing(rig: Rig) -> None:
    running = rig.start([marks("t")])
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert rig.lines("order") == []


async def test_a_timeout_around_a_run_stops_it(rig: Rig) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await pipeline([task("t", run=command("sleep 1000", teardown=down("t")))]).run(
                root=rig.directory, records=False
            )
    assert rig.lines("downs") == ["t"]


async def test_a_task_group_that_breaks_stops_its_runs(rig: Rig) -> None:
    async def host() -> None:
        async with asyncio.TaskGroup() as group:
            group.create_task(rig.run([task("t", run=serving(teardown=down("t")))]))
            await rig.heard("ready:t")
            raise ValueError("something else of the host")

    with pytest.raises(ExceptionGroup):
        await host()
    assert rig.lines("downs") == ["t"]


async def test_a_cancel_event_that_is_set_at_the_very_end_does_no_harm(rig: Rig) -> None:
    cancel = asyncio.Event()
    result = await rig.run([marks("t")], cancel=cancel)
    cancel.set()
    assert result.ok


async def test_both_ways_at_once_end_the_run(rig: Rig) -> None:
    cancel = asyncio.Event()
    running = rig.start([task("t", run=serving(teardown=down("t")))], cancel=cancel)
    await rig.heard("ready:t")
    cancel.set()
    running.cancel()
    async with asyncio.timeout(DEADLINE_S):
        with pytest.raises(asyncio.CancelledError):
            await running
    assert rig.lines("downs") == ["t"]


async def test_a_host_that_cancels_every_task_it_can_find_gets_an_ordered_end(rig: Rig) -> None:
    before = asyncio.all_tasks()
    db = task("db", run=serving(teardown=down("db")))
    running = rig.start([task("api", run=serving(teardown=down("api")), depends_on=[db])])
    await rig.heard("ready:api")
    for found in asyncio.all_tasks() - before - {running}:
        found.cancel()
    result = await running
    assert error_of(result).code == "aborted"
    assert rig.lines("downs") == ["api", "db"]
