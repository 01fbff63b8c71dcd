"""Which TCP ports the processes of tasks listen on. Looks at every descriptor of them: on request only, in a thread."""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import Final

from tui_runner.model.task import TaskId
from tui_runner.process.sampling import ProcessSample

_TABLES: Final = ("/proc/net/tcp", "/proc/net/tcp6")
_LISTENS: Final = b"0A"


def ports_of(belongings: Mapping[TaskId, Iterable[ProcessSample]]) -> dict[TaskId, tuple[int, ...]]:
    """Return the ports of each task that listens on some, lowest first.

    Sockets in other network namespaces, such as those of containers, are not seen.
    """
    ports = _listening_sockets() if sys.platform == "linux" else None
    found: dict[TaskId, tuple[int, ...]] = {}
    for task, samples in belongings.items():
        pids = [sample.pid for sample in samples]
        listed = {port for pid in pids for port in (_ask_system(pid) if ports is None else _held(pid, ports))}
        if listed:
            found[task] = tuple(sorted(listed))
    return found


def _listening_sockets() -> dict[str, int]:
    """Return the port of every listening socket, by what its descriptors lead to."""
    found: dict[str, int] = {}
    for table in _TABLES:
        try:
            with open(table, "rb") as file:  # noqa: PTH123 - no paths here
                rows = file.read().splitlines()[1:]
        except OSError:
            continue  # a kernel without IPv6
        for row in rows:
            fields = row.split(None, 10)
            if fields[3] == _LISTENS:
                found[f"socket:[{fields[9].decode('ascii')}]"] = int(fields[1].rpartition(b":")[2], 16)
    return found


def _held(pid: int, ports: Mapping[str, int]) -> set[int]:
    if not ports:
        return set()
    found: set[int] = set()
    try:
        with os.scandir(f"/proc/{pid}/fd") as descriptors:
            for descriptor in descriptors:
                try:
                    port = ports.get(os.readlink(descriptor.path))  # noqa: PTH115 - many of them
                except OSError:
                    continue  # closed meanwhile
                if port is not None:
                    found.add(port)
    except OSError:
        pass  # gone, or somebody else's
    return found


def _ask_system(pid: int) -> set[int]:
    import psutil  # noqa: PLC0415 - for systems without /proc

    try:
        connections = psutil.Process(pid).net_connections(kind="tcp")
    except psutil.Error:
        return set()
    return {connection.laddr.port for connection in connections if connection.status == psutil.CONN_LISTEN}
