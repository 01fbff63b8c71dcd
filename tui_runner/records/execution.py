"""`execution.json`: what ran and how it went, as one document. Written when a run starts and again when it ends.

The form is versioned: fields are added, never changed in meaning, as long as `version` stays. Values of environment
variables are never written.
"""

import os
from pathlib import Path
from typing import Final, Literal

import msgspec

from tui_runner.model.result import RunResult, RunStatus, Summary, TaskStats
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import Plan, PlannedTask
from tui_runner.process.atomic_file import write_atomically

VERSION: Final = 1
MOST_BYTES: Final = 64 << 20
"""A larger file is not ours and is not read."""


class Definition(msgspec.Struct, frozen=True, kw_only=True):
    """What a task was to do."""

    id: TaskId
    command: str | tuple[str, ...] | None
    """Shell text or arguments; None for a nested pipeline and a task without a command."""
    cwd: str
    depends_on: tuple[TaskId, ...] = ()
    target: bool = False
    defined_at: str = ""
    """`file:line`."""


class ExecutionError(msgspec.Struct, frozen=True, kw_only=True):
    """Why the run did not succeed."""

    code: str
    message: str
    task: TaskId | None = None


class Execution(msgspec.Struct, frozen=True, kw_only=True):
    """One run. What is None while it runs is filled in at its end. Times are seconds since the epoch."""

    version: int = VERSION
    run_id: str
    name: str = ""
    mode: str
    root: str
    pid: int
    """The supervisor."""
    status: RunStatus | Literal["running"] = "running"
    started_at: float
    finished_at: float | None = None
    duration_s: float | None = None
    error: ExecutionError | None = None
    summary: Summary | None = None
    definitions: tuple[Definition, ...]
    """Every task of the plan, in scheduling order."""
    tasks: tuple[TaskStats, ...] = ()
    """How the top-level tasks went; empty while it runs."""


def begin_execution(plan: Plan, run_id: str, started_at: float) -> Execution:
    """Return the record of a run that starts."""
    return Execution(
        run_id=run_id,
        name=plan.name,
        mode=plan.mode,
        root=plan.root,
        pid=os.getpid(),
        started_at=started_at,
        definitions=tuple(_definition(task) for task in plan.tasks.values()),
    )


def end_execution(begun: Execution, result: RunResult) -> Execution:
    """Return the record of the same run, ended."""
    stats = result.stats
    error = result.error
    return msgspec.structs.replace(
        begun,
        status=stats.status,
        started_at=stats.started_at,
        finished_at=stats.finished_at,
        duration_s=stats.duration_s,
        error=None
        if error is None
        else ExecutionError(code=error.code.value, message=error.message, task=error.task_name),
        summary=stats.summary,
        tasks=stats.tasks,
    )


def write_execution(path: Path, execution: Execution, *, durable: bool) -> None:
    """Write the record atomically.

    Raises:
        OSError: it cannot be written.
    """
    document = msgspec.json.format(msgspec.json.encode(execution), indent=2)
    write_atomically(path, document + b"\n", durable=durable)


def read_execution(path: Path) -> Execution:
    """Return the record.

    Raises:
        OSError: it cannot be read.
        ValueError: it is no record of ours, or one of a newer version.
    """
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    with os.fdopen(descriptor, "rb") as file:
        data = file.read(MOST_BYTES + 1)
    if len(data) > MOST_BYTES:
        raise ValueError(f"it is larger than {MOST_BYTES} bytes")
    try:
        execution = msgspec.json.decode(data, type=Execution)
    except msgspec.DecodeError as error:
        raise ValueError(f"it cannot be understood: {error}") from error
    if execution.version > VERSION:
        raise ValueError(f"it was written by a newer program (version {execution.version}, not {VERSION})")
    return execution


def _definition(task: PlannedTask) -> Definition:
    return Definition(
        id=task.id,
        command=None if task.command is None else task.command.run,
        cwd=task.cwd,
        depends_on=task.depends_on,
        target=task.target,
        defined_at=str(task.site),
    )
