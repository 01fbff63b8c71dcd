"""Is a port taken by somebody before our task is started? Else its probe would find a stranger and call it ready."""

import errno
import os
import re
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from tui_runner.model.probe import Probe
from tui_runner.probes.endpoint import Endpoint, endpoint_of

_CONNECT_TIMEOUT_S: Final = 0.2
_LONGEST_COMMAND: Final = 80
_TABLES: Final = ("/proc/net/tcp", "/proc/net/tcp6")
_LOOPBACK_4: Final = "127.0.0.1"
_MAPPED: Final = "0000000000000000FFFF0000"
"""How the kernel prints the prefix of an IPv4 address in IPv6 clothes, before the IPv4 part."""


class PortOwner(msgspec.Struct, frozen=True, kw_only=True):
    """Who listens on a port."""

    port: int
    pid: int | None = None
    """None when it belongs to somebody else's process, or cannot be found out here."""
    command: str = ""
    """Its command line, shortened; empty when unknown."""

    def describe(self) -> str:
        """Return a sentence for people: what is wrong and how to go on."""
        who = "another program" if self.pid is None else f"pid {self.pid}"
        named = f" ({self.command})" if self.command else ""
        return f"port {self.port} is already taken by {who}{named}; stop it, or give the task another port"


def occupied_port(probe: Probe) -> PortOwner | None:
    """Return who already listens where a tcp or http probe on this machine will look; None when the port is free.

    Call it right before the task is spawned. It tries to connect, as the probe will: a free port costs well under a
    millisecond. Finding the owner of a taken one walks the process table, some milliseconds.
    """
    endpoint = endpoint_of(probe)
    if endpoint is None or not endpoint.loopback or not 0 < endpoint.port < 65536:
        return None
    # Not by reading /proc/net/tcp at once: the kernel walks a large table for it, which takes milliseconds.
    if not any(_accepts(address, endpoint.port) for address in _numeric(endpoint)):
        return None
    if sys.platform == "linux":
        return _owner_by_inode(endpoint.port, _listening_inodes(endpoint))
    return _owner_by_psutil(endpoint.port)


def _numeric(endpoint: Endpoint) -> tuple[str, ...]:
    """Return the addresses; for a wildcard address the loopback address of its family."""
    instead = {"0.0.0.0": _LOOPBACK_4, "::": "::1"}  # noqa: S104 - nothing is bound here
    return tuple(instead.get(address, address) for address in endpoint.addresses)


def _listening_inodes(endpoint: Endpoint) -> set[bytes]:
    """Return socket inodes of listeners that a connection to the endpoint would reach."""
    wanted = {local for address in _numeric(endpoint) for local in _kernel_names(address)}
    listener = re.compile(
        rb"^ *\d+: ([0-9A-F]+):%04X [0-9A-F]+:0000 0A (?:\S+ +){5}(\d+)" % endpoint.port, re.MULTILINE
    )
    inodes: set[bytes] = set()
    for table in _TABLES:
        try:
            rows = Path(table).read_bytes()
        except OSError:
            continue
        if b":%04X " % endpoint.port in rows:
            inodes.update(inode for local, inode in listener.findall(rows) if local.decode("ascii") in wanted)
    return inodes


def _kernel_names(address: str) -> tuple[str, ...]:
    """Return how /proc/net/tcp* prints the local addresses that serve connections to this one."""
    any_6 = "0" * 32
    if ":" in address:
        return (_in_kernel_order(socket.inet_pton(socket.AF_INET6, address)), any_6)
    packed = _in_kernel_order(socket.inet_pton(socket.AF_INET, address))
    return (packed, "0" * 8, _MAPPED + packed, any_6)


def _in_kernel_order(packed: bytes) -> str:
    words = (packed[start : start + 4] for start in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)


def _owner_by_inode(port: int, inodes: set[bytes]) -> PortOwner:
    links = {f"socket:[{inode.decode('ascii')}]" for inode in inodes}
    for pid in _pids():
        if _holds(pid, links):
            return PortOwner(port=port, pid=pid, command=_command_of(pid))
    return PortOwner(port=port)


def _pids() -> Iterator[int]:
    # Newest first: what is in the way was most often started by the same person a moment ago.
    return iter(sorted((int(name) for name in os.listdir("/proc") if name.isdigit()), reverse=True))  # noqa: PTH208 - names only


def _holds(pid: int, links: set[str]) -> bool:
    try:
        with os.scandir(f"/proc/{pid}/fd") as descriptors:
            for descriptor in descriptors:
                try:
                    if os.readlink(descriptor.path) in links:  # noqa: PTH115 - thousands of them
                        return True
                except OSError:
                    continue  # closed meanwhile
    except OSError:
        return False  # gone, or somebody else's
    return False


def _command_of(pid: int) -> str:
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return _shown(raw.rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace"))


def _shown(command: str) -> str:
    clean = "".join(c if c.isprintable() else "?" for c in command)
    return clean if len(clean) <= _LONGEST_COMMAND else clean[: _LONGEST_COMMAND - 1] + "…"


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
                    return PortOwner(port=port, pid=process.pid, command=_shown(" ".join(process.cmdline())))
        except psutil.Error:
            continue  # gone, or somebody else's
    return PortOwner(port=port)
