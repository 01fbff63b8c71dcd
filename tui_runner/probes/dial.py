"""Connecting to what may or may not listen yet. Plain non-blocking sockets: closing them leaves nothing behind."""

import asyncio
import ipaddress
import socket
from collections.abc import Callable

from tui_runner.probes.endpoint import Endpoint

Inspect = Callable[[socket.socket], None]
"""Looks at a fresh connection; raises OSError when it is not the one that was wanted."""


def accept_any(connection: socket.socket) -> None:
    """Be content with whoever answers."""


async def dial(endpoint: Endpoint, inspect: Inspect = accept_any) -> socket.socket:
    """Return a connected non-blocking socket, which the caller closes. Tries every address in turn, of both families.

    An address whose connection `inspect` refuses is passed over.

    Raises:
        OSError: nothing accepts connections there, or nothing that is wanted; what was refused is told first.
    """
    problem: OSError | None = None
    for name in endpoint.addresses:
        for family, target in await _targets(name, endpoint.port):
            try:
                return await _connect(family, target, inspect)
            except OSError as error:
                if problem is None or isinstance(problem, ConnectionRefusedError):
                    problem = error
    raise problem or OSError("no address")


async def _targets(name: str, port: int) -> list[tuple[int, tuple[object, ...]]]:
    """Return family and address of everything a name stands for; a numeric address is not looked up."""
    try:
        version = ipaddress.ip_address(name).version
    except ValueError:
        found = await asyncio.get_running_loop().getaddrinfo(name, port, type=socket.SOCK_STREAM)
        return [(family, target) for family, _, _, _, target in found]
    return [(socket.AF_INET6 if version == 6 else socket.AF_INET, (name, port))]


async def _connect(family: int, target: tuple[object, ...], inspect: Inspect) -> socket.socket:
    connection = socket.socket(family, socket.SOCK_STREAM)
    try:
        connection.setblocking(False)
        await asyncio.get_running_loop().sock_connect(connection, target)
        _refuse_itself(connection)
        inspect(connection)
    except BaseException:
        connection.close()
        raise
    return connection


def _refuse_itself(connection: socket.socket) -> None:
    """Refuse a connection to itself: connecting to a free port of the ephemeral range can be given that very port."""
    if connection.getsockname() == connection.getpeername():
        raise ConnectionRefusedError("nothing listens there")
