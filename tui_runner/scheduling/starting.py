"""Coming up: whose turn it is, who gets a slot, what a nested pipeline's state is."""

from collections import deque

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import (
    Aborted,
    Completed,
    Failed,
    Failure,
    Pending,
    Queued,
    Ready,
    Running,
    Skipped,
    SkipReason,
    Starting,
    Stopping,
    StopReason,
    TaskState,
)
from tui_runner.planning.plan import gate_of
from tui_runner.scheduling.board import Board
from tui_runner.scheduling.course import Course, Intake
from tui_runner.scheduling.effect import Spawn
from tui_runner.scheduling.node import Activation, Category, Goal, Kind, Node

_ACTIVATION_IN_THE_WAY = {Activation.TEARDOWN, Activation.CLOSING}


class Starter:
    """Takes turns in first-in-first-out order and hands out slots."""

    def __init__(self, board: Board, course: Course, max_concurrency: int | None) -> None:
        self.board = board
        self.course = course
        self.max_concurrency = max_concurrency
        self.queue: deque[Node] = deque()
        self._holding: set[Node] = set()
        self._held_inside: dict[Node, int] = {}
        self._resting = False
        """Nothing starts: the plan is being replaced."""

    # -- turns ------------------------------------------------------------------------------------------------

    def take_turn(self, node: Node) -> Failure | None:
        """Start a node on its way if nothing is in its way; return why it is refused, if it is."""
        if node.unsatisfied or not isinstance(node.state, Pending) or not self._admits(node):
            return None
        if self.board.returning.before(node):
            return None
        if node.kind is Kind.GATE:
            self._open(node)
        if not node.is_task or node.goal is Goal.DOWN:
            return None
        if node.lingering is not None or node.activation in _ACTIVATION_IN_THE_WAY:
            return None
        if node.planned.skip is not None:
            self.board.enter(node, Skipped(reason=node.planned.skip))
        elif node.planned.refusal is not None or node.planned.command is None:
            return Failure(code=ErrorCode.TASK_FAILED, message=node.planned.refusal or f"[{node.id}] has no command")
        else:
            self.board.enter(node, Queued())
            self.queue.append(node)
        return None

    def _admits(self, node: Node) -> bool:
        """Tell whether the node may start now: what has begun already may go on while nothing new starts."""
        if self._resting:
            return False
        return self.course.admits or (self.course.running and node.activation is Activation.OPEN)

    def _open(self, gate: Node) -> None:
        """Let what is inside take the gate's place in the order: it comes before what was defined behind it."""
        later = self.board.turns
        self.board.turns = deque()
        self.board.enter(gate, Completed())
        self.board.turns.extend(later)

    def ask_again(self, node: Node) -> None:
        """Let the node take its turn once more; harmless when it is not its turn."""
        if not node.unsatisfied:
            self.board.turns.append(node)

    def bring_up(self, node: Node) -> None:
        """Want a task up that has ended or was stopped."""
        node.goal = Goal.UP
        self.course.failures.pop(node.id, None)
        node.forget_repeats()
        self.board.enter(node, Pending(blocked_by=self.board.blocker_of(node)))
        self.ask_again(node)

    # -- slots ------------------------------------------------------------------------------------------------

    def start_next(self) -> bool:
        """Spawn the first queued task that has a slot; tell whether there was one."""
        passed: list[Node] = []
        found: Node | None = None
        while self.queue and found is None and not self._resting and self._room():
            node = self.queue.popleft()
            if not isinstance(node.state, Queued):
                continue
            if self.board.returning.before(node):  # what it needs was taken back while it waited for a slot
                self.board.enter(node, Pending())
                continue
            if all(self._held_inside.get(limit, 0) < (limit.planned.concurrency or 1) for limit in node.limits):
                found = node
            else:
                passed.append(node)
        self.queue.extendleft(reversed(passed))
        if found is None:
            return False
        self._spawn(found)
        return True

    def release(self, node: Node) -> None:
        """Give the slot of a task back, if it holds one."""
        if node in self._holding:
            self._holding.remove(node)
            for limit in node.limits:
                self._held_inside[limit] -= 1

    def close_queue(self) -> None:
        """Send everything queued back to waiting, unless it may start all the same."""
        queued, self.queue = self.queue, deque()
        for node in queued:
            if not isinstance(node.state, Queued):
                continue
            if self._admits(node):
                self.queue.append(node)
            else:
                self.board.enter(node, Pending())

    def rest(self) -> None:
        """Start nothing until `go_on`."""
        self._resting = True

    def go_on(self, max_concurrency: int | None) -> None:
        """Start again, with this limit and the limits that nested pipelines have now; everybody takes a turn."""
        self._resting = False
        self.max_concurrency = max_concurrency
        self.queue = deque(node for node in self.queue if self.board.nodes.get(node.id) is node)
        self._held_inside = {}
        for node in self._holding:
            for limit in node.limits:
                self._held_inside[limit] = self._held_inside.get(limit, 0) + 1
        for node in self.board.nodes.values():
            self.ask_again(node)

    def open_intake(self) -> None:
        """Let new tasks start again after a failure had closed the intake; those that were held back take their turns."""
        if self.course.intake is Intake.OPEN:
            return
        self.course.intake = Intake.OPEN
        for node in self.board.nodes.values():
            self.ask_again(node)

    def _room(self) -> bool:
        return self.max_concurrency is None or len(self._holding) < self.max_concurrency

    def _spawn(self, node: Node) -> None:
        self._holding.add(node)
        for limit in node.limits:
            self._held_inside[limit] = self._held_inside.get(limit, 0) + 1
        after = self.board.nearest_open(node)
        node.attempt += 1
        node.was_ready = False
        node.unheeded = None  # it will see for itself
        must_run, node.must_run = node.must_run, False
        self.board.enter(node, Starting(attempt=node.attempt))
        self.board.emit(Spawn(task=node.id, attempt=node.attempt, after=after, must_run=must_run))

    # -- nested pipelines -------------------------------------------------------------------------------------

    def derive(self, composite: Node) -> None:
        """Work out the state of a nested pipeline from its members, and enter it if it is a new one."""
        state = self._derived(composite)
        if state != composite.state:
            self.board.enter(composite, state)

    def _derived(self, composite: Node) -> TaskState:
        gate = self.board.nodes[gate_of(composite.id)]
        counts = {category: n for category, n in composite.counts.items() if n}
        if isinstance(gate.state, Completed):
            composite.attempt = 1  # it has begun; what its dependencies do later is not its business
        if not composite.attempt:
            return Pending(blocked_by=gate.state.blocked_by if isinstance(gate.state, Pending) else None)
        if Category.FAILED in counts:
            return Failed(failure=next(m.state.failure for m in composite.members if isinstance(m.state, Failed)))
        if Category.ABORTED in counts:
            return Aborted()
        if Category.STOPPING in counts:
            reason = next(
                (m.state.reason for m in composite.members if isinstance(m.state, Stopping)), StopReason.RUN_ENDS
            )
            return Stopping(attempt=1, pid=0, reason=reason)
        if Category.ACTIVE in counts:
            return Running(attempt=1, pid=0)
        if Category.WAITING in counts:
            return self._partly_waiting(composite, only_waiting=len(counts) == 1)
        if Category.STOPPED in counts:
            return Running(attempt=1, pid=0) if Category.READY in counts else Completed(stopped=True)
        if Category.READY in counts:
            return Ready(attempt=1, pid=0)
        if Category.COMPLETED in counts:
            return Completed()
        return Skipped(reason=SkipReason.INNER_TASKS_SKIPPED)

    def _partly_waiting(self, composite: Node, *, only_waiting: bool) -> TaskState:
        for member in composite.members:
            if isinstance(member.state, Pending) and member.state.blocked_by is not None:
                return Pending(blocked_by=member.state.blocked_by)
        if composite.only_skips or (only_waiting and not self.course.running):
            return Pending()
        if not self.course.running:
            return Aborted()
        return Running(attempt=1, pid=0)
