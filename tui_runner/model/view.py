"""What is shown of a run: one frozen value per task, and one for the run.

Made by the supervisor, sent over the control socket, drawn by widgets and printed by `ps`. Data only.
"""

from enum import StrEnum

import msgspec

from tui_runner.errors.site import Site
from tui_runner.model.state import Failure, TaskState, TeardownStatus
from tui_runner.model.task import TaskId
from tui_runner.model.window_size import WindowSize


class TaskView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a viewer may know about one task at one moment. Times are seconds since the epoch."""

    id: TaskId
    name: str
    parent: TaskId | None = None
    """The nested pipeline it belongs to; None at top level."""
    composite: bool = False
    """It stands for a nested pipeline and has no process of its own."""
    depends_on: tuple[TaskId, ...] = ()
    """Direct dependencies, in definition order."""
    mode: str = ""
    description: str = ""
    state: TaskState
    since: float = 0.0
    """When it entered this state."""
    waiting_for: tuple[TaskId, ...] = ()
    """Pending: dependencies that are not satisfied. Being taken down: dependents that must go first."""
    leaving: bool = False
    """It is to go, or has gone, because the run ends or a person stopped it."""
    first_started_at: float | None = None
    """Its first spawn in this run; None before, and when there was none."""
    first_up_at: float | None = None
    """When dependents could first start: it was ready, completed or skipped."""
    first_ended_at: float | None = None
    """When it ended first after it was up; of one that has not been up, when it ended first and was not tried again."""
    started_at: float | None = None
    """Spawn of the current or last attempt."""
    ready_at: float | None = None
    finished_at: float | None = None
    attempt: int = 0
    restarts: int = 0
    restart_reason: str = ""
    """Why the last restart happened, for people; empty before the first."""
    teardown: TeardownStatus | None = None
    """None when it defines no teardown."""
    teardown_since: float | None = None
    """When its teardown came to stand as it does; None while it has not moved."""
    teardown_error: str | None = None
    last_failure: Failure | None = None
    """The latest failure, kept while it is being restarted."""
    command: str = ""
    """Command line as a person would type it."""
    title: str = ""
    """What people are shown instead of the command; empty: the command itself."""
    cwd: str = ""
    ready_when: str = ""
    """What readiness waits for, in words; empty without a probe."""
    alive: str = ""
    """What it is asked while it runs, in words; empty when it is not asked."""
    unhealthy: str = ""
    """What its liveness check saw instead of an answer; empty while all is well."""
    address: str = ""
    """URL or host:port it can be reached at, taken from its probe; empty when unknown."""
    site: Site | None = None
    log_file: str = ""
    """Absolute path; the file exists once something was printed."""
    cache: str = ""
    """What the cache said last, for people; empty before, and without one."""
    target: bool = False
    watching: bool = False
    """Restarts when files change."""
    watched: tuple[str, ...] = ()
    """The paths and patterns it watches, as they are written; relative to its `cwd`."""
    terminal: WindowSize | None = None
    """Size of its terminal, which can be typed into; None when it has none."""


class RunPhase(StrEnum):
    """Where a whole run stands."""

    RUNNING = "running"
    STOPPING = "stopping"
    """Ordered stop under way."""
    KILLING = "killing"
    """SIGKILL was asked for; teardowns still run."""
    ABANDONING = "abandoning"
    """Teardowns were given up; the guardian sweeps."""
    ENDED = "ended"


class FileWatch(StrEnum):
    """Whether changed files are noticed."""

    OFF = "off"
    """Nothing is watched in this run."""
    ON = "on"
    PAUSED = "paused"
    """Changes wait until somebody resumes."""


class RunView(msgspec.Struct, frozen=True, kw_only=True):
    """The run as a whole."""

    run_id: str
    root: str
    """Directory of pipeline.py."""
    name: str = ""
    mode: str
    started_at: float
    phase: RunPhase = RunPhase.RUNNING
    stopping_since: float | None = None
    cause: str = ""
    """Why it is stopping, for people."""
    file_watch: FileWatch = FileWatch.OFF
    supervisor_pid: int = 0
    definitions: str = ""
    """Absolute path of the file that can be loaded again; empty for a run that stays as it began."""
    definitions_mtime_ns: int = 0
    """Of that file, as it was when it was loaded: another time means that it was changed since."""
    trouble: str = ""
    """What is wrong beside its tasks, such as a full disk, for people; empty while all is well."""
    recovered: tuple[str, ...] = ()
    """What was cleaned up before it began, because a run was killed with its guardian; for people, line by line."""
