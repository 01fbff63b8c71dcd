"""Speaking to a supervisor that was just started, without an event loop: wait until it is up, give ownership up."""

import socket
from collections.abc import Iterator
from typing import NamedTuple

from tui_runner.control.protocol import (
    Command,
    Ended,
    FrameReader,
    Hello,
    Refused,
    Reply,
    ServerMessage,
    ServerMessageDecoder,
    Snapshot,
    encode,
)
from tui_runner.errors.runner_error import DefinitionError, ProtocolError
from tui_runner.version import VERSION

_DETACH_ID = 1


class Detached(NamedTuple):
    """A run that goes on without us."""

    run_id: str
    recovered: tuple[str, ...]
    """What was cleaned up before it, for people."""


def give_up_ownership(owner: socket.socket) -> Detached:
    """Detach from a starting supervisor and return its run; its end is no longer bound to ours.

    Raises:
        DefinitionError: it could not start; the problems say why.
        ProtocolError: it went away without a word.
    """
    with owner:
        owner.setblocking(True)
        owner.sendall(encode(Hello(version=VERSION)))
        owner.sendall(encode(Command(id=_DETACH_ID, verb="detach", wait=False)))
        run_id = ""
        recovered: tuple[str, ...] = ()
        for message in _messages(owner):
            match message:
                case Hello():
                    run_id = message.run_id
                case Snapshot():
                    recovered = message.run.recovered
                case Refused():
                    raise DefinitionError(message.problems)
                case Reply(id=1):
                    return Detached(run_id, recovered)
                case Ended():
                    break
                case _:
                    continue
    raise ProtocolError("the supervisor went away before it was up; its log says more")


def _messages(sock: socket.socket) -> Iterator[ServerMessage]:
    reader = FrameReader()
    decoder = ServerMessageDecoder()
    while data := sock.recv(1 << 16):
        for body in reader.feed(data):
            yield decoder.decode(body)
