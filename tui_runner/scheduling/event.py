"""What the scheduler is told. Every event about a process names the attempt, so that late news of an old one is ignored."""

from enum import StrEnum

import msgspec

from tui_runner.model.state import Failure
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import Plan


class TimerKind(StrEnum):
    """The timers of a task; at most one of each kind runs."""

    READY = "ready"
    COMPLETED = "completed"
    BACKOFF = "backoff"
    SETTLED = "settled"
    """The attempt has been up for so long that earlier restarts are forgotten."""


class StopCause(StrEnum):
    """Why the whole run is asked to stop."""

    DONE = "done"
    """Its targets are done; raised by the scheduler itself."""
    FAILURE = "failure"
    """A task failed and the policy is to stop; raised by the scheduler itself."""
    CANCEL = "cancel"
    """The host program set its cancel event or cancelled the awaiting task."""
    SIGNAL = "signal"
    """SIGINT, SIGTERM or SIGHUP."""
    PERSON = "person"
    """`q`, Ctrl-C in the UI, or `down`."""
    OWNER_GONE = "owner-gone"
    """The terminal that owned the run went away."""
    INTERNAL = "internal"
    """Something of ours broke; leave in order all the same."""


class Begin(msgspec.Struct, frozen=True, kw_only=True):
    """Start the run. The first event, once."""


class Spawned(msgspec.Struct, frozen=True, kw_only=True):
    """The guardian spawned the task."""

    task: TaskId
    attempt: int
    pid: int


class SpawnFailed(msgspec.Struct, frozen=True, kw_only=True):
    """The task could not be spawned, or was stopped before; final, no policy repeats it."""

    task: TaskId
    attempt: int
    failure: Failure


class CacheHit(msgspec.Struct, frozen=True, kw_only=True):
    """Nothing had to be spawned: the cached result of the task is in place."""

    task: TaskId
    attempt: int


class Exited(msgspec.Struct, frozen=True, kw_only=True):
    """The leader of the task ended."""

    task: TaskId
    attempt: int
    exit_code: int | None
    signal: str | None
    group_gone: bool
    """Nothing is left of its process group; else `GroupGone` follows."""
    escaped: bool
    """Processes of it may live on in other sessions."""
    at_s: float = 0.0
    """Monotonic time of the exit; only differences count, for the crash-loop window."""


class GroupGone(msgspec.Struct, frozen=True, kw_only=True):
    """The last process of the task's group ended."""

    task: TaskId
    attempt: int


class ProbePassed(msgspec.Struct, frozen=True, kw_only=True):
    """The readiness probe matched."""

    task: TaskId
    attempt: int


class ProbeFailed(msgspec.Struct, frozen=True, kw_only=True):
    """The readiness probe can never match, for example because a predicate raised."""

    task: TaskId
    attempt: int
    message: str


class Unhealthy(msgspec.Struct, frozen=True, kw_only=True):
    """The liveness probe failed so often in a row that the attempt is given up: restarted, or failed."""

    task: TaskId
    attempt: int
    message: str
    """For people; starts with `[id] `."""


class TimerFired(msgspec.Struct, frozen=True, kw_only=True):
    """A timer that was set has run out."""

    task: TaskId
    kind: TimerKind
    attempt: int


class TeardownEnded(msgspec.Struct, frozen=True, kw_only=True):
    """The teardown command ended, or could not be started."""

    task: TaskId
    error: str | None
    """None when it exited with 0."""


class ActivationClosed(msgspec.Struct, frozen=True, kw_only=True):
    """Everything the task had left behind is swept."""

    task: TaskId


class FilesChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Watched files of the task changed."""

    task: TaskId
    path: str
    """One of them, for people."""


class StartWanted(msgspec.Struct, frozen=True, kw_only=True):
    """A person wants the task up, with what it needs."""

    task: TaskId


class StopWanted(msgspec.Struct, frozen=True, kw_only=True):
    """A person wants the task down; what depends on it goes first."""

    task: TaskId


class RestartWanted(msgspec.Struct, frozen=True, kw_only=True):
    """A person wants a new generation of the task; dependents stay, unless they are to go along."""

    task: TaskId
    with_dependents: bool = False
    """What depends on it, and runs or has failed, is restarted too."""
    reason: str = ""
    """For people; empty: by hand. With one, nothing happens unless the task is up and meant to be."""


class PlanChanged(msgspec.Struct, frozen=True, kw_only=True):
    """Other definitions, or other tasks are wanted: go over to this plan. Answered by the effect `PlanTaken`.

    What the new plan has not, and what changed so that it must be torn down, goes first; nothing starts meanwhile.
    """

    plan: Plan
    start: tuple[TaskId, ...] = ()
    """What a person wants up then, with what it needs, whatever it has come to before."""


class StopRun(msgspec.Struct, frozen=True, kw_only=True):
    """Stop the whole run. The first time in order, the second kills, the third gives up on teardowns."""

    cause: StopCause
    detail: str = ""
    """For people, such as `received SIGTERM`."""


Event = (
    Begin
    | Spawned
    | SpawnFailed
    | CacheHit
    | Exited
    | GroupGone
    | ProbePassed
    | ProbeFailed
    | Unhealthy
    | TimerFired
    | TeardownEnded
    | ActivationClosed
    | FilesChanged
    | StartWanted
    | StopWanted
    | RestartWanted
    | PlanChanged
    | StopRun
)
"""Everything `Scheduler.feed` takes."""
