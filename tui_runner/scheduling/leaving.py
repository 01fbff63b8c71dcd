"""Going down: mirrors coming up. A task is stopped when nothing present depends on it, then torn down, then closed."""

from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failure,
    Pending,
    Queued,
    Ready,
    Running,
    Starting,
    Stopping,
    StopReason,
    TaskState,
    TeardownStatus,
    is_alive,
)
from tui_runner.model.view import RunPhase
from tui_runner.scheduling.board import Board
from tui_runner.scheduling.course import Course
from tui_runner.scheduling.effect import (
    AbandonTeardown,
    CancelTimer,
    CloseActivation,
    Kill,
    RunTeardown,
    Stop,
    StopProbe,
    Sweep,
    TeardownChanged,
)
from tui_runner.scheduling.event import TimerKind
from tui_runner.scheduling.node import Activation, Goal, Node

_COMING_BACK = frozenset({StopReason.RESTART, StopReason.CHANGED, StopReason.DEPENDENCY})


class Leaver:
    """Takes tasks down one step at a time; every step is asked for again when something left."""

    def __init__(self, board: Board, course: Course) -> None:
        self.board = board
        self.course = course

    def want_down(self, nodes: list[Node]) -> None:
        """Let these nodes leave; those that nothing present depends on begin at once, later ones first."""
        self.board.settle_presence()
        for node in nodes:
            node.goal = Goal.DOWN
        self.board.leavers.extend(node for node in reversed(nodes) if node.holders == 0)

    def step(self, node: Node) -> None:
        """Do what comes next for a node that is to leave and that nothing present depends on."""
        if node.goal is Goal.UP or node.holders or not node.is_task:
            return
        match node.state:
            case Starting() | Running() | Ready():
                self.begin_stop(node, self._reason())
            case Stopping(reason=StopReason.RESTART | StopReason.CHANGED | StopReason.DEPENDENCY) as state:
                self.board.enter(
                    node,
                    Stopping(attempt=state.attempt, pid=state.pid, reason=self._reason(), forced=state.forced),
                )
            case Backoff():
                self.board.emit(CancelTimer(task=node.id, kind=TimerKind.BACKOFF))
                self.board.enter(node, self.end_without_return())
            case Queued():
                self.board.enter(node, Pending())
            case _:
                pass
        if not is_alive(node.state) and node.lingering is None and node.activation is Activation.OPEN:
            self._end_activation(node)

    def begin_stop(
        self, node: Node, reason: StopReason, failure: Failure | None = None, *, tries_again: bool = False
    ) -> None:
        """Begin the stop ladder of a task that is alive and not stopping yet; `failure` is what it will have failed of.

        Where another attempt follows, nothing of this one may be left to be in its way. Otherwise what has moved to other
        sessions lives until the teardown, which may know how to end it well, is over.
        """
        pid = node.state.pid if isinstance(node.state, Running | Ready) else 0
        forced = self.course.phase is RunPhase.KILLING
        self.board.enter(
            node,
            Stopping(attempt=node.attempt, pid=pid, reason=reason, forced=forced, failure=failure),
        )
        self.quiet(node)
        if tries_again or reason in _COMING_BACK:
            self.board.emit(Sweep(task=node.id, attempt=node.attempt))
        if forced:
            self.board.emit(Kill(task=node.id, attempt=node.attempt))
        else:
            self.board.emit(Stop(task=node.id, attempt=node.attempt))

    def come_back(self, node: Node, state: Stopping, reason: StopReason) -> None:
        """Have another attempt follow the one that is being stopped."""
        self.board.enter(node, Stopping(attempt=state.attempt, pid=state.pid, reason=reason, forced=state.forced))
        self.board.emit(Sweep(task=node.id, attempt=state.attempt))

    def quiet(self, node: Node) -> None:
        """Forget the probe and the timers of the current attempt."""
        command = node.planned.command
        if command is None:
            return
        if command.ready_when is not None and not node.was_ready:
            self.board.emit(StopProbe(task=node.id))
            self.quiet_readiness(node)
        if command.completed_timeout_s is not None:
            self.board.emit(CancelTimer(task=node.id, kind=TimerKind.COMPLETED))
        if node.restarts_in_a_row:
            self.board.emit(CancelTimer(task=node.id, kind=TimerKind.SETTLED))

    def quiet_readiness(self, node: Node) -> None:
        """Forget that the current attempt had to become ready in time."""
        command = node.planned.command
        if command is not None and command.ready_timeout_s is not None:
            self.board.emit(CancelTimer(task=node.id, kind=TimerKind.READY))

    def kill_all(self) -> None:
        """Send SIGKILL to everything alive, whatever the order; teardowns still follow in order."""
        for node in self.board.nodes.values():
            if not node.is_task:
                continue
            match node.state:
                case Starting() | Running() | Ready():
                    self.begin_stop(node, StopReason.RUN_ENDS)
                case Stopping() as state if not state.forced:
                    self.board.enter(
                        node,
                        Stopping(
                            attempt=state.attempt,
                            pid=state.pid,
                            reason=state.reason,
                            forced=True,
                            failure=state.failure,
                        ),
                    )
                    self.board.emit(Kill(task=node.id, attempt=node.attempt))
                case _ if node.lingering is not None:
                    self.board.emit(Kill(task=node.id, attempt=node.lingering))
                case _:
                    pass

    def abandon_all(self) -> None:
        """Give up on teardowns and on whatever is still there; the guardian sweeps it."""
        for node in self.board.nodes.values():
            if not node.is_task or not node.occupied:
                continue
            if is_alive(node.state) or isinstance(node.state, Backoff):
                self.board.enter(node, Aborted())
            if node.activation is Activation.TEARDOWN:
                self.board.emit(AbandonTeardown(task=node.id))
            if node.activation in {Activation.TEARDOWN, Activation.OPEN} and self._has_teardown(node):
                self.board.emit(TeardownChanged(task=node.id, status=TeardownStatus.NOT_RUN, error="given up"))
            node.lingering = None
            self.board.set_activation(node, Activation.CLOSED)

    def teardown_ended(self, node: Node, error: str | None) -> None:
        """Go on after the teardown command of the task has ended."""
        if node.activation is not Activation.TEARDOWN:
            return
        status = TeardownStatus.COMPLETED if error is None else TeardownStatus.FAILED
        self.board.emit(TeardownChanged(task=node.id, status=status, error=error))
        self._close(node)

    def close_without_teardown(self, node: Node) -> None:
        """End the activation of a task that turned out to have nothing to clean up."""
        if self._has_teardown(node):
            self.board.emit(TeardownChanged(task=node.id, status=TeardownStatus.NOT_RUN))
        self._close(node)

    def _end_activation(self, node: Node) -> None:
        if self._has_teardown(node):
            self.board.set_activation(node, Activation.TEARDOWN)
            self.board.emit(TeardownChanged(task=node.id, status=TeardownStatus.RUNNING))
            self.board.emit(RunTeardown(task=node.id))
        else:
            self._close(node)

    def _close(self, node: Node) -> None:
        self.board.set_activation(node, Activation.CLOSING)
        self.board.emit(CloseActivation(task=node.id))

    @staticmethod
    def _has_teardown(node: Node) -> bool:
        return node.planned.command is not None and node.planned.command.teardown is not None

    def _reason(self) -> StopReason:
        return StopReason.PERSON if self.course.running else StopReason.RUN_ENDS

    def end_without_return(self) -> TaskState:
        """Return how a task ends that would have been started again, had it not to leave."""
        by_choice = self.course.running or self.course.keeps_results
        return Completed(stopped=True) if by_choice else Aborted()
