"""Terminals that somebody sits at."""

import os
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from workshop import Recorder, Workshop

from tui_runner.executors.local import LocalExecutor
from tui_runner.model.window_size import WindowSize
from tui_runner.scheduling.event import Exited

pytestmark = pytest.mark.real


@pytest.fixture
async def seat(tmp_path: Path) -> AsyncIterator[Workshop]:
    """An executor whose terminals can be typed into."""
    sink = Recorder()
    executor = LocalExecutor(sink, root=str(tmp_path), environment=os.environ, log_directory=None, interactive=True)
    executor.start()
    yield Workshop(executor, sink, tmp_path, executor.marker)
    await executor.bye()


async def test_what_is_typed_is_echoed_and_lines_end_as_terminals_want_them(seat: Workshop) -> None:
    seat.spawn("a", "printf 'name? '; read line; echo hello $line", tty=True)
    await seat.sink.printed("a", "name? ")
    seat.executor.write("a", "Zoë\n".encode())
    await seat.sink.event(Exited, "a")
    assert seat.sink.text("a") == "name? Zoë\r\nhello Zoë\r\n"


async def test_erasing_takes_a_whole_character_away(seat: Workshop) -> None:
    seat.spawn("a", "echo go; read line; echo got $line", tty=True)
    await seat.sink.printed("a", "go")
    seat.executor.write("a", "aé\x7fb\n".encode())
    await seat.sink.event(Exited, "a")
    assert seat.sink.text("a").endswith("got ab\r\n")


async def test_ctrl_c_reaches_what_runs_in_the_foreground(seat: Workshop) -> None:
    seat.spawn("a", "trap 'echo caught; exit 3' INT; echo go; while :; do sleep 0.01; done", tty=True)
    await seat.sink.printed("a", "go")
    seat.executor.write("a", b"\x03")
    exited = await seat.sink.event(Exited, "a")
    assert exited.exit_code == 3
    assert "caught" in seat.sink.text("a")


async def test_a_size_given_before_the_start_and_kept_over_attempts(seat: Workshop) -> None:
    seat.executor.resize("a", WindowSize(rows=11, columns=33))
    for attempt in (1, 2):
        seat.spawn("a", "stty size", tty=True, attempt=attempt)
        await seat.sink.event(Exited, "a", count=attempt)
    assert seat.sink.text("a") == "11 33\r\n" * 2


async def test_a_long_paste_arrives_whole_at_a_program_that_reads_late(seat: Workshop) -> None:
    program = (
        "import os, tty\n"
        "tty.setraw(0)\n"
        "os.write(1, b'go')\n"
        "while not os.path.exists('read'): pass\n"
        "got = b''\n"
        "while len(got) < 100_000: got += os.read(0, 65536)\n"
        "os.write(1, b' whole' if got == b'0123456789' * 10_000 else b' broken')\n"
    )
    seat.spawn("a", seat.python(program), tty=True)
    await seat.sink.printed("a", "go")
    seat.executor.write("a", b"0123456789" * 9_999)
    seat.executor.write("a", b"0123456789")
    (seat.directory / "read").touch()
    await seat.sink.event(Exited, "a")
    assert seat.sink.text("a") == "go whole"


async def test_typing_that_nobody_reads_does_not_reach_the_next_attempt(seat: Workshop) -> None:
    seat.spawn("a", "stty raw -echo; echo go; sleep 0.05", tty=True)
    await seat.sink.printed("a", "go")
    seat.executor.write("a", b"x" * 50_000)
    await seat.sink.event(Exited, "a")
    seat.spawn("a", "stty -echo; echo again; read line; echo got $line", tty=True, attempt=2)
    await seat.sink.printed("a", "again")
    seat.executor.write("a", b"fresh\n")
    await seat.sink.event(Exited, "a", count=2)
    assert seat.sink.text("a").endswith("got fresh\r\n")
