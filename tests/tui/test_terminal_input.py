"""What is typed at a pseudo-terminal arrives as keys, and reading ends when it is told to."""

import os
import queue
import select
import subprocess
import sys
import threading
import tty
from collections.abc import Iterable, Iterator
from pathlib import Path

import pytest
from textual.events import Key, MouseMove
from textual.message import Message

from tui_runner.tui.terminal_input import Parser, TerminalInput

DEADLINE_S = 20.0


class Typist:
    """A pseudo-terminal, its input, and the thread that reads it."""

    def __init__(self) -> None:
        self.master, self.slave = os.openpty()
        tty.setraw(self.slave)
        self.told: queue.Queue[Message] = queue.Queue()
        self.input = TerminalInput(self.slave, self.told.put)
        self.error: OSError | None = None
        self.thread = threading.Thread(target=self._run)
        self.thread.start()

    def _run(self) -> None:
        try:
            self.input.run()
        except OSError as error:
            self.error = error

    def type(self, data: bytes) -> None:
        os.write(self.master, data)

    def next(self) -> Message:
        return self.told.get(timeout=DEADLINE_S)

    def next_key(self) -> str:
        message = self.next()
        assert isinstance(message, Key)
        return message.key

    def stop(self) -> None:
        if self.thread.is_alive():
            self.input.stop()
        self.join()

    def join(self) -> None:
        self.thread.join(DEADLINE_S)
        assert not self.thread.is_alive()

    def close(self) -> None:
        self.stop()
        self.input.close()
        os.close(self.slave)
        if self.master >= 0:
            os.close(self.master)


@pytest.fixture
def typist() -> Iterator[Typist]:
    typist = Typist()
    yield typist
    typist.close()


def test_a_key_and_characters_of_several_bytes_arrive(typist: Typist) -> None:
    typist.type(b"a")
    assert typist.next_key() == "a"
    for byte in "é".encode():
        typist.type(bytes([byte]))
    message = typist.next()
    assert isinstance(message, Key)
    assert message.character == "é"


def test_a_lone_escape_is_a_key_though_nothing_follows(typist: Typist) -> None:
    typist.type(b"\x1b")
    assert typist.next_key() == "escape"


def keys(messages: Iterable[Message]) -> list[str]:
    return [message.key for message in messages if isinstance(message, Key)]


def test_a_key_that_is_typed_right_after_escape_is_not_alt(monkeypatch: pytest.MonkeyPatch) -> None:
    now_s = 100.0
    for module in ("textual._parser", "tui_runner.tui.terminal_input"):
        monkeypatch.setattr(f"{module}.get_time", lambda: now_s)
    parser = Parser()
    assert keys(parser.feed("\x1b")) == []
    patience_s = parser.patience_s
    assert patience_s is not None
    now_s += patience_s
    assert patience_s < 0.03, "quick hands need more from key to key"
    assert keys(parser.tick()) == ["escape"]
    assert keys(parser.feed("q")) == ["q"]
    assert parser.patience_s is None, "nothing wakes the thread while nobody types"


def test_an_escape_sequence_that_arrives_in_two_parts_is_one_key(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("textual._parser.get_time", lambda: 100.0)
    parser = Parser()
    assert keys([*parser.feed("\x1b"), *parser.tick(), *parser.feed("[")]) == []
    assert keys([*parser.tick(), *parser.feed("A")]) == ["up"]


@pytest.mark.parametrize(("given", "patience_s"), [(None, 0.025), ("300", 0.3)])
def test_how_long_an_escape_is_waited_for_can_be_set_as_for_curses(given: str | None, patience_s: float) -> None:
    ask = """
from textual import _parser
from tui_runner.tui import terminal_input
_parser.get_time = terminal_input.get_time = lambda: 100.0
parser = terminal_input.Parser()
list(parser.feed("\\x1b"))
print(parser.patience_s)
"""
    env = {name: value for name, value in os.environ.items() if name != "ESCDELAY"}
    told = subprocess.check_output(
        [sys.executable, "-c", ask], env=env if given is None else {**env, "ESCDELAY": given}, text=True
    )
    assert float(told) == pytest.approx(patience_s)


def test_an_escape_sequence_is_one_key(typist: Typist) -> None:
    typist.type(b"\x1b[A")
    assert typist.next_key() == "up"


@pytest.mark.parametrize(
    ("typed", "key"),
    [(b"\x1ba", "alt+a"), (b"\x1b.", "alt+full_stop"), (b"\x1b\r", "alt+enter"), (b"\x1b ", "alt+space")],
)
def test_alt_is_heard_with_every_character(typist: Typist, typed: bytes, key: str) -> None:
    typist.type(typed)
    assert typist.next_key() == key


def test_bytes_that_are_no_text_do_not_end_the_input(typist: Typist) -> None:
    typist.type(b"\xff\xfe\xff")
    typist.type(b"a")
    keys = [typist.next_key()]
    while keys[-1] != "a":
        keys.append(typist.next_key())


def test_stop_ends_reading_though_nothing_is_typed(typist: Typist) -> None:
    typist.stop()
    assert typist.error is None
    assert typist.told.empty()


def test_reports_of_a_mouse_that_still_moves_while_leaving_are_swallowed(typist: Typist) -> None:
    typist.type(b"\x1b[<35;3;4M")
    assert isinstance(typist.next(), MouseMove)
    typist.input.stop()
    typist.type(b"\x1b[<35;4;4M")
    typist.join()
    assert typist.told.empty()
    assert not select.select([typist.slave], [], [], 0)[0]


def test_a_closed_terminal_is_an_error_and_does_not_spin(typist: Typist) -> None:
    os.close(typist.master)
    typist.master = -1
    typist.join()
    assert isinstance(typist.error, OSError)


@pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="reads /proc")
def test_no_descriptor_is_left_open() -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(3):
        typist = Typist()
        typist.close()
    assert len(list(Path("/proc/self/fd").iterdir())) == before
