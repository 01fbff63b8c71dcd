"""Reads the journal that a guardian has left: tasks that were up, teardowns that are due, processes to look for.

The file is private, yet what stands in it is a stranger's until it was checked: whoever follows it kills processes and
runs commands. Lines after one that makes no sense are not believed.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Final, Literal, assert_never

import msgspec

from tui_runner.model.task import TaskId
from tui_runner.process.file_lock import lock_opened
from tui_runner.process.guardian.journal import FORMAT
from tui_runner.process.guardian_client import Bequest, ProcessId
from tui_runner.process.regular_file import open_regular

_MOST_BYTES: Final = 64 << 20
_MOST_S: Final = 7 * 24 * 3600

_Pid = Annotated[int, msgspec.Meta(gt=1, lt=1 << 31)]
_Start = Annotated[int, msgspec.Meta(ge=0)]
_Seconds = Annotated[float, msgspec.Meta(ge=0, le=_MOST_S)]
_Command = Annotated[list[str], msgspec.Meta(min_length=1)]


class _Run(msgspec.Struct, frozen=True, tag_field="is", tag="run"):
    format: Literal[1]
    marker: Annotated[str, msgspec.Meta(pattern=r"^[0-9A-Za-z_.-]{16,128}$")]
    boot: str
    machine: str = ""


class _Hidden(msgspec.Struct, frozen=True, tag_field="is", tag="hidden"):
    hidden: list[str]

    def __post_init__(self) -> None:
        self.spellings()

    def spellings(self) -> tuple[bytes, ...]:
        return tuple(one.encode("utf-8", "surrogateescape") for one in self.hidden)


class _Environment(msgspec.Struct, frozen=True, tag_field="is", tag="environment"):
    environment: dict[str, str]


class _Task(msgspec.Struct, frozen=True, tag_field="is", tag="task"):
    id: TaskId
    after: list[TaskId]
    stop_signal: Annotated[int, msgspec.Meta(ge=1, le=64)]
    stop_timeout: _Seconds
    cwd: str = "/"
    env: dict[str, str | None] = {}
    stop: _Command | None = None
    teardown: _Command | None = None
    teardown_timeout: _Seconds = 0.0
    log: str | None = None


class _Leader(msgspec.Struct, frozen=True, tag_field="is", tag="leader"):
    id: TaskId
    pid: _Pid
    start: _Start


class _Teardown(msgspec.Struct, frozen=True, tag_field="is", tag="teardown"):
    id: TaskId


class _TeardownLeader(msgspec.Struct, frozen=True, tag_field="is", tag="teardown-leader"):
    id: TaskId
    pid: _Pid
    start: _Start


class _TornDown(msgspec.Struct, frozen=True, tag_field="is", tag="torn-down"):
    id: TaskId
    code: int | None
    message: str | None


class _Orphan(msgspec.Struct, frozen=True, tag_field="is", tag="orphan"):
    pid: _Pid
    start: _Start


class _Closed(msgspec.Struct, frozen=True, tag_field="is", tag="closed"):
    id: TaskId


_Line = _Run | _Hidden | _Environment | _Task | _Leader | _Teardown | _TeardownLeader | _TornDown | _Orphan | _Closed


class _Left(msgspec.Struct, kw_only=True):
    """A task as far as the lines that were read tell."""

    task: _Task
    leader: ProcessId | None = None
    state: Literal["due", "running", "done"] = "due"
    teardown_leader: ProcessId | None = None


class Leftovers(msgspec.Struct, frozen=True, kw_only=True):
    """What a run has left whose supervisor and guardian are gone."""

    marker: str
    boot: str
    """Start of the machine, or container, that process ids are of; empty where start times alone tell."""
    machine: str
    """Empty when it could not be told from others."""
    hidden: tuple[bytes, ...]
    """What must not get into logs."""
    environment: dict[str, str]
    tasks: tuple[Bequest, ...]
    """Activations that were open. Their leaders, and running teardowns, may have ended since."""
    orphans: tuple[ProcessId, ...]


def claim_journal(path: Path) -> int:
    """Open a journal for reading and appending, lock it, and return its descriptor.

    It is locked as long as somebody has the descriptor that it was made with: the supervisor, and its guardian. That is
    so even where the lock of the root is another one, in a container or without XDG_RUNTIME_DIR.

    Raises:
        BlockingIOError: a run is alive that writes it, or somebody cleans up.
        OSError: it cannot be opened, or is not what a guardian of this user has made.
    """
    descriptor = open_regular(path, os.O_RDWR | os.O_APPEND)
    try:
        _check_private(descriptor)
        lock_opened(descriptor)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check_private(descriptor: int) -> None:
    status = os.fstat(descriptor)
    if status.st_uid != os.geteuid() or status.st_mode & 0o077 or status.st_nlink != 1:
        raise PermissionError("the journal is not this user's alone")


def read_journal(descriptor: int) -> Leftovers | None:
    """Return what a journal tells; None when it tells nothing, or was not written by a guardian that we understand."""
    parts: list[bytes] = []
    size = 0
    while size < _MOST_BYTES and (part := os.pread(descriptor, 1 << 20, size)):
        parts.append(part)
        size += len(part)
    return _gathered(_lines(b"".join(parts)))


def _lines(text: bytes) -> Iterable[_Line]:
    for line in text.split(b"\n")[:-1]:  # the last one is empty, or was not finished
        try:
            yield msgspec.convert(json.loads(line, parse_constant=_refuse), _Line)
        except (ValueError, RecursionError):
            return


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is no number of ours")


def _gathered(lines: Iterable[_Line]) -> Leftovers | None:
    run: _Run | None = None
    hidden: tuple[bytes, ...] = ()
    environment: dict[str, str] = {}
    left: dict[TaskId, _Left] = {}
    orphans: list[ProcessId] = []
    for line in lines:
        match line:
            case _Run() if run is not None and run.marker != line.marker:
                return None
            case _Run():
                run = line
            case _Hidden():
                hidden = line.spellings()
            case _Environment():
                environment = line.environment
            case _Orphan():
                orphans.append(ProcessId(pid=line.pid, start=line.start))
            case _Closed():
                left.pop(line.id, None)
            case _Task():
                _describe(left, line)
            case _Leader() | _Teardown() | _TeardownLeader() | _TornDown():
                if line.id in left:
                    _advance(left[line.id], line)
            case _:
                assert_never(line)
    if run is None or run.format != FORMAT:
        return None
    tasks = tuple(map(_bequest, left.values()))
    return Leftovers(
        marker=run.marker,
        boot=run.boot,
        machine=run.machine,
        hidden=hidden,
        environment=environment,
        tasks=tasks,
        orphans=tuple(orphans),
    )


def _describe(left: dict[TaskId, _Left], line: _Task) -> None:
    if line.id in left:
        left[line.id].task = line
    else:
        left[line.id] = _Left(task=line)


def _advance(left: _Left, line: _Leader | _Teardown | _TeardownLeader | _TornDown) -> None:
    match line:
        case _Leader():
            left.leader = ProcessId(pid=line.pid, start=line.start)
        case _Teardown():
            left.state = "running"
        case _TeardownLeader():
            left.teardown_leader = ProcessId(pid=line.pid, start=line.start)
        case _TornDown():
            left.state = "done"
        case _:
            assert_never(line)


def _bequest(left: _Left) -> Bequest:
    task = left.task
    return Bequest(
        id=task.id,
        leader=left.leader,
        after=tuple(task.after),
        cwd=task.cwd,
        env=task.env,
        stop=None if task.stop is None else tuple(task.stop),
        stop_signal=task.stop_signal,
        stop_timeout=task.stop_timeout,
        teardown=None if task.teardown is None else tuple(task.teardown),
        teardown_timeout=task.teardown_timeout,
        teardown_state="none" if task.teardown is None else left.state,
        teardown_leader=left.teardown_leader,
        log=task.log,
    )
