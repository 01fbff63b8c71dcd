"""CPU and memory of tasks: one pass over all processes, then a pure sum per task.

Sample only while somebody looks. Memory counts shared pages once per process, as `ps` does.
"""

import os
import sys
from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from tui_runner.model.task import TaskId

_LINUX: Final = sys.platform == "linux"
_PAGE_BYTES: Final = os.sysconf("SC_PAGE_SIZE")
_TICKS: Final = os.sysconf("SC_CLK_TCK")


class ProcessSample(msgspec.Struct, frozen=True, kw_only=True):
    """One process at one moment."""

    pid: int
    parent: int
    session: int
    """Id of its session; 0 when the system does not tell."""
    cpu_s: float
    """User and system time since it started."""
    rss: int
    """Resident memory in bytes."""
    started: float = 0.0
    """When it began, in a unit of the system's own: tells it from an earlier process of the same id."""
    threads: int = 0
    """0 when nobody asked."""
    reaped_s: float = 0.0
    """User and system time of its children that have ended; 0 when the system does not tell."""


class Usage(msgspec.Struct, frozen=True, kw_only=True):
    """What all processes of a task use."""

    processes: int = 0
    cpu_s: float = 0.0
    rss: int = 0

    def cpu_percent(self, before: "Usage", elapsed_s: float) -> float:
        """Return the share of one core since an earlier sample; processes that have ended count as nothing."""
        return max(0.0, self.cpu_s - before.cpu_s) / elapsed_s * 100 if elapsed_s > 0 else 0.0


def usage_of(samples: Iterable[ProcessSample], leaders: Mapping[TaskId, int]) -> dict[TaskId, Usage]:
    """Return what each task uses: everything in its leader's session or below it. Tasks that are gone are left out."""
    table = {sample.pid: sample for sample in samples}
    totals: dict[TaskId, Usage] = {}
    for pid, task in owners_of(table.values(), leaders).items():
        sum_so_far = totals.get(task, Usage())
        totals[task] = Usage(
            processes=sum_so_far.processes + 1,
            cpu_s=sum_so_far.cpu_s + table[pid].cpu_s,
            rss=sum_so_far.rss + table[pid].rss,
        )
    return totals


def owners_of(samples: Iterable[ProcessSample], leaders: Mapping[TaskId, int]) -> dict[int, TaskId]:
    """Return the task of each process that is in a leader's session or below it; all others are left out."""
    table = {sample.pid: sample for sample in samples}
    tasks = {pid: task for task, pid in leaders.items()}
    owners: dict[int, TaskId | None] = {0: None, 1: None}
    found = {pid: _owner(pid, table, tasks, owners) for pid in table}
    return {pid: task for pid, task in found.items() if task is not None}


def _owner(
    pid: int, table: Mapping[int, ProcessSample], tasks: Mapping[int, TaskId], owners: dict[int, TaskId | None]
) -> TaskId | None:
    """Return the task a process belongs to; remembers the answer for the whole way up."""
    way: list[int] = []
    found: TaskId | None = None
    while pid not in owners:
        owners[pid] = None  # ends a circle that a table read while it changes may have
        way.append(pid)
        sample = table.get(pid)
        if pid in tasks or (sample is not None and sample.session in tasks):
            found = tasks[pid] if pid in tasks else tasks[table[pid].session]
            break
        if sample is None:
            break
        pid = sample.parent
    else:
        found = owners[pid]
    owners.update(dict.fromkeys(way, found))
    return found


def read_processes() -> list[ProcessSample]:
    """Return every process this system shows us."""
    return _read_proc() if _LINUX else _read_psutil()


def _read_proc() -> list[ProcessSample]:
    names = (name for name in os.listdir("/proc") if name.isdigit())  # noqa: PTH208 - strings all the way, this runs every second
    return [sample for name in names if (sample := read_process(name)) is not None]


def read_process(pid: str) -> ProcessSample | None:
    """Return one process from /proc; None when it has gone."""
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        stat = os.read(fd, 1024)
    except OSError:
        return None
    finally:
        os.close(fd)
    fields = stat[stat.rindex(b")") + 2 :].split(None, 22)
    return ProcessSample(
        pid=int(pid),
        parent=int(fields[1]),
        session=int(fields[3]),
        cpu_s=(int(fields[11]) + int(fields[12])) / _TICKS,
        rss=int(fields[21]) * _PAGE_BYTES,
        started=int(fields[19]),
        threads=int(fields[17]),
        reaped_s=(int(fields[13]) + int(fields[14])) / _TICKS,
    )


def _read_psutil() -> list[ProcessSample]:
    found: list[ProcessSample] = []
    import psutil  # noqa: PLC0415 - takes long to load, and /proc tells all of it where there is one

    for process in psutil.process_iter(["ppid", "cpu_times", "memory_info", "create_time"]):
        info = process.info
        if info["cpu_times"] is None or info["memory_info"] is None:
            continue  # another user's
        found.append(
            ProcessSample(
                pid=process.pid,
                parent=info["ppid"] or 0,
                session=0,
                cpu_s=info["cpu_times"].user + info["cpu_times"].system,
                rss=info["memory_info"].rss,
                started=info["create_time"] or 0.0,
            )
        )
    return found
