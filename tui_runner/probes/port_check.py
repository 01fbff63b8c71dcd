"""Is a port taken by somebody before our task is started? Else its probe would find a stranger and call it ready."""

import errno
import socket
import sys
from typing import Final

import msgspec

from tui_runner.model.probe import Http, Probe, Tcp, leaves_of
from tui_runner.probes.endpoint import Endpoint, endpoint_of
from tui_runner.probes.listeners import command_of, holders_of, listening_inodes, shown_command

_CONNECT_TIMEOUT_S: Final = 0.2
_LOOPBACK_4: Final = "127.0.0.1"


class PortOwner(msgspec.Struct, frozen=True, kw_only=True):
    """Who listens on a port."""

    port: int
    pid: int | None = None
    """None when it belongs to somebody else's process, or cannot be found out here."""
    command: str = ""
    """Its command line, shortened; empty when unknown."""

    def describe(self, asking: str = "", holding: str | None = None) -> str:
        """Return a sentence for people: what is wrong and how to go on.

        `asking` is the task that wants the port, `holding` the one of the same run that has it, None when it is none.
        """
        who = "another program" if self.pid is None else f"pid {self.pid}"
        named = f" ({self.command})" if self.command else ""
        taken = f"port {self.port} is already taken by {who}{named}"
        if holding is None:
            return f"{taken}; stop it, or give the task another port"
        if holding == asking:
            return f"{taken}, which an earlier attempt of this task has left behind; stop the task to end it, then start it"
        return f"{taken} of the task `{holding}`; give one of the two another port"


def occupied_port(probe: Probe) -> PortOwner | None:
    """Return who already listens where a tcp or http probe on this machine will look; None when the port is free.

    Of a combination all parts are looked at. Those that are content with anyone are not.

    Call it right before the task is spawned. It tries to connect, as the probe will: a free port costs well under a
    millisecond. Finding the owner of a taken one walks the process table, some milliseconds.
    """
    for leaf in leaves_of(probe):
        owner = _occupant(leaf) if isinstance(leaf, Tcp | Http) and leaf.owner == "task" else None
        if owner is not None:
            return owner
    return None


def _occupant(probe: Tcp | Http) -> PortOwner | None:
    endpoint = endpoint_of(probe)
    if endpoint is None or not endpoint.loopback or not 0 < endpoint.port < 65536:
        return None
    # Not by reading /proc/net/tcp at once: the kernel walks a large table for it, which takes milliseconds.
    if not any(_accepts(address, endpoint.port) for address in _numeric(endpoint)):
        return None
    return _owner_by_inode(endpoint) if sys.platform == "linux" else _owner_by_psutil(endpoint.port)


def _numeric(endpoint: Endpoint) -> tuple[str, ...]:
    """Return the addresses; for a wildcard address the loopback address of its family."""
    instead = {"0.0.0.0": _LOOPBACK_4, "::": "::1"}  # noqa: S104 - nothing is bound here
    return tuple(instead.get(address, address) for address in endpoint.addresses)


def _owner_by_inode(endpoint: Endpoint) -> PortOwner:
    inodes: set[bytes] = set()
    for address in _numeric(endpoint):
        inodes |= set().union(*listening_inodes(address, endpoint.port).values())
    pid = next(holders_of(inodes), None)
    return PortOwner(port=endpoint.port, pid=pid, command="" if pid is None else command_of(pid))


def _accepts(address: str, port: int) -> bool:
    try:
        family = socket.AF_INET6 if ":" in address else socket.AF_INET
        with socket.socket(family, socket.SOCK_STREAM) as connection:
            connection.settimeout(_CONNECT_TIMEOUT_S)
            code = connection.connect_ex((address, port))
            if code in {errno.EAGAIN, errno.ETIMEDOUT}:
                return True  # listens, and is too busy to answer
            return code == 0 and connection.getsockname() != connection.getpeername()
    except OSError:
        return False


def _owner_by_psutil(port: int) -> PortOwner:
    import psutil  # noqa: PLC0415 - only off Linux, and only when a port is taken

    for process in psutil.process_iter():
        try:
            for connection in process.net_connections(kind="tcp"):
                if connection.status == psutil.CONN_LISTEN and connection.laddr.port == port:
                    return PortOwner(port=port, pid=process.pid, command=shown_command(" ".join(process.cmdline())))
        except psutil.Error:
            continue  # gone, or somebody else's
    return PortOwner(port=port)
