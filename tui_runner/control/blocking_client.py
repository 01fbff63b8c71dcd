"""The control client for short verbs: plain blocking calls, no event loop, so that they start fast."""

import itertools
import socket
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

from tui_runner.control.handshake import check_hello
from tui_runner.control.protocol import (
    PROTOCOL,
    Command,
    FrameReader,
    Hello,
    Refused,
    Reply,
    ServerMessage,
    ServerMessageDecoder,
    Subscribe,
    Verb,
    encode,
)
from tui_runner.errors.runner_error import DefinitionError, ProtocolError
from tui_runner.model.task import TaskId
from tui_runner.version import VERSION

HELLO_TIMEOUT_S = 5.0
_RECEIVE_BYTES = 256 << 10


class BlockingClient:
    """A connection to a supervisor. Made by `connect`; use as a context manager."""

    def __init__(self, sock: socket.socket) -> None:
        self._socket = sock
        self._frames = FrameReader()
        self._decoder = ServerMessageDecoder()
        self._messages = self._receive()
        self._ids = itertools.count(1)
        self._foreign = False
        self.hello = Hello()
        """What the supervisor said first."""

    @classmethod
    def connect(cls, path: Path, *, any_version: bool = False) -> "BlockingClient":
        """Connect and exchange hellos. With `any_version` only `ps` and `down` may be requested.

        Raises:
            OSError: nobody listens there, or nobody answered in time.
            DefinitionError: the supervisor speaks another protocol, or refused; the problems say why.
            ProtocolError: what answers is no supervisor.
        """
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        client = cls(sock)
        try:
            sock.settimeout(HELLO_TIMEOUT_S)
            sock.connect(str(path))
            client._greet(any_version=any_version)
            sock.settimeout(None)
        except BaseException:
            sock.close()
            raise
        return client

    def request(
        self,
        verb: Verb,
        task: TaskId | None = None,
        *,
        wait: bool = True,
        usage: bool = False,
        with_dependents: bool = False,
        preview: bool = False,
        remove: bool = False,
        mode: str = "",
    ) -> Reply:
        """Ask for something and return the answer; with `wait` it comes when it is done. All as in `Command`.

        Other messages that arrive in between are dropped.

        Raises:
            ConnectionError: the connection ended before the answer came.
            DefinitionError: the supervisor refused; the problems say why.
        """
        number = next(self._ids)
        command = Command(
            id=number,
            verb=verb,
            task=task,
            wait=wait,
            usage=usage,
            with_dependents=with_dependents,
            preview=preview,
            remove=remove,
            mode=mode,
        )
        self._socket.sendall(encode(command))
        for message in self._messages:
            match message:
                case Reply(id=answered) if answered == number:
                    return message
                case Refused(problems=problems):
                    raise DefinitionError(problems)
                case _:
                    pass
        raise ConnectionResetError("the supervisor closed the connection before it answered")

    def subscribe(self, task: TaskId, start: int | None = None) -> None:
        """Ask for the task's output from this offset of its log on; it comes with `messages`."""
        self._socket.sendall(encode(Subscribe(task=task, start=start)))

    def messages(self) -> Iterator[ServerMessage]:
        """Yield what the supervisor sends, until it closes the connection."""
        return self._messages

    def wait_closed(self) -> None:
        """Block until the supervisor has closed the connection."""
        for _ in self._messages:
            pass

    def close(self) -> None:
        """Close the connection; again is fine."""
        self._socket.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _greet(self, *, any_version: bool) -> None:
        # The supervisor speaks first: writing to one that has refused and gone would lose what it said.
        match next(self._messages, None):
            case Hello() as hello:
                self.hello = hello
                self._foreign = hello.protocol != PROTOCOL
                if not any_version:
                    check_hello(hello)
                self._socket.sendall(encode(Hello(version=VERSION)))
            case Refused(problems=problems):
                raise DefinitionError(problems)
            case None:
                raise ConnectionResetError("the supervisor closed the connection")
            case _:
                raise ProtocolError("the supervisor did not begin with a hello")

    def _receive(self) -> Iterator[ServerMessage]:
        while data := self._read():
            for body in self._frames.feed(data):
                try:
                    yield self._decoder.decode(body)
                except ProtocolError:
                    # Another version may send what this one does not know; only replies matter then.
                    if not self._foreign:
                        raise

    def _read(self) -> bytes:
        try:
            return self._socket.recv(_RECEIVE_BYTES)
        except ConnectionResetError:
            return b""
