"""One node of the scheduling graph and what is remembered about it. Mutable, owned by the board alone."""

from enum import Enum

from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failed,
    Pending,
    Queued,
    Ready,
    Running,
    Skipped,
    Starting,
    Stopping,
    TaskState,
    is_alive,
)
from tui_runner.planning.plan import NodeId, PlannedTask


class Kind(Enum):
    """What a node stands for."""

    TASK = "task"
    GATE = "gate"
    """Before the inner tasks of a nested pipeline."""
    COMPOSITE = "composite"
    """After them; its state follows from theirs."""


class Goal(Enum):
    """Where a node is meant to be."""

    UP = "up"
    DOWN = "down"


class Activation(Enum):
    """The span from the first spawn to the end of the teardown; restarts stay inside it."""

    CLOSED = "closed"
    OPEN = "open"
    TEARDOWN = "teardown"
    """Its teardown command runs."""
    CLOSING = "closing"
    """What it left in other sessions is being swept."""


class Category(Enum):
    """A coarse state, counted per nested pipeline."""

    WAITING = "waiting"
    ACTIVE = "active"
    STOPPING = "stopping"
    READY = "ready"
    COMPLETED = "completed"
    STOPPED = "stopped"
    FAILED = "failed"
    ABORTED = "aborted"
    SKIPPED = "skipped"


def category_of(state: TaskState) -> Category:
    """Return the coarse state."""
    match state:
        case Pending() | Queued():
            return Category.WAITING
        case Starting() | Running() | Backoff():
            return Category.ACTIVE
        case Stopping():
            return Category.STOPPING
        case Ready():
            return Category.READY
        case Completed(stopped=stopped):
            return Category.STOPPED if stopped else Category.COMPLETED
        case Failed():
            return Category.FAILED
        case Aborted():
            return Category.ABORTED
        case Skipped():
            return Category.SKIPPED


class Node:
    """A task, a gate or a nested pipeline, with its neighbours and counters."""

    __slots__ = (
        "activation",
        "attempt",
        "composites",
        "counted",
        "counts",
        "dependents",
        "deps",
        "goal",
        "holders",
        "id",
        "kind",
        "limits",
        "lingering",
        "members",
        "must_run",
        "only_skips",
        "order",
        "planned",
        "present",
        "restart_times_s",
        "restarts_in_a_row",
        "retries",
        "satisfied",
        "state",
        "target",
        "unheeded",
        "unsatisfied",
        "was_ready",
    )

    def __init__(self, node_id: NodeId, kind: Kind, planned: PlannedTask, order: int) -> None:
        self.id = node_id
        self.kind = kind
        self.planned = planned
        """For a gate: the nested pipeline it belongs to."""
        self.order = order
        self.deps: list[Node] = []
        self.dependents: list[Node] = []
        self.composites: list[Node] = []
        """Nested pipelines whose state follows from this node, among others."""
        self.members: list[Node] = []
        """Of a nested pipeline: the nodes its state follows from."""
        self.limits: list[Node] = []
        """Nested pipelines around it that have a concurrency limit."""
        self.counts: dict[Category, int] = {}
        self.only_skips = False
        """Of a nested pipeline: every task in it is skipped by plan."""
        self.target = False
        """The run lasts until it has ended; set for the tasks inside a targeted pipeline too."""
        self.state: TaskState = Pending()
        self.satisfied = False
        self.unsatisfied = 0
        """How many of `deps` are not satisfied."""
        self.goal = Goal.UP
        self.activation = Activation.CLOSED
        self.lingering: int | None = None
        """Attempt whose leader has ended while others of its group live."""
        self.counted = False
        """It is occupied, and the board has counted it."""
        self.present = False
        """It, or something that depends on it through any chain, still has to leave."""
        self.holders = 0
        """How many of `dependents` are present: while there are any, it must not be stopped."""
        self.attempt = 0
        self.retries = 0
        """Tries of the current round that failed, for the retry policy."""
        self.restart_times_s: list[float] = []
        """When the restart policy acted lately, for the crash-loop limit."""
        self.restarts_in_a_row = 0
        """How often the restart policy acted since the task was last up for long enough, for the growing delay."""
        self.must_run = False
        """A cached result will not do for the next attempt."""
        self.unheeded: str | None = None
        """A change of its files, for people, that the current attempt must not be disturbed with yet."""
        self.was_ready = False
        """The current attempt has been ready: it holds no slot, and ending it is no loss."""

    def forget_repeats(self) -> None:
        """Begin anew with delays and limits: a person or a change has started it, or it has lived long enough."""
        self.retries = 0
        self.restarts_in_a_row = 0
        self.restart_times_s.clear()

    @property
    def is_task(self) -> bool:
        """Tell whether it can have a process."""
        return self.kind is Kind.TASK

    @property
    def occupied(self) -> bool:
        """Tell whether it has a process, an open activation, or something on its way."""
        return self.activation is not Activation.CLOSED or self.lingering is not None or is_alive(self.state)

    def __repr__(self) -> str:
        return f"<Node {self.id} {self.state!r} {self.goal.value} {self.activation.value}>"
