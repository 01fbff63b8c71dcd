"""The course of the whole run: phase, cause, what ends it, and the first failure. Pure data with transitions."""

from enum import Enum

from tui_runner.model.policy import OnFailure
from tui_runner.model.state import Failure
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase
from tui_runner.scheduling.event import StopCause


class Until(Enum):
    """How long a run lasts when nobody ends it."""

    TARGETS = "targets"
    """Until every target has ended, or nothing can move any more."""
    IDLE = "idle"
    """Until nothing runs, restarts or watches."""
    TOLD = "told"
    """Until somebody says so."""


class Intake(Enum):
    """Whether anything new may start."""

    OPEN = "open"
    CLOSED = "closed"
    """A task failed and the policy is to finish what runs."""


class Course:
    """Where the run stands. Owned by the scheduler."""

    __slots__ = ("asked", "cause", "detail", "failures", "intake", "interruption", "on_failure", "phase", "until")

    def __init__(self, on_failure: OnFailure, until: Until) -> None:
        self.on_failure = on_failure
        self.until = until
        self.phase = RunPhase.RUNNING
        self.intake = Intake.OPEN
        self.cause: StopCause | None = None
        self.detail = ""
        """Of the verdict, for people."""
        self.interruption: StopCause | None = None
        """Why somebody from outside asked to stop while the run left because its work was done."""
        self.asked = 0
        """How often somebody from outside asked to stop the run."""
        self.failures: dict[TaskId, Failure] = {}
        """Of tasks that failed for good and were not started again since, in the order they failed."""

    @property
    def first_failure(self) -> tuple[TaskId, Failure] | None:
        """The failure that counts, None when there is none."""
        return next(iter(self.failures.items()), None)

    @property
    def verdict(self) -> StopCause | None:
        """What the result says of the end: who gives up during the last teardowns has not got what was asked for."""
        return self.interruption or self.cause

    @property
    def running(self) -> bool:
        """Tell whether tasks may still come up and be repeated."""
        return self.phase is RunPhase.RUNNING

    @property
    def admits(self) -> bool:
        """Tell whether something new may start."""
        return self.phase is RunPhase.RUNNING and self.intake is Intake.OPEN

    @property
    def keeps_results(self) -> bool:
        """Tell whether what we stop counts as completed: the work was done, or a person said it is enough."""
        return self.cause in {StopCause.DONE, StopCause.PERSON}
