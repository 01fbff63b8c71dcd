"""Which tasks that are there come next behind a node, seen through everything that is not there.

Remembers what it found: a task that starts late in a large graph must not look through all that has ended before it.
"""

from collections.abc import Sequence

from tui_runner.model.task import TaskId
from tui_runner.scheduling.node import Node


class NearestOpen:
    """Answers from what is remembered. Has to hear of every task that comes or goes."""

    def __init__(self) -> None:
        self._known: dict[Node, tuple[TaskId, ...]] = {}
        """Of nodes that are not occupied: the answer."""
        self._named: set[Node] = set()
        """Tasks in these answers."""

    def turned(self, node: Node) -> None:
        """Note that a task became occupied, or ceased to be. Costs something only where an answer depends on it."""
        if node in self._known or node in self._named:
            self._known.clear()
            self._named.clear()

    def behind(self, node: Node) -> tuple[TaskId, ...]:
        """Return the nearest dependencies that are occupied, each once, in the order of the dependencies."""
        for dependency in node.deps:
            self._learn(dependency)
        return self._joined(node.deps)

    def _learn(self, start: Node) -> None:
        stack = [start]
        while stack:
            node = stack[-1]
            if node.counted or node in self._known:
                stack.pop()
                continue
            missing = [other for other in node.deps if not other.counted and other not in self._known]
            if missing:
                stack += missing
            else:
                self._known[node] = self._joined(node.deps)
                stack.pop()

    def _joined(self, deps: Sequence[Node]) -> tuple[TaskId, ...]:
        """Return the answers of all of them as one; the same object again where one of them says it all."""
        first: tuple[TaskId, ...] = ()
        found: dict[TaskId, None] = {}
        for node in deps:
            if node.counted:
                self._named.add(node)
                part: tuple[TaskId, ...] = (node.id,)
            else:
                part = self._known[node]
            if part is not first:
                first = first or part
                found.update(dict.fromkeys(part))
        return first if len(found) == len(first) else tuple(found)
