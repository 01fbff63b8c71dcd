"""Who gets whose output: subscriptions, and what a client that was behind gets to see afterwards.

A chunk is encoded once for all its subscribers. Nothing is kept for a slow one: it continues with the newest bytes,
and the gap in the offsets tells it to read the file.
"""

import msgspec

from tui_runner.control.connection import Connection
from tui_runner.control.protocol import CHUNK_BYTES, Chunk, encode
from tui_runner.control.supervised import Supervised
from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.task import TaskId

BACKLOG_BYTES = 256 << 10
"""Most that is read back for a new subscription; what is older is in the file."""
RESUME_BYTES = 64 << 10
"""Most that is read back for a client that has caught up."""


class _Origin(msgspec.Struct, frozen=True, kw_only=True):
    """Where bytes came from, as far as it is known."""

    time: float = 0.0
    stream: Stream = Stream.STDOUT
    attempt: int = 0


class _Subscription(msgspec.Struct, kw_only=True):
    sent: int
    """Offset after the last byte that was sent, or deliberately skipped."""
    missed: _Origin | None = None
    """The newest chunk that was skipped because the client was behind; None while it has everything."""


class LogFeed:
    """The subscriptions of all clients."""

    def __init__(self, supervised: Supervised) -> None:
        self._supervised = supervised
        self._by_task: dict[TaskId, dict[Connection, _Subscription]] = {}

    def subscribe(self, connection: Connection, task: TaskId, start: int | None) -> None:
        """Send output of the task from this offset on, None: from its end. Again replaces the subscription.

        Raises:
            KeyError: there is no such task.
        """
        self._supervised.view(task)
        end = self._supervised.log_end(task)
        position = end if start is None else max(0, min(start, end))
        subscription = _Subscription(sent=max(position, end - BACKLOG_BYTES))
        self._by_task.setdefault(task, {})[connection] = subscription
        self._send_file(connection, task, subscription, _Origin())

    def unsubscribe(self, connection: Connection, task: TaskId) -> None:
        """Send no more of it; without a subscription nothing happens."""
        subscribers = self._by_task.get(task, {})
        subscribers.pop(connection, None)
        if not subscribers:
            self._by_task.pop(task, None)

    def forget(self, connection: Connection) -> None:
        """End all subscriptions of a client that is gone."""
        for task in tuple(self._by_task):
            self.unsubscribe(connection, task)

    def output(self, task: TaskId, chunk: OutputChunk) -> None:
        """Send a new chunk to whoever wants it and keeps up."""
        subscribers = self._by_task.get(task)
        if not subscribers:
            return
        end = chunk.offset + len(chunk.data)
        frames: list[bytes] | None = None
        for connection, subscription in subscribers.items():
            if subscription.missed is not None or connection.behind:
                subscription.missed = _origin(chunk)
            elif subscription.sent > chunk.offset:
                # A part of it was read from the file when the subscription began.
                rest = chunk.data[subscription.sent - chunk.offset :]
                _send(connection, _frames(task, subscription.sent, rest, _origin(chunk)))
                subscription.sent = max(subscription.sent, end)
            else:
                if frames is None:
                    frames = _frames(task, chunk.offset, chunk.data, _origin(chunk))
                _send(connection, frames)
                subscription.sent = end

    def caught_up(self, connection: Connection) -> None:
        """Send the newest output of every subscription that has missed some; the client may fall behind again."""
        for task, subscribers in self._by_task.items():
            subscription = subscribers.get(connection)
            if subscription is None or subscription.missed is None:
                continue
            if connection.behind:
                return
            origin, subscription.missed = subscription.missed, None
            end = self._supervised.log_end(task)
            subscription.sent = max(subscription.sent, end - RESUME_BYTES)
            self._send_file(connection, task, subscription, origin)

    def _send_file(self, connection: Connection, task: TaskId, subscription: _Subscription, origin: _Origin) -> None:
        while data := self._supervised.read_log(task, subscription.sent, CHUNK_BYTES):
            _send(connection, _frames(task, subscription.sent, data, origin))
            subscription.sent += len(data)


def _origin(chunk: OutputChunk) -> _Origin:
    return _Origin(time=chunk.time, stream=chunk.stream, attempt=chunk.attempt)


def _frames(task: TaskId, offset: int, data: bytes, origin: _Origin) -> list[bytes]:
    return [
        encode(
            Chunk(
                task=task,
                offset=offset + start,
                time=origin.time,
                stream=origin.stream,
                attempt=origin.attempt,
                data=data[start : start + CHUNK_BYTES],
            )
        )
        for start in range(0, len(data), CHUNK_BYTES)
    ]


def _send(connection: Connection, frames: list[bytes]) -> None:
    # A chunk that was begun is sent whole: a few frames over the limit are better than half a chunk.
    for frame in frames:
        connection.send(frame)
