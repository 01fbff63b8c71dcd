"""The board: all nodes, the counters that make scheduling proportional to what changed, and the effects to return.

Only `enter`, `open_activation` and the like change a node, so that the counters cannot drift from the states. The board decides nothing;
it notes what became possible in its worklists, and the scheduler works them off.
"""

from collections import deque
from collections.abc import Mapping

from tui_runner.model.state import (
    Backoff,
    Completed,
    Failed,
    Pending,
    Queued,
    Ready,
    Running,
    Starting,
    Stopping,
    TaskState,
    satisfies,
)
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import NodeId, Plan, gate_of
from tui_runner.scheduling.effect import Effect, StateChanged
from tui_runner.scheduling.nearest_open import NearestOpen
from tui_runner.scheduling.node import Activation, Goal, Kind, Node, category_of
from tui_runner.scheduling.returning import Returning, behind
from tui_runner.scheduling.wiring import inner_tasks, wire


class Board:
    """The live graph. Pure bookkeeping."""

    def __init__(self, plan: Plan) -> None:
        self.nodes: dict[NodeId, Node] = {}
        self.effects: list[Effect] = []
        self.turns: deque[Node] = deque()
        """Nodes whose dependencies are all satisfied, in the order that happened."""
        self.leavers: deque[Node] = deque()
        """Nodes that nothing present depends on any more."""
        self.stale: deque[Node] = deque()
        """Nested pipelines whose state has to be worked out again."""
        self.blames: deque[Node] = deque()
        """Nodes whose failure, or hope, has to be passed on to what waits for them."""
        self.progressing = 0
        """Tasks that will change by themselves: queued, starting, running, backing off, stopping."""
        self.ready = 0
        self.open_targets = 0
        """Target tasks that have not ended."""
        self.ready_targets = 0
        self.occupied = 0
        """Tasks with a process or an open activation."""
        self._nearest = NearestOpen()
        self.returning = Returning()
        self._unsettled: dict[Node, None] = {}
        """Nodes whose presence has to be worked out again."""
        self.present = 0
        """Tasks that still have to leave, or that are held by others that have to."""
        self._attempts_of_gone: dict[NodeId, int] = {}
        """Tasks that a plan had and another has not: their attempts are counted on when they come back."""
        self._lay_out(plan)
        wire(self, plan, plan.after)

    # -- building ---------------------------------------------------------------------------------------------

    def take(self, plan: Plan) -> None:
        """Have the nodes and edges of another plan from now on. Nodes that both plans have stay as they are.

        What the new plan has not must not be occupied.
        """
        for node in self.nodes.values():
            if node.is_task:
                self._attempts_of_gone[node.id] = node.attempt
        self._lay_out(plan)
        self.rewire(plan, plan.after)
        self.turns.clear()
        self.stale = deque(node for node in self.nodes.values() if node.kind is Kind.COMPOSITE)

    def rewire(self, plan: Plan, after: Mapping[NodeId, tuple[NodeId, ...]]) -> None:
        """Have other edges between the nodes, and count anew. Whose turn it is, is for others to ask."""
        self.progressing = self.ready = self.open_targets = self.ready_targets = self.occupied = self.present = 0
        self._nearest = NearestOpen()
        self.returning.keep(self.nodes.values())
        self._unsettled.clear()
        self.leavers.clear()
        wire(self, plan, after)
        for node in self.nodes.values():
            if node.is_task:
                self._count(node, node.state, +1)
            self.update_presence(node)
        self.settle_presence()
        self.leavers.extend(node for node in self.nodes.values() if node.goal is Goal.DOWN and node.counted)
        for node in self.nodes.values():
            if node.kind is Kind.COMPOSITE:
                continue
            if isinstance(node.state, Pending) and self.blocker_of(node) != node.state.blocked_by:
                self.enter(node, Pending(blocked_by=self.blocker_of(node)))
            elif node.unsatisfied and _has_passed(node):
                self.enter(node, Pending())

    def _lay_out(self, plan: Plan) -> None:
        """Have a node for everything in the plan, and no other."""
        before, self.nodes = self.nodes, {}
        for planned in plan.tasks.values():
            kinds = (Kind.GATE, Kind.COMPOSITE) if planned.composite else (Kind.TASK,)
            for kind in kinds:
                node_id = gate_of(planned.id) if kind is Kind.GATE else planned.id
                known = before.get(node_id)
                if known is not None and known.kind is kind:
                    node = known
                    node.planned, node.order = planned, len(self.nodes)
                else:
                    node = Node(node_id, kind, planned, len(self.nodes))
                    node.attempt = self._attempts_of_gone.pop(node_id, 0) if kind is Kind.TASK else 0
                self.nodes[node_id] = node

    def tasks_of(self, task: TaskId) -> list[Node]:
        """Return the node itself, or all tasks inside a nested pipeline, in scheduling order."""
        return inner_tasks(self.nodes[task])

    def with_dependents(self, nodes: list[Node]) -> list[Node]:
        """Return the nodes and everything that depends on them through any chain, in scheduling order."""
        seen = set(nodes)
        stack = list(nodes)
        while stack:
            for dependent in stack.pop().dependents:
                if dependent not in seen:
                    seen.add(dependent)
                    stack.append(dependent)
        return sorted(seen, key=lambda node: node.order)

    # -- changing ---------------------------------------------------------------------------------------------

    def emit(self, effect: Effect) -> None:
        """Add an effect to what `feed` returns."""
        self.effects.append(effect)

    def enter(self, node: Node, state: TaskState) -> None:
        """Put a node into a state and bring every counter along."""
        old, node.state = node.state, state
        if node.kind is not Kind.GATE:
            self.effects.append(StateChanged(task=node.id, state=state))
        if node.is_task:
            self._count(node, old, -1)
            self._count(node, state, +1)
        before, after = category_of(old), category_of(state)
        for composite in node.composites:
            if before is not after:
                composite.counts[before] -= 1
                composite.counts[after] = composite.counts.get(after, 0) + 1
            self.stale.append(composite)
        if node.kind is Kind.GATE:
            self.stale.append(self.nodes[node.planned.id])
        if satisfies(state) is not node.satisfied:
            self._turn_satisfied(node)
        elif self.returning.knows(node):
            self.turns.extend(behind(node))  # it may have failed, or been stopped for good
        if isinstance(old, Failed) or isinstance(state, Failed) or _blame(old) != _blame(state):
            self.blames.append(node)
        self.update_presence(node)

    def _count(self, node: Node, state: TaskState, by: int) -> None:
        match state:
            case Queued() | Starting() | Running() | Backoff() | Stopping():
                self.progressing += by
            case Ready():
                self.ready += by
                self.ready_targets += by if node.target else 0
            case Pending():
                pass
            case _:
                self.open_targets -= by if node.target else 0

    def _turn_satisfied(self, node: Node) -> None:
        returns = self.returning.knows(node)
        node.satisfied = not node.satisfied
        self.returning.turned(node)
        for dependent in node.dependents:
            if node.satisfied:
                dependent.unsatisfied -= 1
                if dependent.unsatisfied == 0:
                    self.turns.append(dependent)
            else:
                dependent.unsatisfied += 1
                if _has_passed(dependent):
                    self.enter(dependent, Pending())
        if returns:
            self.turns.extend(behind(node))

    # -- presence: who still has to leave ---------------------------------------------------------------------

    def set_activation(self, node: Node, activation: Activation) -> None:
        """Move the activation of a task on."""
        node.activation = activation
        self.update_presence(node)

    def set_lingering(self, node: Node, attempt: int | None) -> None:
        """Note that others of the group outlive the leader of this attempt, or None that nobody does."""
        node.lingering = attempt
        self.update_presence(node)

    def update_presence(self, node: Node) -> None:
        """Note that whether the node holds its dependencies back may have changed; `settle_presence` works it out."""
        self._unsettled[node] = None
        occupied = node.is_task and node.occupied
        if occupied is not node.counted:
            node.counted = occupied
            self.occupied += 1 if occupied else -1
            self._nearest.turned(node)

    def settle_presence(self) -> None:
        """Work out who holds whom back, and note who may leave now.

        Those that came are dealt with before those that went: when one task of a long chain ends and the next one
        starts, nothing below them changes, instead of everything twice.
        """
        changed, self._unsettled = self._unsettled, {}
        for coming in (True, False):
            pending = list(changed)
            while pending:
                node = pending.pop()
                present = node.counted or node.holders > 0
                if present is not node.present and present is coming:
                    self._turn_presence(node)
                    pending.extend(node.deps)

    def _turn_presence(self, node: Node) -> None:
        node.present = not node.present
        by = 1 if node.present else -1
        self.present += by if node.is_task else 0
        for dependency in node.deps:
            dependency.holders += by
            if dependency.holders == 0 and dependency.goal is Goal.DOWN:
                self.leavers.append(dependency)

    # -- blame: which failed task is in the way ---------------------------------------------------------------

    def spread_blame(self, node: Node) -> None:
        """Tell everything that waits for the node, through any chain, which failed task is in its way."""
        for current in node.dependents:
            if not isinstance(current.state, Pending) or current.kind is Kind.COMPOSITE:
                if current.kind is Kind.COMPOSITE:
                    self.stale.append(current)
                continue
            blocker = self.blocker_of(current)
            if blocker != current.state.blocked_by:
                self.enter(current, Pending(blocked_by=blocker))

    @staticmethod
    def blocker_of(node: Node) -> TaskId | None:
        """Return the failed task that keeps the node from starting, or None."""
        for dependency in node.deps:
            match dependency.state:
                case Failed() if dependency.kind is Kind.COMPOSITE:
                    return next((m.id for m in dependency.members if isinstance(m.state, Failed)), dependency.id)
                case Failed():
                    return dependency.id
                case Pending(blocked_by=blocker) if blocker is not None:
                    return blocker
                case _:
                    continue
        return None

    def nearest_open(self, node: Node) -> tuple[TaskId, ...]:
        """Return the nearest dependencies that are occupied, seen through everything that is not."""
        return self._nearest.behind(node) if self.occupied else ()


def _has_passed(node: Node) -> bool:
    """Tell whether the node is past the point where its dependencies matter, and would have to come back to it."""
    return isinstance(node.state, Queued) or (node.kind is Kind.GATE and isinstance(node.state, Completed))


def _blame(state: TaskState) -> TaskId | None:
    return state.blocked_by if isinstance(state, Pending) else None
