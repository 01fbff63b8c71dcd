"""All processes of a run in one pass: everything below its guardian, and whose it is.

On Linux the guardian adopts whatever loses its parent, so that a walk down from it finds every process of every task,
and costs what the run's own processes cost, however many others the machine has. Elsewhere the whole table is read.
"""

import os
from collections.abc import Mapping

from tui_runner.model.task import TaskId
from tui_runner.process.guardian.process_table import owner
from tui_runner.process.sampling import ProcessSample, owners_of, read_process, read_processes

Belongings = dict[TaskId, list[ProcessSample]]
"""The processes of each task that has any."""


class Family:
    """The processes of one run. Looks when it is told to; keeps nothing but whose the adopted ones are."""

    def __init__(self, guardian: int, marker: str) -> None:
        self._guardian = guardian
        self._marker = marker
        self._walks = os.path.exists(f"/proc/{os.getpid()}/task/{os.getpid()}/children")  # noqa: PTH110 - no paths here
        self._adopted: dict[tuple[int, float], TaskId | None] = {}

    def look(self, leaders: Mapping[TaskId, int]) -> Belongings:
        """Return the processes of every task: its leader's session, what is below, and what the guardian has adopted.

        `leaders` are the main processes of running tasks. Takes some 15 µs for each process: call it in a thread.
        """
        found: Belongings = {}
        if not self._walks:
            table = {sample.pid: sample for sample in read_processes()}
            for pid, belongs_to in owners_of(table.values(), leaders).items():
                found.setdefault(belongs_to, []).append(table[pid])
            return found
        tasks = {pid: task for task, pid in leaders.items()}
        adopted: dict[tuple[int, float], TaskId | None] = {}
        waiting: list[tuple[int, TaskId | None]] = [(pid, None) for pid in _children(self._guardian, threads=1)]
        while waiting:
            pid, above = waiting.pop()
            sample = read_process(str(pid))
            if sample is None:
                continue
            task: TaskId | None = tasks.get(pid) or tasks.get(sample.session) or above
            if task is None:
                key = (pid, sample.started)
                task = adopted[key] = self._adopted[key] if key in self._adopted else owner(pid, self._marker)
            if task is not None:
                found.setdefault(task, []).append(sample)
            waiting += [(child, task) for child in _children(pid, sample.threads)]
        self._adopted = adopted
        return found


def _children(pid: int, threads: int) -> list[int]:
    """Return the children of a process. Those of each thread are listed apart."""
    try:
        names = (str(pid),) if threads == 1 else os.listdir(f"/proc/{pid}/task")  # noqa: PTH208 - strings all the way
        return [int(child) for name in names for child in _read(f"/proc/{pid}/task/{name}/children").split()]
    except OSError:
        return []  # gone meanwhile


def _read(path: str) -> bytes:
    fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    try:
        parts: list[bytes] = []
        while part := os.read(fd, 1 << 16):
            parts.append(part)
        return b"".join(parts)
    finally:
        os.close(fd)
