"""What is told of a task only when somebody asks: variables, attempts, processes, ports. Data only."""

import msgspec

from tui_runner.model.state import TaskState
from tui_runner.model.task import TaskId


class Variable(msgspec.Struct, frozen=True, kw_only=True):
    """A declared environment variable, as it may be shown."""

    name: str
    value: str
    """Empty when it is masked as a whole; passwords in URLs are replaced in any case."""
    masked: bool = False
    """Something of the value is not shown."""


class Attempt(msgspec.Struct, frozen=True, kw_only=True):
    """One time a task was run, or would have been. Times are seconds since the epoch."""

    number: int
    started_at: float | None = None
    """None when nothing was spawned."""
    ready_at: float | None = None
    finished_at: float | None = None
    """None while it lives."""
    last: TaskState
    """The last state that says something about this attempt; of one that was restarted, that it was stopped for it."""


class TaskProcess(msgspec.Struct, frozen=True, kw_only=True):
    """A process of a task."""

    pid: int
    parent: int
    name: str
    rss: int
    """Resident memory in bytes."""


class Listening(msgspec.Struct, frozen=True, kw_only=True):
    """A port that a process of a task listens on."""

    address: str
    """As the system tells it, such as `127.0.0.1`, `::` or `0.0.0.0`."""
    port: int
    pid: int


class TaskDetails(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one task beside its view, at the moment somebody asked."""

    task: TaskId
    environment: tuple[Variable, ...] = ()
    """What its definition and the options of the run declare; what it inherits is not told."""
    attempts: tuple[Attempt, ...] = ()
    """The latest ones, oldest first."""
    processes: tuple[TaskProcess, ...] = ()
    """Its leader first; empty when nothing of it runs."""
    listening: tuple[Listening, ...] = ()
    problem: str = ""
    """Why processes or ports could not be looked at; empty when they could."""
