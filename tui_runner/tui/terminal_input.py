"""Reads keys and reports from the terminal, in a thread of their own, until it is told to stop.

Textual's own loop looks ten times a second whether it shall stop, and once more before it does: leaving took 200 ms.
This one is woken. It writes nothing and does not touch the modes of the terminal.

Whether an escape is the key of that name, or begins what another key sends, only time can tell. A terminal sends what
one key means in one go, so a short while is enough, and whoever types on after Esc does not type Alt.
"""

import errno
import os
import select
from codecs import getincrementaldecoder
from collections.abc import Callable, Iterable
from contextlib import suppress
from time import monotonic
from typing import Self

from textual._parser import ParseError, Read1
from textual._xterm_parser import XTermParser
from textual.events import Key, MouseEvent, Paste
from textual.message import Message

from tui_runner.tui.typed_text import Pasted, TypedText, escape_patience_s

_READ_BYTES = 4096
_TALKATIVE_S = 0.5
"""After a question or a move of the mouse, the terminal may have more to say for so long."""
_LINGER_S = 0.15
"""How long what a talkative terminal still says is taken, so that it does not end up in the shell."""


class _Read(Read1):
    """The wish of the parser for a character. What it is fed is whole: if it wants more, there will be none."""

    def __new__(cls, timeout: float | None = None) -> Self:
        return super().__new__(cls, None if timeout is None else 0.0)


class _Parser(XTermParser):
    """Hears Alt with every character, as programs that are typed into want it; Textual does with letters and digits only."""

    read1 = _Read

    def _sequence_to_key_events(self, sequence: str, alt: bool = False) -> Iterable[Key]:
        for event in super()._sequence_to_key_events(sequence, alt):
            heard = not alt or len(sequence) > 1 or event.key.startswith("alt+")
            yield event if heard else Key(f"alt+{event.key}", event.character)


class TerminalInput:
    """One turn at the terminal, from its start until it is left or suspended. Holds a pipe, which `close` closes."""

    def __init__(self, descriptor: int, tell: Callable[[Message], None], *, debug: bool = False) -> None:
        self._descriptor = descriptor
        self._tell = tell
        self._parser = _Parser(debug)
        self._typed = TypedText(escape_patience_s(os.environ))
        self._decode = getincrementaldecoder("utf-8")("replace").decode
        self._talkative_until = monotonic() + _TALKATIVE_S
        self._woken, self._waker = os.pipe()

    def run(self) -> None:
        """Read until `stop` is called; to be called once, in the thread that reads.

        Raises:
            OSError: the terminal is gone.
        """
        try:
            while self._wait():
                pass
            self._hear_out()
        finally:
            with suppress(EOFError, ParseError):
                for _ in self._parser.feed(""):
                    pass

    def stop(self) -> None:
        """Let `run` return soon; from any thread, and before `close`."""
        os.write(self._waker, b"!")

    def close(self) -> None:
        """Close the pipe; only when `run` has returned or was never called."""
        os.close(self._woken)
        os.close(self._waker)

    def _wait(self) -> bool:
        """Tell what is there to read, or what has become of an escape; return False when it is time to stop."""
        ready, _, _ = select.select((self._descriptor, self._woken), (), (), self._typed.patience_s)
        if self._woken in ready:
            return False
        for piece in self._typed.feed(self._decode(self._read())) if ready else self._typed.give_up():
            self._tell_all(piece)
        return True

    def _tell_all(self, piece: str | Pasted) -> None:
        if isinstance(piece, Pasted):
            self._tell(Paste(piece.text.replace("\0", "")))
            return
        for message in (*self._parser.feed(piece), *self._parser.tick()):
            if isinstance(message, MouseEvent):
                self._talkative_until = monotonic() + _TALKATIVE_S
            self._tell(message)

    def _hear_out(self) -> None:
        """Swallow answers and moves of the mouse that are on their way."""
        if monotonic() >= self._talkative_until:
            return
        end = monotonic() + _LINGER_S
        while (left := end - monotonic()) > 0:
            if select.select((self._descriptor,), (), (), left)[0]:
                self._read()

    def _read(self) -> bytes:
        if not (data := os.read(self._descriptor, _READ_BYTES)):
            raise OSError(errno.EIO, "the terminal was closed")  # some systems say it like this
        return data
