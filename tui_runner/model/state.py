"""States of a task while a run lives: a tagged union in which each state holds only what is true in it.

    pending ─► queued ─► starting ─► running ─► ready
       │                    │          │  │       │
       ▼                    ▼          ▼  ▼       ▼
    skipped               failed ◄─ backoff   stopping ─► completed | failed | aborted | queued (restart)

Tags are stable: they are in records and on the socket. Handle them with `match` and `assert_never`.
"""

from enum import StrEnum

import msgspec

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.duration import format_duration
from tui_runner.model.task import TaskId


class SkipReason(StrEnum):
    """Why a task did not have to run."""

    COMMAND_NOT_FOUND = "command-not-found"
    """It has no command for this mode."""
    CACHE_HIT = "cache-hit"
    INNER_TASKS_SKIPPED = "inner-tasks-skipped"
    UNAVAILABLE = "unavailable"
    """What it needs is not on this machine, and it may be skipped."""

    @property
    def words(self) -> str:
        """The reason for people, as in "skipped: it has no command for this mode"."""
        match self:
            case SkipReason.COMMAND_NOT_FOUND:
                return "it has no command for this mode"
            case SkipReason.CACHE_HIT:
                return "nothing has changed since it last succeeded"
            case SkipReason.INNER_TASKS_SKIPPED:
                return "all its inner tasks were skipped"
            case SkipReason.UNAVAILABLE:
                return "what it needs is not on this machine; its log says what"


class StopReason(StrEnum):
    """Why we end a running task."""

    RUN_ENDS = "run-ends"
    """The run is over: its targets are done, or it was cancelled or failed."""
    PERSON = "person"
    """Somebody asked to stop this task, or one it depends on."""
    RESTART = "restart"
    """Somebody asked for a restart."""
    CHANGED = "changed"
    """Watched files changed."""
    TIMEOUT = "timeout"
    """It did not become ready or complete in time, or its probe failed."""
    DEPENDENCY = "dependency"
    """Something it depends on is started again by its restart policy, and takes along what depends on it."""


class CrashLoop(msgspec.Struct, frozen=True, kw_only=True):
    """The restart policy gave up: the task ended too often within its window."""

    restarts: int
    within_s: float
    """From the end that led to the first of these restarts to the end after the last one."""

    @property
    def words(self) -> str:
        """What happened, for people: `crash loop: 5 restarts in 12 s`."""
        return f"crash loop: {self.restarts} restart{'' if self.restarts == 1 else 's'} in {format_duration(self.within_s)}"


class Failure(msgspec.Struct, frozen=True, kw_only=True):
    """Why a task failed."""

    code: ErrorCode
    message: str
    """For people; starts with `[id] `."""
    exit_code: int | None = None
    signal: str | None = None
    """Name such as SIGKILL; None when it exited by itself or never ran."""
    crash_loop: CrashLoop | None = None
    """Set when it would have been started again, had it not been so often: it waits for a person or a change."""


class Pending(msgspec.Struct, frozen=True, kw_only=True, tag="pending"):
    """Waits for its dependencies."""

    blocked_by: TaskId | None = None
    """The failed task in the way; None while there is hope."""


class Queued(msgspec.Struct, frozen=True, kw_only=True, tag="queued"):
    """May start, waits for a free slot."""


class Starting(msgspec.Struct, frozen=True, kw_only=True, tag="starting"):
    """The guardian was asked to spawn it."""

    attempt: int


class Running(msgspec.Struct, frozen=True, kw_only=True, tag="running"):
    """Runs and is not ready yet. For a nested pipeline `pid` is 0."""

    attempt: int
    pid: int


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag="ready"):
    """Runs and its probe has matched."""

    attempt: int
    pid: int


class Stopping(msgspec.Struct, frozen=True, kw_only=True, tag="stopping"):
    """Was asked to end and has not ended yet."""

    attempt: int
    pid: int
    reason: StopReason
    forced: bool = False
    """SIGKILL was sent."""
    failure: Failure | None = None
    """With `TIMEOUT`: what it will have failed of."""


class RepeatKind(StrEnum):
    """Which policy starts a task again."""

    RETRY = "retry"
    """What has begun is tried again."""
    RESTART = "restart"
    """What ended by itself is to keep running."""


class Backoff(msgspec.Struct, frozen=True, kw_only=True, tag="backoff"):
    """Failed or ended, and will be started again after a while."""

    attempt: int
    """The attempt that will come."""
    delay_s: float
    """What is really waited from the entering of this state on, jitter included."""
    failure: Failure | None = None
    """None when it ended well and its policy is `always`."""
    kind: RepeatKind = RepeatKind.RESTART
    number: int = 0
    """Of a retry: which try will come. Of a restart: which one of those within the window. 0 when unknown."""
    most: int = 0
    """Of a retry: the tries in all. Of a restart: so many of them within the window are still made."""


class Completed(msgspec.Struct, frozen=True, kw_only=True, tag="completed"):
    """Ended well."""

    stopped: bool = False
    """We ended it after it had done its work, or a person stopped it."""
    exit_code: int | None = None
    signal: str | None = None


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag="failed"):
    """Ended badly for good."""

    failure: Failure


class Aborted(msgspec.Struct, frozen=True, kw_only=True, tag="aborted"):
    """Was ended by us before its work was done, because the run failed or was cancelled."""

    exit_code: int | None = None
    signal: str | None = None


class Skipped(msgspec.Struct, frozen=True, kw_only=True, tag="skipped"):
    """Did not have to run."""

    reason: SkipReason


TaskState = Pending | Queued | Starting | Running | Ready | Stopping | Backoff | Completed | Failed | Aborted | Skipped
"""Every state of a task."""


class TeardownStatus(StrEnum):
    """Where the teardown of a task's activation stands."""

    NOT_RUN = "not-run"
    """Not due, or given up."""
    DUE = "due"
    """The task was spawned; its teardown will run once."""
    RUNNING = "running"
    COMPLETED = "completed"
    FAILED = "failed"


def is_alive(state: TaskState) -> bool:
    """Tell whether a process exists or was asked for."""
    return isinstance(state, Starting | Running | Ready | Stopping)


def satisfies(state: TaskState) -> bool:
    """Tell whether a dependent may start: ready, completed by itself, or skipped."""
    match state:
        case Ready() | Skipped():
            return True
        case Completed(stopped=stopped):
            return not stopped
        case _:
            return False
