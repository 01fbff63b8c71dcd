"""Speaking to a supervisor that was just started, without an event loop: wait until it is up, give ownership up."""

import socket
from collections.abc import Iterator

from tui_runner.control.protocol import (
    Command,
    Ended,
    FrameReader,
    Hello,
    Refused,
    Reply,
    ServerMessage,
    ServerMessageDecoder,
    encode,
)
from tui_runner.errors.runner_error import DefinitionError, ProtocolError
from tui_runner.version import VERSION

_DETACH_ID = 1


def give_up_ownership(owner: socket.socket) -> str:
    """Detach from a starting supervisor and return its run id; its end is no longer bound to ours.

    Raises:
        DefinitionError: it could not start; the problems say why.
        ProtocolError: it went away without a word.
    """
    with owner:
        owner.setblocking(True)
        owner.sendall(encode(Hello(version=VERSION)))
        owner.sendall(encode(Command(id=_DETACH_ID, verb="detach", wait=False)))
        run_id = ""
        for message in _messages(owner):
            match message:
                case Hello():
                    run_id = message.run_id
                case Refused():
                    raise DefinitionError(message.problems)
                case Reply(id=1):
                    return run_id
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
