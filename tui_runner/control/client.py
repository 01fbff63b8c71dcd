"""The control client for programs with an event loop: the terminal UI above all.

Messages are delivered by plain calls. However much arrives, one turn of the loop spends at most `TURN_S` on it: what
has been received and not been decoded waits, and with it the socket, and with that the server.
"""

import asyncio
import contextlib
import os
import socket
import time
from collections import deque
from collections.abc import Callable
from pathlib import Path

import msgspec

from tui_runner.control.handshake import check_hello
from tui_runner.control.protocol import (
    Command,
    Ended,
    FrameReader,
    Hello,
    Input,
    Refused,
    Reply,
    Resize,
    ServerMessage,
    ServerMessageDecoder,
    Subscribe,
    Unsubscribe,
    Verb,
    WatchUsage,
    encode,
)
from tui_runner.errors.problem import Problem
from tui_runner.errors.runner_error import DefinitionError, ProtocolError
from tui_runner.model.task import TaskId
from tui_runner.model.window_size import WindowSize
from tui_runner.version import VERSION

RECEIVE_BYTES = 256 << 10
"""Most that is received in one turn of the loop."""
TURN_S = 0.002
"""Longest that decoding and delivering may hold the loop up in one turn, give or take one message."""
HELLO_TIMEOUT_S = 5.0


class Farewell(msgspec.Struct, frozen=True, kw_only=True):
    """How a connection ended."""

    ended: Ended | None = None
    """The run is over and this is how it went; None when the connection ended before."""
    problems: tuple[Problem, ...] = ()
    """Why the supervisor closed the connection, when it said so."""
    error: str = ""
    """What went wrong with the connection itself; empty when it was closed in order."""


