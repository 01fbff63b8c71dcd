"""Does the one who answers on a port of this machine belong to the task? Looked at in /proc, as far as we may.

Only what is *known* to be somebody else's is refused: a process of another user cannot be looked at, and a container's
port is served by the container engine.
"""

import ipaddress
import socket
from collections.abc import Callable
from typing import Final

from tui_runner.probes.dial import Inspect
from tui_runner.probes.listeners import command_of, holders_of, listening_inodes

_ENGINES: Final = frozenset(
    {
        *("com.docker.backend", "com.docker.vpnkit", "containerd", "docker-proxy", "dockerd", "rootlesskit"),
        *("aardvark-dns", "conmon", "gvproxy", "pasta", "pasta.avx2", "podman", "rootlessport", "slirp4netns"),
        *("limactl", "vpnkit", "wslrelay"),
    }
)
"""Programs that listen in the name of a container, which a task has started through a daemon."""


class StrangerError(OSError):
    """What answers belongs to somebody else."""


def refuse_strangers(
    owns: Callable[[int], bool],
    warn: Callable[[str], None],
    task_of: Callable[[int], str | None] | None = None,
) -> Inspect:
    """Return what refuses connections to processes that the task does not own; each is told once, by `warn`.

    `task_of` names the task of the run that a stranger belongs to.
    """
    told: set[int] = set()

    def inspect(connection: socket.socket) -> None:
        address, port = connection.getpeername()[:2]
        pid = stranger_at(address, port, owns)
        if pid is None:
            return
        named = f" ({command})" if (command := command_of(pid)) else ""
        other = None if task_of is None else task_of(pid)
        whose = "which this task has not started" if other is None else f"a process of the task `{other}`"
        if pid not in told:
            told.add(pid)
            warn(
                f"port {port} is answered by pid {pid}{named}, {whose}: that does not count; "
                'if it should, give the probe owner="anyone"'
            )
        raise StrangerError(f"port {port} belongs to pid {pid}{named}, {whose}")

    return inspect


def stranger_at(address: str, port: int, owns: Callable[[int], bool]) -> int | None:
    """Return a process that listens there and is not owned; None when an owned one does too, or nobody can tell."""
    found = listening_inodes(_plain(address), port)
    closest = next(iter(found.values()), frozenset[bytes]())
    strangers: list[int] = []
    for pid in holders_of(closest):
        if owns(pid) or _is_engine(pid):
            return None
        strangers.append(pid)
    return strangers[0] if strangers else None


def _plain(address: str) -> str:
    mapped = ipaddress.ip_address(address)
    if isinstance(mapped, ipaddress.IPv6Address) and mapped.ipv4_mapped is not None:
        return str(mapped.ipv4_mapped)
    return address.partition("%")[0]


def _is_engine(pid: int) -> bool:
    try:
        with open(f"/proc/{pid}/stat", "rb") as stat:  # noqa: PTH123 - no objects: asked of every holder
            name = stat.read(4096)
    except OSError:
        return False  # gone meanwhile: ask again
    # The kernel keeps fifteen characters of a name.
    held = name[name.find(b"(") + 1 : name.rfind(b")")].decode("utf-8", "replace")
    return any(engine[:15] == held for engine in _ENGINES)
