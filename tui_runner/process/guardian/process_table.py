"""Who is alive, read from /proc. Everything here answers with nothing on a system without it."""

from __future__ import annotations

import os
import sys
import time

_LINUX = sys.platform == "linux"
_ME = os.getpid()
_CHILDREN = f"/proc/{_ME}/task/{_ME}/children"


def children() -> set[int]:
    """Return the pids of our direct children, zombies and adopted ones included."""
    if not _LINUX:
        return set()
    listed = _read(_CHILDREN)
    if listed is not None:
        return {int(pid) for pid in listed.split()}
    # A kernel without CONFIG_PROC_CHILDREN
    return {pid for pid, (parent, _, _) in everyone().items() if parent == _ME}


def everyone() -> dict[int, tuple[int, int, bool]]:
    """Return pid -> (parent, process group, is a zombie) of every process."""
    table: dict[int, tuple[int, int, bool]] = {}
    for pid in _pids():
        stat = _read(f"/proc/{pid}/stat")
        if stat:
            state, parent, group = stat[stat.rindex(b")") + 2 :].split(None, 3)[:3]
            table[pid] = (int(parent), int(group), state in {b"Z", b"X"})
    return table


def parent(pid: int) -> int | None:
    """Return the parent of a process; None when it is gone."""
    stat = _read(f"/proc/{pid}/stat")
    return int(stat[stat.rindex(b")") + 2 :].split(None, 2)[1]) if stat else None


def descendants(roots: set[int], table: dict[int, tuple[int, int, bool]]) -> set[int]:
    """Return the pids below `roots`, the roots not included; zombies are left out."""
    below: dict[int, list[int]] = {}
    for pid, (parent, _, _) in table.items():
        below.setdefault(parent, []).append(pid)
    found: set[int] = set()
    todo = list(roots)
    while todo:
        for pid in below.get(todo.pop(), ()):
            todo.append(pid)
            if not table[pid][2]:
                found.add(pid)
    return found


def group_is_dead(group: int) -> bool:
    """Tell whether only zombies are left in a group; their parent may never reap them."""
    if not _LINUX:
        return False
    return all(zombie for _, pgrp, zombie in everyone().values() if pgrp == group)


def start_of(pid: int) -> int | None:
    """Return when a process was started, in ticks since the machine was; None when it has ended or nothing is known."""
    stat = _stat(pid)
    return None if stat is None or stat[0] in {b"Z", b"X"} else int(stat[19])


def start_of_new(pid: int) -> int:
    """Return the start of a process that was just started: where there is no /proc, seconds since 1970."""
    if not _LINUX:
        return int(time.time())
    stat = _stat(pid)
    return 0 if stat is None else int(stat[19])


def is_same(pid: int, start: int) -> bool:
    """Tell whether a process still runs that was started at that time.

    Without /proc only the pid can be looked at: whoever names it must have made sure shortly before.
    """
    if _LINUX:
        return start_of(pid) == start
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def is_same_group(group: int, start: int, marker: str) -> bool:
    """Tell whether somebody alive is left in the group whose leader was started at that time.

    When the leader is gone for good its pid may be that of another group: then only one that carries the marker tells.
    """
    if not _LINUX or start_of(group) == start:
        return True
    members = [pid for pid, (_, pgrp, zombie) in everyone().items() if pgrp == group and not zombie]
    if not members:
        return False
    leader = _stat(group)
    if leader is not None:
        return int(leader[19]) == start
    return any(carries(pid, marker) for pid in members)


def carries(pid: int, marker: str) -> bool:
    """Tell whether a process carries the marker of the run in the environment it was started with."""
    return b"TUI_RUNNER_RUN=" + marker.encode() + b"\0" in (_read(f"/proc/{pid}/environ") or b"")


def marked(marker: str) -> set[int]:
    """Return everything that carries the marker of the run in the environment it was started with."""
    return {pid for pid in _pids() if pid != _ME and carries(pid, marker)}


def owner(pid: int, marker: str) -> str | None:
    """Return the task whose marker a process carries; None when it carries none of this run."""
    environ = b"\0" + (_read(f"/proc/{pid}/environ") or b"") + b"\0"
    if b"\0TUI_RUNNER_RUN=" + marker.encode() + b"\0" not in environ:
        return None
    _, found, rest = environ.partition(b"\0TUI_RUNNER_TASK=")
    return rest.partition(b"\0")[0].decode("utf-8", "surrogateescape") if found else None


def _stat(pid: int) -> list[bytes] | None:
    """Return the fields of /proc/PID/stat from the third on, the state."""
    try:
        fd = os.open(f"/proc/{pid}/stat", os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        stat = os.read(fd, 2048)
    except OSError:  # it ends just now
        return None
    finally:
        os.close(fd)
    return stat[stat.rindex(b")") + 2 :].split(None, 20) if stat else None


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()] if _LINUX else []  # noqa: PTH208 - no pathlib here


def _read(path: str) -> bytes | None:
    try:
        fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
    except OSError:
        return None
    try:
        parts = [os.read(fd, 65536)]
        while parts[-1]:
            parts.append(os.read(fd, 65536))
        return b"".join(parts)
    except OSError:
        return None
    finally:
        os.close(fd)
