"""Tasks that were up, are not, and will be again: what stands behind them through tasks that have ended waits for them.

A migration that has ended says nothing about its database, which may be started again long after. Costs something only
while such a task is on its way.
"""

from collections.abc import Iterable

from tui_runner.model.state import Backoff, Pending, Queued, Running, Starting, Stopping, StopReason, is_alive
from tui_runner.model.task import TaskId
from tui_runner.scheduling.node import Goal, Node

_FOR_GOOD = {StopReason.PERSON, StopReason.RUN_ENDS, StopReason.TIMEOUT}


class Returning:
    """The tasks that have ceased to satisfy. Has to hear of every state of every node."""

    def __init__(self) -> None:
        self._gone: dict[Node, None] = {}

    def turned(self, node: Node) -> None:
        """Note that a node satisfies what depends on it, or ceased to."""
        if node.satisfied:
            self._gone.pop(node, None)
        elif node.is_task:
            self._gone[node] = None

    def keep(self, nodes: Iterable[Node]) -> None:
        """Forget everything but these."""
        self._gone = {node: None for node in nodes if node in self._gone}

    def knows(self, node: Node) -> bool:
        """Tell whether the node has ceased to satisfy."""
        return node in self._gone

    def before(self, node: Node) -> tuple[TaskId, ...]:
        """Return what the node has to wait for although all it depends on is satisfied; in the order it was found."""
        if not any(_is_on_its_way(gone) for gone in self._gone):
            return ()
        found: dict[TaskId, None] = {}
        seen: set[Node] = set()
        stack = node.deps[::-1]
        while stack:
            other = stack.pop()
            if other in seen:
                continue
            seen.add(other)
            if other in self._gone and _is_on_its_way(other):
                found[other.id] = None
            elif _is_seen_through(other):
                stack.extend(reversed(other.deps))
        return tuple(found)


def behind(node: Node) -> list[Node]:
    """Return what stands behind the node through what has ended, and may have waited for it; in no special order."""
    found: list[Node] = []
    seen: set[Node] = set()
    stack = [other for other in node.dependents if _is_seen_through(other)]
    while stack:
        for other in stack.pop().dependents:
            if other in seen:
                continue
            seen.add(other)
            if _is_seen_through(other):
                stack.append(other)
            elif isinstance(other.state, Pending) and not other.unsatisfied:
                found.append(other)
    return sorted(found, key=lambda one: one.order)


def _is_seen_through(node: Node) -> bool:
    return node.satisfied and not (node.is_task and is_alive(node.state))


def _is_on_its_way(node: Node) -> bool:
    if node.goal is Goal.DOWN:
        return False
    match node.state:
        case Queued() | Starting() | Running() | Backoff():
            return True
        case Pending(blocked_by=blocker):
            return blocker is None
        case Stopping(reason=reason):
            return reason not in _FOR_GOOD
        case _:
            return False
