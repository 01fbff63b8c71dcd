"""The app at a real terminal: it is left as it was found, however the app ends."""

import os
import re
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from terminal import Terminal

PROGRAM = Path(__file__).with_name("screen_program.py")

pytestmark = pytest.mark.real


def started(directory: Path, *arguments: str, shell: tuple[str, ...] = ()) -> Terminal:
    (directory / "api.log").write_bytes(b"hello from the log file\n")
    environment = dict(os.environ, PYTHONPATH=str(PROGRAM.parents[2]), SECRET="hunter2")
    command = [*shell, sys.executable, str(PROGRAM), str(directory), *arguments]
    return Terminal(command, columns=100, rows=24, cwd=directory, env=environment)


def test_q_restores_the_terminal_and_returns_the_result(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.wait_for("hello from the log file")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.assert_sane()
        assert terminal.contains("quit 0 all gone")


def test_the_screen_is_drawn_on_the_terminal_when_stderr_goes_to_a_file(tmp_path: Path) -> None:
    with started(tmp_path, shell=("/bin/sh", "-c", 'exec "$@" 2>errors', "sh")) as terminal:
        terminal.wait_for("hello from the log file")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.assert_sane()
    assert b"\x1b" not in (tmp_path / "errors").read_bytes()


def test_ctrl_c_restores_the_terminal_and_exits_with_130(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.wait_for("hello from the log file")
        terminal.press("ctrl+c")
        assert terminal.wait_exit() == 130
        terminal.assert_sane()


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)])
def test_a_signal_restores_the_terminal(tmp_path: Path, number: signal.Signals, code: int) -> None:
    with started(tmp_path) as terminal:
        terminal.wait_for("hello from the log file")
        terminal.kill(number)
        assert terminal.wait_exit() == code
        terminal.assert_sane()


def test_the_title_tells_the_state_and_is_given_back(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.wait_for("hello from the log file")
        wait_until(lambda: terminal.pump(0.05) and b"1/1 up" in terminal.output)
        terminal.press("q")
        assert terminal.wait_exit() == 0
    said = bytes(terminal.output)
    assert f"\x1b[22;0t\x1b]0;1/1 up · {tmp_path.name}\x07".encode() in said
    assert said.count(b"\x1b[22;0t") == said.count(b"\x1b[23;0t") == 1
    assert said.index(b"\x1b[23;0t") > said.index(b"\x1b[22;0t")


def test_the_bell_rings_when_a_task_fails_in_a_window_nobody_looks_at(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.wait_for("hello from the log file")
        wait_until(lambda: terminal.pump(0.05) and b"1/1 up" in terminal.output)
        terminal.press("s")
        terminal.send(b"\x1b[O")  # the window lost the focus
        wait_until(lambda: terminal.pump(0.05) and "✗ api".encode() in terminal.output)
        wait_until(lambda: terminal.pump(0.05) and b"\x07" in re.sub(rb"\x1b\][^\x07]*\x07", b"", terminal.output))
        terminal.press("q")
        assert terminal.wait_exit() == 1
        terminal.assert_sane()


def test_a_closed_window_ends_the_app(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.wait_for("hello from the log file")
        terminal.hang_up()
        assert terminal.wait_exit() != 0


def test_a_crash_restores_the_terminal_and_shows_no_secrets(tmp_path: Path) -> None:
    with started(tmp_path, "crash") as terminal:
        terminal.wait_for("hello from the log file")
        terminal.press("?")
        assert terminal.wait_exit() == 3
        terminal.assert_sane()
        assert terminal.contains("broken on purpose")
        assert b"hunter2" not in terminal.output


def printed(directory: Path) -> int:
    count = directory / "count"
    return int(count.read_text() or 0) if count.exists() else 0


def stall(terminal: Terminal, directory: Path) -> None:
    """Let the task print for seconds while nobody reads from the terminal."""
    terminal.wait_for("hello from the log file")
    terminal.press("r")
    wait_until(lambda: printed(directory) == 400)


def wait_until(holds: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 60
    while not holds():
        assert time.monotonic() < deadline
        time.sleep(0.01)


def test_a_stalled_terminal_does_not_stop_the_app_and_is_painted_when_it_reads_again(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        stall(terminal, tmp_path)
        terminal.wait_for("line 000399")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.assert_sane()


def test_q_works_at_a_stalled_terminal(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        stall(terminal, tmp_path)
        terminal.press("q")
        wait_until((tmp_path / "result").exists)
        assert terminal.wait_exit() == 0


@pytest.mark.parametrize(("key", "label"), [("/", "search"), ("f", "filter")])
def test_what_is_typed_ahead_into_a_query_is_no_command(tmp_path: Path, key: str, label: str) -> None:
    with started(tmp_path) as terminal:
        terminal.wait_for("hello from the log file")
        terminal.type(f"{key}tqdx")
        terminal.wait_for(re.compile(rf"{label} +tqdx"))
        terminal.press("escape")
        terminal.wait_gone("tqdx")
        terminal.press("q")
        assert terminal.wait_exit() == 0


SHELL = """
/bin/sh -c '"$@"; exit $?' make "$@"
echo back at the shell
read _
fg
"""
"""A shell with job control, and between it and the app a program that just waits, as `make` does."""


def test_ctrl_z_gives_the_terminal_back_to_the_shell_and_fg_paints_again(tmp_path: Path) -> None:
    with started(tmp_path, shell=("/bin/sh", "-m", "-c", SHELL, "sh")) as terminal:
        terminal.wait_for("hello from the log file")
        terminal.wait_for(re.compile("1 ready .* q quit"))
        whole = terminal.screen()
        terminal.press("ctrl+z")
        terminal.wait_for("back at the shell")
        terminal.assert_sane()
        terminal.type("\n")
        terminal.wait_for(lambda: terminal.screen() == whole, "the whole picture")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.assert_sane()


def test_ctrl_z_without_a_shell_that_could_wake_it_up_goes_on(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.wait_for("hello from the log file")
        terminal.press("ctrl+z")
        terminal.wait_for(lambda: terminal.output.count(b"\x1b[?1049h") == 2)
        terminal.wait_for("hello from the log file")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.assert_sane()


@pytest.mark.skipif(sys.platform != "linux", reason="reads /proc")
def test_stopped_and_continued_from_outside_it_still_restores_the_terminal(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.wait_for("hello from the log file")
        terminal.wait_for(re.compile("1 ready .* q quit"))
        whole = terminal.screen()
        terminal.kill(signal.SIGSTOP)
        wait_until(lambda: process_state(terminal.pid) == "T")
        terminal.kill(signal.SIGCONT)
        terminal.wait_for(lambda: terminal.output.count(b"\x1b[?1049h") == 2)
        terminal.wait_for(lambda: terminal.screen() == whole, "the whole picture")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.assert_sane()


def test_continued_in_the_middle_of_a_write_it_goes_on(tmp_path: Path) -> None:
    with started(tmp_path, "interrupt") as terminal:
        terminal.wait_for("hello from the log file")
        terminal.press("?")
        terminal.wait_for(lambda: terminal.output.count(b"\x1b[?1049h") == 2)
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.assert_sane()


def process_state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0]