class ControlClient(asyncio.BufferedProtocol):
    """A connection to a supervisor. Made by `connect` or `adopt`; used on one event loop.

    `on_message` is called for every message except replies that somebody awaits, in the order they were sent. It must
    not block. What it raises is reported to the loop's exception handler, and the next message is delivered.
    """

    def __init__(self, on_message: Callable[[ServerMessage], None]) -> None:
        loop = asyncio.get_running_loop()
        self.hello: asyncio.Future[Hello] = loop.create_future()
        """What the supervisor said first. Broken connections are told here as ConnectionError."""
        self.closed: asyncio.Future[Farewell] = loop.create_future()
        """Done when the connection has ended and everything received before has been delivered."""
        self._on_message = on_message
        self._transport: asyncio.Transport | None = None
        self._buffer = bytearray(RECEIVE_BYTES)
        self._frames = FrameReader()
        self._decoder = ServerMessageDecoder()
        self._inbox: deque[bytes] = deque()
        self._delivery: asyncio.Handle | None = None
        self._replies: dict[int, asyncio.Future[Reply]] = {}
        self._last_id = 0
        self._farewell = Farewell()
        self._gone = False

    @classmethod
    async def connect(cls, path: Path, on_message: Callable[[ServerMessage], None]) -> "ControlClient":
        """Connect to the socket of a running supervisor and exchange hellos.

        Raises:
            OSError: nobody listens there, or nobody answered in time.
            DefinitionError: the supervisor speaks another protocol, or refused; the problems say why.
        """
        loop = asyncio.get_running_loop()
        _, client = await loop.create_unix_connection(lambda: cls(on_message), str(path))
        try:
            async with asyncio.timeout(HELLO_TIMEOUT_S):
                check_hello(await client.hello)
        except BaseException:
            client.close()
            raise
        return client

    @classmethod
    async def adopt(cls, sock: socket.socket, on_message: Callable[[ServerMessage], None]) -> "ControlClient":
        """Take over a connected socket, such as the owner's end; wait for the hello as long as starting takes.

        Raises:
            OSError: the supervisor died before it was ready; its log says why.
            DefinitionError: it could not start; the problems say why.
        """
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        _, client = await loop.create_connection(lambda: cls(on_message), sock=sock)
        try:
            check_hello(await client.hello)
        except BaseException:
            client.close()
            raise
        return client

    async def request(
        self,
        verb: Verb,
        task: TaskId | None = None,
        *,
        wait: bool = True,
        with_dependents: bool = False,
        signal: str = "",
        preview: bool = False,
        remove: bool = False,
        mode: str = "",
    ) -> Reply:
        """Ask for something and return the answer; with `wait` it comes when it is done. All as in `Command`.

        Raises:
            ConnectionError: the connection ended before the answer came.
        """
        if self._gone or self._transport is None:
            raise ConnectionResetError("the connection to the supervisor has ended")
        self._last_id += 1
        number = self._last_id
        reply: asyncio.Future[Reply] = asyncio.get_running_loop().create_future()
        self._replies[number] = reply
        command = Command(
            id=number,
            verb=verb,
            task=task,
            wait=wait,
            with_dependents=with_dependents,
            signal=signal,
            preview=preview,
            remove=remove,
            mode=mode,
        )
        self._transport.write(encode(command))
        try:
            return await reply
        finally:
            self._replies.pop(number, None)

    def subscribe(self, task: TaskId, start: int | None = None) -> None:
        """Ask for the task's output from this offset of its log on, None: from its end. Asking again starts anew."""
        self._write(encode(Subscribe(task=task, start=start)))

    def watch_usage(self, on: bool) -> None:
        """Ask to be told what tasks use, or to be told no more."""
        self._write(encode(WatchUsage(on=on)))

    def unsubscribe(self, task: TaskId) -> None:
        """Ask for no more output of the task."""
        self._write(encode(Unsubscribe(task=task)))

    def resize(self, task: TaskId, size: WindowSize, *, claim: bool = False) -> None:
        """Tell in how many cells the terminal of a task is shown. All as in `Resize`."""
        self._write(encode(Resize(task=task, rows=size.rows, columns=size.columns, claim=claim)))

    def type_into(self, task: TaskId, data: bytes, *, answer: bool = False) -> None:
        """Type into the terminal of a task. All as in `Input`."""
        self._write(encode(Input(task=task, data=data, answer=answer)))

    def close(self) -> None:
        """Close the connection; again is fine. `closed` says when it is done."""
        if self._transport is not None:
            self._transport.close()

    def _write(self, frame: bytes) -> None:
        if self._transport is not None and not self._gone:
            self._transport.write(frame)

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin (called by the event loop)."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("the control socket must be a stream")
        self._transport = transport

    def get_buffer(self, sizehint: int) -> bytearray:  # noqa: ARG002 - fixed by BufferedProtocol
        """Return where to receive into (called by the event loop)."""
        return self._buffer

    def buffer_updated(self, nbytes: int) -> None:
        """Take what was received (called by the event loop)."""
        try:
            self._inbox.extend(self._frames.feed(bytes(memoryview(self._buffer)[:nbytes])))
        except ProtocolError as error:
            self._break_off(error)
            return
        if self._inbox and self._delivery is None:
            self._deliver()

    def connection_lost(self, exc: Exception | None) -> None:
        """End (called by the event loop); what is waiting is still delivered first."""
        if exc is not None:
            self._receive_rest()
        self._gone = True
        if exc is not None and not self._farewell.error:
            self._farewell = msgspec.structs.replace(self._farewell, error=f"the connection broke: {exc}")
        if self._delivery is None:
            self._say_farewell()

    def _receive_rest(self) -> None:
        # A write to a supervisor that has just closed fails, and its last words are still in the socket.
        if self._transport is None:
            return
        descriptor = self._transport.get_extra_info("socket").fileno()
        with contextlib.suppress(OSError, ProtocolError):
            while data := os.read(descriptor, RECEIVE_BYTES):
                self._inbox.extend(self._frames.feed(data))
        if self._inbox and self._delivery is None:
            self._delivery = asyncio.get_running_loop().call_soon(self._deliver)

    def _deliver(self) -> None:
        self._delivery = None
        deadline = time.monotonic() + TURN_S
        try:
            while self._inbox:
                self._dispatch(self._decoder.decode(self._inbox.popleft()))
                if time.monotonic() >= deadline:
                    break
        except ProtocolError as error:
            self._break_off(error)
        finally:
            self._continue()

    def _continue(self) -> None:
        transport = self._transport
        if self._inbox:
            self._delivery = asyncio.get_running_loop().call_soon(self._deliver)
            if transport is not None and not self._gone and transport.is_reading():
                transport.pause_reading()
        elif self._gone:
            self._say_farewell()
        elif transport is not None and not transport.is_closing() and not transport.is_reading():
            transport.resume_reading()

    def _dispatch(self, message: ServerMessage) -> None:
        match message:
            case Reply(id=number) if number in self._replies:
                reply = self._replies.pop(number)
                if not reply.done():
                    reply.set_result(message)
                return
            case Hello() if not self.hello.done():
                # The supervisor speaks first: writing to one that has refused and gone would lose what it said.
                self._write(encode(Hello(version=VERSION)))
                self.hello.set_result(message)
            case Refused(problems=problems):
                self._farewell = msgspec.structs.replace(self._farewell, problems=problems)
                if not self.hello.done():
                    self.hello.set_exception(DefinitionError(problems))
            case Ended():
                self._farewell = msgspec.structs.replace(self._farewell, ended=message)
            case _:
                pass
        self._on_message(message)

    def _break_off(self, error: ProtocolError) -> None:
        self._inbox.clear()
        self._farewell = msgspec.structs.replace(self._farewell, error=str(error))
        if self._transport is not None:
            self._transport.abort()

    def _say_farewell(self) -> None:
        if self._farewell.ended is not None:
            self._farewell = msgspec.structs.replace(self._farewell, error="")
        broken = ConnectionResetError(self._farewell.error or "the supervisor closed the connection")
        for reply in self._replies.values():
            if not reply.done():
                reply.set_exception(broken)
        if not self.hello.done():
            self.hello.set_exception(broken)
            self.hello.exception()  # whoever waited for it may have given up: not an error of the loop
        if not self.closed.done():
            self.closed.set_result(self._farewell)
