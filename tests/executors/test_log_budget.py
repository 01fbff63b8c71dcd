"""All logs of a run share one budget: the largest gives way."""

from pathlib import Path

from tui_runner.executors.logbook import Logbook
from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.retention import LogLimits, retention
from tui_runner.process.log_tail import last_lines
from tui_runner.process.redaction import Redaction


def size_of(directory: Path, name: str = "") -> int:
    return sum(file.stat().st_size for file in directory.rglob("*") if file.is_file() and name in str(file))


async def test_a_talkative_task_does_not_push_out_what_a_quiet_one_said(tmp_path: Path) -> None:
    taken: list[tuple[str, OutputChunk]] = []
    limits = LogLimits(piece=1000, log=1 << 30, run=20_000)
    logs = Logbook(tmp_path, lambda task, chunk: taken.append((task, chunk)), Redaction(()), limits=limits)
    for number in range(60):
        logs.append("quiet", b"quiet %03d\n" % number, Stream.STDOUT, 1)
    for number in range(5000):
        logs.append("talks", b"talks %06d\n" % number, Stream.STDOUT, 1)
        if number % 1000 == 0:
            assert size_of(tmp_path) <= 20_000
    logs.close()
    assert len(taken) == 5060
    assert 8_000 < size_of(tmp_path) <= 20_000
    assert last_lines(tmp_path / "quiet.log", 100) == tuple(f"quiet {number:03}" for number in range(60))
    assert last_lines(tmp_path / "talks.log", 1) == ("talks 004999",)


def test_files_that_are_being_written_take_half_of_the_budget_at_most_however_many_tasks_there_are() -> None:
    for tasks in (1, 20, 1000):
        limits = retention().log_limits(tasks)
        assert limits.piece * tasks <= limits.run // 2
        assert limits.piece <= limits.log // 8
