"""One client of the control server, seen as frames: joins writes, bounds what is unsent, cuts what arrives.

Knows nothing of verbs and subscriptions; its `Desk` does. A client that does not read costs at most `UNSENT_BYTES`
plus one frame per task: output is skipped, states are replaced by newer ones, and its own requests wait.
"""

import asyncio
from enum import StrEnum
from typing import Protocol

from tui_runner.control.protocol import ClientMessage, ClientMessageDecoder, FrameReader, Refused, encode
from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import ProtocolError

UNSENT_BYTES = 1 << 20
"""With more than this unsent a client is behind: it gets no output until it has caught up."""
_CAUGHT_UP_BYTES = 256 << 10


class Role(StrEnum):
    """What a connection means to the run."""

    OWNER = "owner"
    """Its end is the first stop of the run."""
    GUEST = "guest"
    """Its end changes nothing."""


class Standing(StrEnum):
    """How far a connection has come."""

    NEW = "new"
    """Has not said hello."""
    TALKING = "talking"
    FOREIGN = "foreign"
    """Speaks another version of the protocol: only `ps` and `down` work."""
    CLOSING = "closing"
    """Nothing is read or sent any more; what is in the buffer still goes out."""


class _Flow(StrEnum):
    FLOWING = "flowing"
    BEHIND = "behind"
    """Too much is waiting to be handed to the transport."""
    PAUSED = "paused"
    """The transport asked to wait."""


class Desk(Protocol):
    """Who serves the connections."""

    def opened(self, connection: "Connection") -> None:
        """Greet a new client, or send it away."""

    def received(self, connection: "Connection", message: ClientMessage) -> None:
        """Take a message. Raises ProtocolError when it is out of turn."""

    def caught_up(self, connection: "Connection") -> None:
        """Send the newest of what was skipped while it was behind."""

    def lost(self, connection: "Connection") -> None:
        """Forget the client; it is gone."""


class Connection(asyncio.Protocol):
    """A client that is connected. Made by the server for each transport."""

    def __init__(self, desk: Desk, role: Role) -> None:
        self.role = role
        self.standing = Standing.NEW
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        """Done when the socket is closed."""
        self._desk = desk
        self._transport: asyncio.Transport | None = None
        self._frames = FrameReader()
        self._decoder = ClientMessageDecoder()
        self._outbox: list[bytes] = []
        self._outbox_bytes = 0
        self._flushing: asyncio.Handle | None = None
        self._flow = _Flow.FLOWING
        self._latest: dict[str, bytes] = {}

    @property
    def transport(self) -> asyncio.Transport:
        """The transport; only after `connection_made`."""
        if self._transport is None:
            raise RuntimeError("the connection has not been made yet")
        return self._transport

    @property
    def behind(self) -> bool:
        """Tell whether output has to be skipped for it now."""
        return self._flow is not _Flow.FLOWING

    def send(self, frame: bytes) -> None:
        """Send a frame with the others of this turn of the loop. For what must arrive: hello, replies, the end."""
        if self.standing is Standing.CLOSING:
            return
        self._outbox.append(frame)
        self._outbox_bytes += len(frame)
        if self._flushing is None:
            self._flushing = asyncio.get_running_loop().call_soon(self._flush)
        if self._flow is _Flow.FLOWING and self._unsent() > UNSENT_BYTES:
            self._flow = _Flow.BEHIND

    def send_unless_behind(self, frame: bytes) -> bool:
        """Send a frame the client can do without; tell whether it will get it."""
        if self.behind:
            return False
        self.send(frame)
        return True

    def send_latest(self, key: str, frame: bytes) -> None:
        """Send a frame that replaces earlier ones of the same key, should they still be waiting."""
        if self.behind:
            self._latest[key] = frame
        else:
            self.send(frame)

    def send_picture(self, frame: bytes) -> None:
        """Send a frame that replaces everything of the latest that still waits."""
        self._latest.clear()
        self.send(frame)

    def refuse(self, problem: Problem) -> None:
        """Say why, and close."""
        self.send(encode(Refused(problems=(problem,))))
        self.finish()

    def finish(self, last: bytes | None = None) -> None:
        """Close once everything that waits has been sent, and this last frame after it."""
        if self.standing is Standing.CLOSING:
            return
        for frame in self._take_latest():
            self.send(frame)
        if last is not None:
            self.send(last)
        self._hand_over()
        self.standing = Standing.CLOSING
        self.transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Begin (called by the event loop)."""
        if not isinstance(transport, asyncio.Transport):
            raise TypeError("the control socket must be a stream")
        self._transport = transport
        transport.set_write_buffer_limits(high=UNSENT_BYTES, low=_CAUGHT_UP_BYTES)
        self._desk.opened(self)

    def data_received(self, data: bytes) -> None:
        """Take bytes (called by the event loop); garbage is answered and ends this connection alone."""
        try:
            bodies = [] if self.standing is Standing.CLOSING else self._frames.feed(data)
            for body in bodies:
                if self.standing is not Standing.CLOSING:
                    self._desk.received(self, self._decoder.decode(body))
        except ProtocolError as error:
            self.refuse(Problem(kind=ProblemKind.USAGE, message=f"the control connection is closed: {error}"))

    def pause_writing(self) -> None:
        """Stop sending (called by the event loop). Its requests wait too, or their replies would pile up."""
        self._flow = _Flow.PAUSED
        if not self.transport.is_closing():
            self.transport.pause_reading()

    def resume_writing(self) -> None:
        """Go on sending (called by the event loop)."""
        if not self.transport.is_closing():
            self.transport.resume_reading()
        self._catch_up()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002 - an end is an end
        """End (called by the event loop)."""
        self.standing = Standing.CLOSING
        if self._flushing is not None:
            self._flushing.cancel()
        self._outbox.clear()
        self._latest.clear()
        if not self.closed.done():
            self.closed.set_result(None)
        self._desk.lost(self)

    def _unsent(self) -> int:
        return self._outbox_bytes + self.transport.get_write_buffer_size()

    def _flush(self) -> None:
        self._flushing = None
        self._hand_over()
        if self._flow is _Flow.BEHIND:
            self._catch_up()

    def _hand_over(self) -> None:
        frames, self._outbox = self._outbox, []
        self._outbox_bytes = 0
        if frames and not self.transport.is_closing():
            self.transport.write(frames[0] if len(frames) == 1 else b"".join(frames))

    def _catch_up(self) -> None:
        self._flow = _Flow.FLOWING
        for frame in self._take_latest():
            self.send(frame)
        if self.standing is not Standing.CLOSING:
            self._desk.caught_up(self)

    def _take_latest(self) -> list[bytes]:
        frames = list(self._latest.values())
        self._latest.clear()
        return frames
