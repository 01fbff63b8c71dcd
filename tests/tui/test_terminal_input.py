"""What is typed at a pseudo-terminal arrives as keys, and reading ends when it is told to."""

import os
import queue
import select
import threading
import time
import tty
from collections.abc import Iterator
from pathlib import Path

import pytest
from textual.events import Key, MouseMove, Paste
from textual.message import Message

from tui_runner.tui.terminal_input import TerminalInput

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

    def until_read(self) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while select.select([self.slave], [], [], 0)[0]:
            assert time.monotonic() < deadline
            time.sleep(0.001)

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


def test_alt_is_not_held_up_and_what_follows_is_a_key_of_its_own(typist: Typist) -> None:
    typist.type(b"\x1bqj")
    assert [typist.next_key(), typist.next_key()] == ["alt+q", "j"]


def test_a_paste_whose_end_is_read_in_parts_is_one_paste_and_keys_work_after_it(typist: Typist) -> None:
    for part in b"\x1b[200~q \x1b", b"[A quit", b"\x1b[2", b"01~", b"j":
        typist.type(part)
        typist.until_read()
    message = typist.next()
    assert isinstance(message, Paste)
    assert message.text == "q \x1b[A quit"
    assert typist.next_key() == "j"


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
