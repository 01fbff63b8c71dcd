"""Bytes over a connected socket, in the clear or through TLS. The owner of the socket closes it."""

import asyncio
import socket
import ssl
from typing import Final, Protocol

READ_BYTES: Final = 16 << 10


class Channel(Protocol):
    """Sends and receives bytes. Cancelling either is safe; the channel is useless afterwards."""

    async def send(self, data: bytes) -> None:
        """Send everything. Raises OSError when the connection breaks."""

    async def receive(self) -> bytes:
        """Return some bytes; empty at the end. Raises OSError when the connection breaks."""


class PlainChannel:
    """In the clear."""

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection

    async def send(self, data: bytes) -> None:
        """Send everything."""
        await asyncio.get_running_loop().sock_sendall(self._connection, data)

    async def receive(self) -> bytes:
        """Return some bytes; empty at the end."""
        return await asyncio.get_running_loop().sock_recv(self._connection, READ_BYTES)


class TlsChannel:
    """Through TLS, as the client. The handshake happens on first use."""

    def __init__(self, inner: PlainChannel, host: str, *, verify: bool) -> None:
        """`verify` False accepts any certificate, as a self-signed one on this machine."""
        if verify:
            context = ssl.create_default_context()
        else:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
            context.check_hostname = False
            context.verify_mode = ssl.CERT_NONE
        self._inner = inner
        self._incoming = ssl.MemoryBIO()
        self._outgoing = ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=host)

    async def send(self, data: bytes) -> None:
        """Send everything. Raises ssl.SSLError (an OSError) when the peer speaks no TLS or is not trusted."""
        while True:
            try:
                self._tls.write(data)  # writing to memory takes all or nothing
                break
            except ssl.SSLWantReadError:
                await self._exchange()
        await self._flush()

    async def receive(self) -> bytes:
        """Return some bytes; empty at the end."""
        while True:
            try:
                return self._tls.read(READ_BYTES)
            except ssl.SSLWantReadError:
                await self._exchange()
            except (ssl.SSLZeroReturnError, ssl.SSLEOFError):
                return b""

    async def _exchange(self) -> None:
        await self._flush()
        data = await self._inner.receive()
        if data:
            self._incoming.write(data)
        else:
            self._incoming.write_eof()

    async def _flush(self) -> None:
        if self._outgoing.pending:
            await self._inner.send(self._outgoing.read())
