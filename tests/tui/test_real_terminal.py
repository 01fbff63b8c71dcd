"""The app at a real terminal: it is left as it was found, however the app ends."""

import os
import signal
import sys
from pathlib import Path

import pytest
from terminal import Terminal

PROGRAM = Path(__file__).with_name("screen_program.py")

pytestmark = pytest.mark.real


def started(directory: Path, *arguments: str) -> Terminal:
    (directory / "api.log").write_bytes(b"hello from the log file\n")
    environment = dict(os.environ, PYTHONPATH=str(PROGRAM.parents[2]), SECRET="hunter2")
    command = [sys.executable, str(PROGRAM), str(directory), *arguments]
    return Terminal(command, columns=100, rows=24, cwd=directory, env=environment)


def test_q_restores_the_terminal_and_returns_the_result(tmp_path: Path) -> None:
    with started(tmp_path) as terminal:
        terminal.wait_for("hello from the log file")
        terminal.press("q")
        assert terminal.wait_exit() == 0
        terminal.assert_sane()
        assert terminal.contains("quit 0 all gone")


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
