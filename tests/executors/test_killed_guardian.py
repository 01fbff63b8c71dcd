"""A guardian that is killed is replaced; what it was asked for is done all the same, once."""

import asyncio
import os
import signal

import pytest
from workshop import IGNORES_TERM, Workshop

from tui_runner.errors.runner_error import GuardianError
from tui_runner.model.output import Stream
from tui_runner.process.guardian import process_table
from tui_runner.scheduling.event import Exited, GroupGone, Spawned, SpawnFailed, TeardownEnded

pytestmark = pytest.mark.real


async def kill_guardian(workshop: Workshop) -> None:
    """Kill the guardian, and wait until another one is there or it is told that there will be none."""
    seen = len(workshop.sink.story)
    os.kill(await workshop.executor.ready(), signal.SIGKILL)
    await workshop.sink.until(lambda: {"replaced", "lost"} & set(workshop.sink.story[seen:]))


async def test_another_guardian_takes_the_place_of_one_that_was_killed(workshop: Workshop) -> None:
    workshop.spawn("a", workshop.python(IGNORES_TERM), stop_timeout="50ms", teardown="echo torn down")
    workshop.spawn("b", "trap 'echo bye; exit' TERM; echo ready; while :; do sleep 0.01; done")
    for task in "ab":
        await workshop.sink.printed(task, "ready")
    await kill_guardian(workshop)
    assert "was killed by signal 9" in workshop.sink.replacements[0]
    for task in "ab":
        workshop.executor.stop(task)
        exited = await workshop.sink.event(Exited, task)
        assert (exited.exit_code, exited.signal) == (None, None), "nobody can tell"
    assert workshop.sink.escalations == ["a"]
    assert "bye" in workshop.sink.text("b")
    workshop.executor.run_teardown("a")
    assert (await workshop.sink.event(TeardownEnded, "a")).error is None
    assert workshop.sink.text("a", Stream.TEARDOWN) == "torn down\n"
    await workshop.executor.bye()
    assert process_table.marked(workshop.marker) == set()
    assert workshop.sink.losses == []


async def test_what_the_killed_guardian_was_asked_for_is_done_by_the_other(workshop: Workshop) -> None:
    workshop.spawn("stopping", "exec sleep 1000")
    workshop.spawn("down", "true", teardown="echo torn down")
    await workshop.sink.event(Spawned, "stopping")
    await workshop.sink.event(
        GroupGone if not (await workshop.sink.event(Exited, "down")).group_gone else Exited, "down"
    )
    guardian = await workshop.executor.ready()
    os.kill(guardian, signal.SIGSTOP)
    workshop.executor.stop("stopping")
    workshop.executor.run_teardown("down")
    workshop.spawn("late", "exec sleep 1000")
    os.kill(guardian, signal.SIGKILL)
    await workshop.sink.event(Exited, "stopping")
    assert (await workshop.sink.event(TeardownEnded, "down")).error is None
    assert workshop.sink.text("down", Stream.TEARDOWN) == "torn down\n"
    assert "killed meanwhile" in (await workshop.sink.event(SpawnFailed, "late")).failure.message


async def test_a_teardown_that_runs_when_the_guardian_is_killed_does_not_run_again(workshop: Workshop) -> None:
    workshop.spawn("a", "true", teardown="echo once >> downs; until [ -e go ]; do sleep 0.01; done; echo done >> downs")
    await workshop.sink.event(Exited, "a")
    workshop.executor.run_teardown("a")
    downs = workshop.directory / "downs"
    async with asyncio.timeout(20):
        while not downs.exists():  # noqa: ASYNC110 - the outside world sets no events
            await asyncio.sleep(0.01)
    await kill_guardian(workshop)
    (workshop.directory / "go").touch()
    ended = await workshop.sink.event(TeardownEnded, "a")
    assert "not known" in (ended.error or "")
    assert downs.read_text() == "once\ndone\n"


async def test_a_guardian_that_is_killed_again_and_again_is_replaced_and_the_teardown_runs_once(
    workshop: Workshop,
) -> None:
    workshop.spawn("a", workshop.python(IGNORES_TERM), stop_timeout="50ms", teardown="echo torn down")
    await workshop.sink.printed("a", "ready")
    for _ in range(3):
        await kill_guardian(workshop)
        workshop.executor.stop("a")
    await workshop.sink.event(Exited, "a")
    workshop.executor.run_teardown("a")
    os.kill(await workshop.executor.ready(), signal.SIGKILL)
    await workshop.sink.event(TeardownEnded, "a")
    assert workshop.sink.text("a", Stream.TEARDOWN).count("torn down") <= 1
    assert workshop.sink.losses == []


async def test_a_teardown_that_was_begun_without_our_hearing_more_does_not_run_again(workshop: Workshop) -> None:
    """The guardian announces a teardown before it starts it: whatever was lost with it, once is enough."""
    workshop.spawn("a", "true", teardown="echo once >> downs; kill -9 $PPID; exec sleep 1000", teardown_timeout="200ms")
    await workshop.sink.event(Exited, "a")
    workshop.executor.run_teardown("a")
    ended = await workshop.sink.event(TeardownEnded, "a")
    assert "not known" in (ended.error or "") or "longer than its timeout" in (ended.error or "")
    assert workshop.sink.replacements
    assert (workshop.directory / "downs").read_text() == "once\n"


async def test_the_rest_of_a_group_whose_leader_has_ended_is_waited_for_by_the_other_guardian(
    workshop: Workshop,
) -> None:
    workshop.spawn(
        "a", "(trap '' TERM; echo up; while [ ! -e go ]; do sleep 0.01; done) & sleep 0.2", stop_timeout=1000
    )
    exited = await workshop.sink.event(Exited, "a")
    assert not exited.group_gone
    await kill_guardian(workshop)
    (workshop.directory / "go").touch()
    await workshop.sink.event(GroupGone, "a")
    assert len([event for event in workshop.sink.events if isinstance(event, Exited)]) == 1


async def test_the_loss_of_too_many_guardians_is_told_and_nothing_is_left(workshop: Workshop) -> None:
    workshop.spawn("a", workshop.python(IGNORES_TERM))
    await workshop.sink.printed("a", "ready")
    probe = asyncio.ensure_future(workshop.executor.run_command(workshop.task("a", "true"), "sleep 1000", 1000))
    await asyncio.sleep(0)
    while not workshop.sink.losses:
        await kill_guardian(workshop)
    assert "was killed by signal 9" in workshop.sink.losses[0]
    assert process_table.marked(workshop.marker) == set()
    with pytest.raises(GuardianError):
        await probe
