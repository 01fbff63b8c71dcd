"""Messages with descriptors over a socketpair, for both ends: 4-byte length and a marshalled dict.

Both ends are the same program in the same Python, so marshal is safe and fast here. Nothing blocks: what does not fit
waits in the queue. Must import nothing heavy, it runs inside the guardian.
"""

from __future__ import annotations

import _socket
import marshal
import os
from _socket import CMSG_SPACE, MSG_CTRUNC, SCM_RIGHTS, SOL_SOCKET
from _struct import Struct, calcsize, pack, unpack_from

TYPE_CHECKING = False
if TYPE_CHECKING:
    from _socket import socket as Socket  # noqa: N812 - the C class is the type of both ends
    from typing import Any

    Message = dict[str, Any]

_CLOEXEC: int = getattr(_socket, "MSG_CMSG_CLOEXEC", 0)
"""Missing on macOS, where descriptors are marked right after they have arrived."""

_LENGTH = Struct("!I")
_READ_SIZE = 65536
_MOST_FDS = 16


class Channel:
    """One end of the socketpair."""

    def __init__(self, sock: Socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._incoming = bytearray()
        self._batches: list[list[int]] = []
        """Descriptors received, one list for each message that carried some."""
        self._outgoing: list[tuple[bytearray, tuple[int, ...]]] = []

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._sock.fileno()

    @property
    def waiting(self) -> bool:
        """Something is still to be sent."""
        return bool(self._outgoing)

    def queue(self, message: Message, fds: tuple[int, ...] = ()) -> None:
        """Queue a message; `flush` sends. The caller keeps `fds` open until the peer has answered."""
        body = marshal.dumps(message)
        frame = _LENGTH.pack(len(body)) + body
        if not fds and self._outgoing and not self._outgoing[-1][1]:
            self._outgoing[-1][0].extend(frame)
        else:
            self._outgoing.append((bytearray(frame), fds))

    def flush(self) -> None:
        """Send what the socket takes.

        Raises:
            OSError: the peer is gone.
        """
        queue = self._outgoing
        done = 0
        try:
            while done < len(queue):
                data, fds = queue[done]
                sent = self._send(data, fds)
                if sent < len(data):
                    del data[:sent]
                    if sent:  # descriptors travel with the first byte
                        queue[done] = (data, ())
                    break
                done += 1
        finally:
            del queue[:done]

    def _send(self, data: bytearray, fds: tuple[int, ...]) -> int:
        try:
            if not fds:
                return self._sock.send(data)
            rights = pack(f"{len(fds)}i", *fds)
            return self._sock.sendmsg((data,), ((SOL_SOCKET, SCM_RIGHTS, rights),))
        except BlockingIOError:
            return 0

    def receive(self) -> list[Message] | None:
        """Return the messages that have arrived; None when the peer has closed its end.

        Raises:
            OSError: the connection broke.
        """
        try:
            data, ancillary, flags, _ = self._sock.recvmsg(_READ_SIZE, CMSG_SPACE(_MOST_FDS * calcsize("i")), _CLOEXEC)
        except BlockingIOError:
            return []
        batch = [fd for level, kind, raw in ancillary if (level, kind) == (SOL_SOCKET, SCM_RIGHTS) for fd in _fds(raw)]
        if batch or flags & MSG_CTRUNC:
            for fd in batch:
                os.set_inheritable(fd, False)
            self._batches.append(batch)
        if not data:
            return None
        buffer = self._incoming
        buffer += data
        messages: list[Message] = []
        start, end = 0, len(buffer)
        while end - start >= 4:
            size = _LENGTH.unpack_from(buffer, start)[0]
            if end - start - 4 < size:
                break
            messages.append(marshal.loads(buffer[start + 4 : start + 4 + size]))  # noqa: S302 - our own other half
            start += 4 + size
        del buffer[:start]
        return messages

    def take_fds(self, count: int) -> list[int]:
        """Return the descriptors of the next message that announced `count` of them, in order of arrival.

        Returns fewer when some were lost on the way, because the table of open files was full; those that did arrive
        are closed then.
        """
        if count == 0:
            return []
        batch = self._batches.pop(0) if self._batches else []
        if len(batch) == count:
            return batch
        if len(batch) > count:  # a system that joins what two messages carried
            self._batches.insert(0, batch[count:])
            return batch[:count]
        for fd in batch:
            os.close(fd)
        return []

    def close(self) -> None:
        """Close this end."""
        self._sock.close()


def _fds(raw: bytes) -> tuple[int, ...]:
    return unpack_from(f"{len(raw) // calcsize('i')}i", raw)
