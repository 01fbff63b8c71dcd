"""The stop ladder on real processes."""

import signal

import pytest
from workshop import IGNORES_TERM, Workshop

from tui_runner.model.output import Stream
from tui_runner.process.guardian import process_table
from tui_runner.scheduling.event import Exited, GroupGone, Spawned

pytestmark = pytest.mark.real


async def test_stop_signals_the_whole_group(workshop: Workshop) -> None:
    workshop.spawn("a", "sleep 100 & sleep 100 & echo ready; wait")
    await workshop.sink.printed("a", "ready")
    workshop.executor.stop("a")
    exited = await workshop.sink.event(Exited, "a")
    assert exited.signal == "SIGTERM"
    if not exited.group_gone:
        await workshop.sink.event(GroupGone, "a")
    assert workshop.sink.escalations == []


async def test_a_task_that_ignores_the_stop_signal_is_killed_after_its_timeout(workshop: Workshop) -> None:
    workshop.spawn("a", workshop.python(IGNORES_TERM), stop_timeout="100ms")
    await workshop.sink.printed("a", "ready")
    workshop.executor.stop("a")
    exited = await workshop.sink.event(Exited, "a")
    assert exited.signal == "SIGKILL"
    assert workshop.sink.escalations == ["a"]


async def test_kill_does_not_wait_for_the_timeout(workshop: Workshop) -> None:
    workshop.spawn("a", workshop.python(IGNORES_TERM), stop_timeout=1000)
    await workshop.sink.printed("a", "ready")
    workshop.executor.stop("a")
    workshop.executor.kill("a")
    assert (await workshop.sink.event(Exited, "a")).signal == "SIGKILL"


async def test_a_stopped_process_wakes_up_to_see_the_stop_signal(workshop: Workshop) -> None:
    workshop.spawn("a", "echo ready; exec sleep 100", stop_timeout=1000)
    await workshop.sink.printed("a", "ready")
    workshop.executor.signal("a", signal.SIGSTOP)
    workshop.executor.stop("a")
    assert (await workshop.sink.event(Exited, "a")).signal == "SIGTERM"


async def test_another_stop_signal_is_used(workshop: Workshop) -> None:
    workshop.spawn("a", "trap 'echo bye; exit 0' USR1; echo ready; while :; do sleep 0.01; done", stop_signal="USR1")
    await workshop.sink.printed("a", "ready")
    workshop.executor.stop("a")
    await workshop.sink.event(Exited, "a")
    assert "bye" in workshop.sink.text("a")


async def test_a_stop_command_asks_instead_of_the_signal(workshop: Workshop) -> None:
    waits = "trap 'echo signalled' TERM; echo ready; while [ ! -e stop ]; do sleep 0.01; done; exit 7"
    workshop.spawn("a", waits, stop="echo asking; touch stop", stop_timeout=1000)
    await workshop.sink.printed("a", "ready")
    workshop.executor.stop("a")
    assert (await workshop.sink.event(Exited, "a")).exit_code == 7
    await workshop.sink.printed("a", "asking")
    assert workshop.sink.text("a", Stream.TEARDOWN) == "asking\n"
    assert "signalled" not in workshop.sink.text("a")


async def test_a_stop_command_that_fails_is_followed_by_the_signal(workshop: Workshop) -> None:
    workshop.spawn("a", "echo ready; exec sleep 100", stop="exit 1", stop_timeout=1000)
    await workshop.sink.printed("a", "ready")
    workshop.executor.stop("a")
    assert (await workshop.sink.event(Exited, "a")).signal == "SIGTERM"


async def test_bye_ends_what_still_runs(workshop: Workshop) -> None:
    workshop.spawn("a", workshop.python(IGNORES_TERM))
    spawned = await workshop.sink.event(Spawned, "a")
    await workshop.executor.bye()
    await workshop.executor.bye()
    assert spawned.pid not in process_table.everyone()
