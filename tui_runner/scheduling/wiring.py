"""The edges between nodes, and what follows from them: who waits for whom, who belongs to which nested pipeline."""

from collections.abc import Iterator, Mapping
from typing import Protocol

from tui_runner.model.state import satisfies
from tui_runner.planning.plan import NodeId, Plan, gate_of
from tui_runner.scheduling.node import Category, Kind, Node, category_of


class Wired(Protocol):
    """What has nodes; the board is one."""

    nodes: dict[NodeId, Node]
    open_targets: int


def wire(board: Wired, plan: Plan, after: Mapping[NodeId, tuple[NodeId, ...]]) -> None:
    """Connect all nodes by these edges, whatever connected them before; `after` has an entry for every node.

    What is counted along with states is begun anew: presence, and the numbers of the board.
    """
    nodes = board.nodes
    for node in nodes.values():
        _disconnect(node)
    for node in nodes.values():
        for other in after[node.id]:
            dependency = nodes[other]
            node.deps.append(dependency)
            dependency.dependents.append(node)
        node.unsatisfied = sum(not dependency.satisfied for dependency in node.deps)
    for node in nodes.values():
        node.dependents.sort(key=lambda other: other.order)
        if node.kind is Kind.COMPOSITE:
            _gather_members(node, nodes[gate_of(node.id)])
        node.limits = list(_limits(node, nodes, plan))
    for node in nodes.values():
        if node.kind is Kind.COMPOSITE:
            node.only_skips = all(member.planned.skip is not None for member in inner_tasks(node))
    for target in plan.targets:
        if target in nodes:
            _mark_target(board, nodes[target])


def inner_tasks(node: Node) -> list[Node]:
    """Return the node itself, or all tasks inside a nested pipeline, in scheduling order."""
    found: dict[NodeId, Node] = {}
    stack = [node]
    while stack:
        current = stack.pop()
        if current.kind is Kind.COMPOSITE:
            stack += reversed(current.members)
        else:
            found.setdefault(current.id, current)
    return sorted(found.values(), key=lambda one: one.order)


def _disconnect(node: Node) -> None:
    node.deps, node.dependents, node.composites, node.members = [], [], [], []
    node.counts = {}
    node.target = node.counted = node.present = False
    node.holders = 0
    node.satisfied = satisfies(node.state)


def _gather_members(composite: Node, gate: Node) -> None:
    composite.members = [member for member in composite.deps if member is not gate]
    for member in composite.members:
        member.composites.append(composite)
        category = category_of(member.state)
        composite.counts[category] = composite.counts.get(category, 0) + 1
    composite.counts.setdefault(Category.WAITING, 0)


def _limits(node: Node, nodes: Mapping[NodeId, Node], plan: Plan) -> Iterator[Node]:
    parent = node.planned.parent
    while parent is not None:
        if plan.tasks[parent].concurrency is not None:
            yield nodes[parent]
        parent = plan.tasks[parent].parent


def _mark_target(board: Wired, target: Node) -> None:
    stack = [target]
    while stack:
        node = stack.pop()
        if node.kind is Kind.COMPOSITE:
            stack += node.members
        elif node.is_task and not node.target:
            node.target = True
            board.open_targets += 1
