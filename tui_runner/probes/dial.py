"""Connecting to what may or may not listen yet. Plain non-blocking sockets: closing them leaves nothing behind."""

import asyncio
import ipaddress
import socket

from tui_runner.probes.endpoint import Endpoint


async def dial(endpoint: Endpoint) -> socket.socket:
    """Return a connected non-blocking socket, which the caller closes. Tries every address in turn.

    Raises:
        OSError: nothing accepts connections there.
    """
    problem: OSError | None = None
    for address in endpoint.addresses:
        try:
            return await _connect(address, endpoint.port)
        except OSError as error:
            problem = problem or error
    raise problem or OSError("no address")


async def _connect(address: str, port: int) -> socket.socket:
    loop = asyncio.get_running_loop()
    try:
        family = socket.AF_INET6 if ipaddress.ip_address(address).version == 6 else socket.AF_INET
        target: tuple[object, ...] = (address, port)
    except ValueError:
        family, _, _, _, target = (await loop.getaddrinfo(address, port, type=socket.SOCK_STREAM))[0]
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        await loop.sock_connect(connection, target)
        _refuse_itself(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_itself(connection: socket.socket) -> None:
    """Refuse a connection to itself: connecting to a free port of the ephemeral range can be given that very port."""
    if connection.getsockname() == connection.getpeername():
        raise ConnectionRefusedError("nothing listens there")
