"""What the scheduler wants done. Effects are performed in the order given."""

import msgspec

from tui_runner.model.state import TaskState, TeardownStatus
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.event import StopCause, TimerKind


class Spawn(msgspec.Struct, frozen=True, kw_only=True):
    """Spawn an attempt of the task, or bring its cached result back: answered by `CacheHit` then."""

    task: TaskId
    attempt: int
    after: tuple[TaskId, ...]
    """Nearest dependencies with an open activation, seen through skipped tasks and gates: the guardian's stop order."""
    must_run: bool = False
    """A cached result will not do: it is another try, or a person asked for it."""


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """Have what the running attempt put into other sessions end with its group: another attempt follows.

    Otherwise that lives until the activation is closed, after the teardown.
    """

    task: TaskId
    attempt: int


class Stop(msgspec.Struct, frozen=True, kw_only=True):
    """Begin the stop ladder of the running attempt."""

    task: TaskId
    attempt: int


class Kill(msgspec.Struct, frozen=True, kw_only=True):
    """SIGKILL the group of the running attempt now."""

    task: TaskId
    attempt: int


class SendSignal(msgspec.Struct, frozen=True, kw_only=True):
    """Send a signal to the group of the running attempt, which goes on."""

    task: TaskId
    attempt: int
    number: int
    reason: str
    """For people."""


class RunTeardown(msgspec.Struct, frozen=True, kw_only=True):
    """Run the teardown command of the task."""

    task: TaskId


class AbandonTeardown(msgspec.Struct, frozen=True, kw_only=True):
    """Kill the running teardown command of the task."""

    task: TaskId


class CloseActivation(msgspec.Struct, frozen=True, kw_only=True):
    """Sweep what the task left in other sessions and forget it; answered by `ActivationClosed`."""

    task: TaskId


class StartProbe(msgspec.Struct, frozen=True, kw_only=True):
    """Begin to probe readiness of the attempt."""

    task: TaskId
    attempt: int


class StopProbe(msgspec.Struct, frozen=True, kw_only=True):
    """Readiness does not matter any more."""

    task: TaskId


class SetTimer(msgspec.Struct, frozen=True, kw_only=True):
    """Answer with `TimerFired` after the delay."""

    task: TaskId
    kind: TimerKind
    attempt: int
    delay_s: float


class CancelTimer(msgspec.Struct, frozen=True, kw_only=True):
    """Forget a timer; it may have fired already."""

    task: TaskId
    kind: TimerKind


class StateChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The task entered a state. For the shell to record, time and show."""

    task: TaskId
    state: TaskState


class TeardownChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The teardown of the task's activation moved on."""

    task: TaskId
    status: TeardownStatus
    error: str | None = None


class RestartNoted(msgspec.Struct, frozen=True, kw_only=True):
    """The next attempt of the task is a restart, for this reason (for people)."""

    task: TaskId
    reason: str


class PlanTaken(msgspec.Struct, frozen=True, kw_only=True):
    """From now on this plan holds. What only the one before had is gone; what is new is pending, and told of later."""

    plan: Plan


class PhaseChanged(msgspec.Struct, frozen=True, kw_only=True):
    """The run as a whole moved on. `ENDED` is the last effect of a run."""

    phase: RunPhase
    cause: StopCause | None
    detail: str = ""


Effect = (
    Spawn
    | Stop
    | Sweep
    | Kill
    | SendSignal
    | RunTeardown
    | AbandonTeardown
    | CloseActivation
    | StartProbe
    | StopProbe
    | SetTimer
    | CancelTimer
    | StateChanged
    | TeardownChanged
    | RestartNoted
    | PlanTaken
    | PhaseChanged
)
"""Everything `Scheduler.feed` returns."""
