"""Notes of ours in the logs of tasks, and logs that cannot be written."""

import pytest
from workshop import Workshop

from tui_runner.model.output import Stream
from tui_runner.scheduling.event import Exited

pytestmark = pytest.mark.real


async def test_notes_land_in_the_log_in_order(workshop: Workshop) -> None:
    workshop.executor.note("a", "starting")
    workshop.spawn("a", "echo hello")
    await workshop.sink.event(Exited, "a")
    workshop.executor.note("a", "done")
    assert [c.stream for _, c in workshop.sink.chunks] == [Stream.NOTE, Stream.STDOUT, Stream.NOTE]
    assert workshop.executor.log("a").read(0, 1 << 30).decode() == "starting\nhello\ndone\n"


async def test_a_note_does_not_continue_a_line_that_the_task_left_open(workshop: Workshop) -> None:
    workshop.spawn("a", "printf open")
    await workshop.sink.event(Exited, "a")
    workshop.executor.note("a", "done")
    workshop.executor.note("a", "really")
    assert workshop.executor.log("a").read(0, 1 << 30).decode() == "open\ndone\nreally\n"


async def test_a_log_that_cannot_be_written_is_told_once_in_its_place_and_the_task_goes_on(workshop: Workshop) -> None:
    logs = workshop.directory / "logs"
    workshop.spawn("a", f"mkdir -p {logs}; mkfifo {logs}/a.log; printf half; sleep 0.1; echo; echo more; exit 3")
    exited = await workshop.sink.event(Exited, "a")
    assert exited.exit_code == 3
    assert workshop.sink.text("a", Stream.STDOUT) == "half\nmore\n"
    broken = f"cannot write {logs}/a.log: it is not a regular file; only the latest output is kept, in memory"
    assert workshop.sink.text("a", Stream.NOTE) == f"\n── {broken} ──\n"
    assert workshop.executor.logs_problem == broken
    workshop.spawn("b", f"mkfifo {logs}/b.log; echo b")
    await workshop.sink.event(Exited, "b")
    assert workshop.executor.logs_problem == f"2 logs are not written any more: {broken}"


async def test_an_index_that_cannot_be_written_is_told_too(workshop: Workshop) -> None:
    logs = workshop.directory / "logs"
    workshop.spawn("a", f"mkdir -p {logs}; mkfifo {logs}/a.log.idx; echo one; exec sleep 1000")
    await workshop.sink.printed("a", "a.log.idx: it is not a regular file")
    workshop.executor.stop("a")
    await workshop.sink.event(Exited, "a")
