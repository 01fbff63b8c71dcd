"""The processes of one task and the ports they listen on. Reads the process table: for threads, and on request only."""

from collections.abc import Iterable, Sequence

import psutil

from tui_runner.model.details import Listening, TaskProcess
from tui_runner.process.sampling import ProcessSample, owners_of, read_processes

MOST_PROCESSES = 200
"""Of one task; more are not listed."""


def look_at(leader: int) -> tuple[tuple[TaskProcess, ...], tuple[Listening, ...]]:
    """Return what runs in the session of a leader or below it, the leader first, and what it listens on.

    Processes that end meanwhile are left out. Takes milliseconds.

    Raises:
        OSError: the process table cannot be read.
    """
    found = tree_of(read_processes(), leader)[:MOST_PROCESSES]
    processes = tuple(
        TaskProcess(pid=sample.pid, parent=sample.parent, name=_name(sample.pid), rss=sample.rss) for sample in found
    )
    listening = [port for sample in found for port in _listening(sample.pid)]
    # Children inherit a listening socket: it is told once, for the process nearest to the leader.
    once = {(port.address, port.port): port for port in reversed(listening)}
    return processes, tuple(sorted(once.values(), key=lambda port: (port.port, port.address)))


def tree_of(samples: Iterable[ProcessSample], leader: int) -> Sequence[ProcessSample]:
    """Return the processes that belong to a leader, itself first, then by process id."""
    table = tuple(samples)
    owners = owners_of(table, {"": leader})
    return sorted((sample for sample in table if sample.pid in owners), key=lambda one: (one.pid != leader, one.pid))


def _name(pid: int) -> str:
    try:
        return str(psutil.Process(pid).name())
    except psutil.Error:
        return ""


def _listening(pid: int) -> list[Listening]:
    try:
        connections = psutil.Process(pid).net_connections(kind="inet")
    except psutil.Error:
        return []
    return [
        Listening(address=connection.laddr.ip, port=connection.laddr.port, pid=pid)
        for connection in connections
        if connection.status == psutil.CONN_LISTEN
    ]
