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


class _Outgoing:
    """A message that was not sent yet, or several without descriptors."""

    __slots__ = ("data", "fds", "owned")

    def __init__(self, data: bytearray, fds: tuple[int, ...]) -> None:
        self.data = data
        self.fds = fds
        self.owned = False
        """The descriptors are duplicates of ours, made because sending takes longer than the caller waits."""

    def keep_fds(self) -> None:
        if self.fds and not self.owned:
            self.fds = tuple(os.dup(fd) for fd in self.fds)
            self.owned = True

    def drop_fds(self) -> None:
        if self.owned:
            for fd in self.fds:
                os.close(fd)
        self.fds = ()


class Channel:
    """One end of the socketpair."""

    def __init__(self, sock: Socket) -> None:
        sock.setblocking(False)
        self._sock = sock
        self._incoming = bytearray()
        self._batches: list[list[int]] = []
        """Descriptors received, one list for each message that carried some."""
        self._outgoing: list[_Outgoing] = []

    def fileno(self) -> int:
        """Return the descriptor to wait on."""
        return self._sock.fileno()

    @property
    def waiting(self) -> bool:
        """Something is still to be sent."""
        return bool(self._outgoing)

    def queue(self, message: Message, fds: tuple[int, ...] = ()) -> None:
        """Queue a message; `flush` sends. After that the caller may close `fds` whenever it likes."""
        body = marshal.dumps(message)
        frame = _LENGTH.pack(len(body)) + body
        if not fds and self._outgoing and not self._outgoing[-1].fds:
            self._outgoing[-1].data.extend(frame)
        else:
            self._outgoing.append(_Outgoing(bytearray(frame), fds))

    def flush(self) -> None:
        """Send what the socket takes.

        Raises:
            OSError: the peer is gone.
        """
        queue = self._outgoing
        done = 0
        try:
            while done < len(queue):
                item = queue[done]
                sent = self._send(item)
                if sent:
                    item.drop_fds()  # they travel with the first byte
                if sent < len(item.data):
                    del item.data[:sent]
                    break
                done += 1
        finally:
            del queue[:done]
            for item in queue:
                item.keep_fds()

    def _send(self, item: _Outgoing) -> int:
        try:
            if not item.fds:
                return self._sock.send(item.data)
            rights = pack(f"{len(item.fds)}i", *item.fds)
            return self._sock.sendmsg((item.data,), ((SOL_SOCKET, SCM_RIGHTS, rights),))
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
        """Close this end and forget what was not sent."""
        for item in self._outgoing:
            item.drop_fds()
        self._outgoing.clear()
        self._sock.close()


def _fds(raw: bytes) -> tuple[int, ...]:
    return unpack_from(f"{len(raw) // calcsize('i')}i", raw)
