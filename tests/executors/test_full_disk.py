"""A disk that is really full: tasks go on, it is told once, and logs go on when there is room again."""

import contextlib
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from workshop import Recorder, Workshop

from tui_runner.executors.local import LocalExecutor
from tui_runner.model.output import Stream
from tui_runner.process.log_reader import LogReader
from tui_runner.process.log_tail import last_lines
from tui_runner.scheduling.event import Exited

pytestmark = pytest.mark.real


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A file system of 1 MB of its own."""
    disk = tmp_path / "disk"
    disk.mkdir()
    made = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(disk)], capture_output=True, check=False
    )
    if made.returncode:
        pytest.skip("file systems cannot be mounted here")
    yield disk
    subprocess.run(["umount", str(disk)], check=True)


@pytest.fixture
async def workshop(tmp_path: Path, small_disk: Path) -> AsyncIterator[Workshop]:
    sink = Recorder()
    executor = LocalExecutor(sink, root=str(tmp_path), environment=os.environ, log_directory=small_disk / "logs")
    executor.start()
    yield Workshop(executor, sink, tmp_path, executor.marker)
    await executor.bye()


def fill(path: Path) -> None:
    """Write until there is no more room."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT)
    try:
        with contextlib.suppress(OSError):
            while os.write(descriptor, b"x" * 4096):
                pass
    finally:
        os.close(descriptor)


async def test_services_go_on_it_is_told_once_and_logs_go_on_when_there_is_room(
    workshop: Workshop, small_disk: Path
) -> None:
    filler = small_disk / "filler"
    sink = workshop.sink
    much = "head -c 40000 /dev/zero | tr '\\0' x; echo; echo lost"
    prints = f"echo before; until [ -e full ]; do sleep 0.05; done; {much}; until [ -e room ]; do sleep 0.05; done; echo after"
    for name in ("a", "b"):
        workshop.spawn(name, prints)
        await sink.printed(name, "before")
    fill(filler)
    (workshop.directory / "full").touch()
    await sink.until(lambda: sink.troubles)
    await sink.printed("a", "lost")
    await sink.printed("b", "lost")
    assert len(sink.troubles) == 1
    assert "No space left on device" in sink.troubles[0]
    filler.unlink()
    await sink.until(lambda: len(sink.troubles) == 2)
    assert sink.troubles[1] == ""
    (workshop.directory / "room").touch()
    for name in ("a", "b"):
        assert (await sink.event(Exited, name)).exit_code == 0
        assert sink.text(name, Stream.STDOUT) == f"before\n{'x' * 40000}\nlost\nafter\n"
        log = workshop.executor.log(name)
        log.release()
        *_, note, after = last_lines(str(log.path))
        assert note.endswith(" kB before this could not be written to the log ──")
        assert after == "after"
        with LogReader(str(log.path)) as reader:
            assert reader.size() == log.end
            there = b"".join(data for _, data in reader.blocks(0, log.end, 1000))
            assert there.startswith(b"before\n")
            assert b"lost" not in there
    problem = workshop.executor.logs_problem
    assert problem is not None
    assert problem.endswith(" kB of output are in no log: they could not be written when they came")
