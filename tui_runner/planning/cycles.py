"""Circles in the graph: found without recursion, shown in task names.

Every strongly connected part of the graph is told by the shortest circle through its first task; the edge that closes
it is then taken away, and what is still circular is told as well. Gates of nested pipelines are shown as the pipeline.
"""

from collections import deque
from collections.abc import Iterator, Mapping, Sequence

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.site import Site
from tui_runner.planning.edges import Graph
from tui_runner.planning.ownership import Ownership

MAX_CYCLES = 16
"""More circles than this are told once some of these are gone."""
MAX_SHOWN = 12
"""A longer circle is shortened in the middle."""

Part = dict[int, list[int]]
"""A strongly connected part: its nodes in definition order, and the edges that stay inside it."""


def cycle_problems(ownership: Ownership, graph: Graph) -> list[Problem]:
    """Return one problem per circle, each once, in definition order of the task it starts with."""
    problems: dict[tuple[int, ...], Problem] = {}
    for cycle in _find(graph):
        shown = _in_tasks(graph, cycle)
        problems.setdefault(shown, _problem(ownership, graph, shown))
    return list(problems.values())


def _find(graph: Graph) -> list[list[int]]:
    """Return circles as nodes, each waiting for the next and the last for the first."""

    def rank(node: int) -> tuple[int, bool]:
        return graph.task_of(node), graph.is_gate(node)

    stuck = sorted(_stuck(graph.waits), key=rank)
    cycles: list[list[int]] = []
    parts = deque(_parts(stuck, {node: graph.waits[node] for node in stuck}))
    while parts and len(cycles) < MAX_CYCLES:
        part = parts.popleft()
        start = next(iter(part))
        cycle = _shortest(part, start)
        cycles.append(cycle)
        part[cycle[-1]].remove(start)
        parts.extendleft(reversed(_parts(list(part), part)))
    return cycles


def _stuck(waits: Sequence[Sequence[int]]) -> list[int]:
    """Return the nodes that could never start: those in a circle and those that wait for one."""
    missing = [len(others) for others in waits]
    dependents: list[list[int]] = [[] for _ in waits]
    for node, others in enumerate(waits):
        for other in others:
            dependents[other].append(node)
    free = [node for node, count in enumerate(missing) if count == 0]
    while free:
        for dependent in dependents[free.pop()]:
            missing[dependent] -= 1
            if missing[dependent] == 0:
                free.append(dependent)
    return [node for node, count in enumerate(missing) if count > 0]


def _parts(nodes: Sequence[int], edges: Mapping[int, Sequence[int]]) -> list[Part]:
    """Return the strongly connected parts that hold a circle, in the order of `nodes` (Tarjan, with its own stack)."""
    place = {node: index for index, node in enumerate(nodes)}
    inside = {node: [other for other in edges[node] if other in place] for node in nodes}
    found: list[Part] = []
    for component in _components(inside):
        members = sorted(component, key=place.__getitem__)
        kept = set(members)
        if len(members) > 1 or members[0] in inside[members[0]]:
            found.append({node: [other for other in inside[node] if other in kept] for node in members})
    return sorted(found, key=lambda part: place[next(iter(part))])


def _components(edges: Part) -> Iterator[list[int]]:
    index: dict[int, int] = {}
    low: dict[int, int] = {}
    open_nodes: dict[int, None] = {}
    for root in edges:
        if root in index:
            continue
        work: list[tuple[int, Iterator[int]]] = []
        entering: int | None = root
        while entering is not None or work:
            if entering is not None:
                index[entering] = low[entering] = len(index)
                open_nodes[entering] = None
                work.append((entering, iter(edges[entering])))
            node, others = work[-1]
            entering = next((other for other in others if _is_new(other, node, index, low, open_nodes)), None)
            if entering is not None:
                continue
            work.pop()
            if work:
                above = work[-1][0]
                low[above] = min(low[above], low[node])
            if low[node] == index[node]:
                yield _close(open_nodes, node)


def _is_new(other: int, node: int, index: dict[int, int], low: dict[int, int], open_nodes: dict[int, None]) -> bool:
    """Tell whether a neighbour has not been entered; if it is still open, note how far back it reaches."""
    if other not in index:
        return True
    if other in open_nodes:
        low[node] = min(low[node], index[other])
    return False


def _close(open_nodes: dict[int, None], node: int) -> list[int]:
    component: list[int] = []
    while not component or component[-1] != node:
        component.append(open_nodes.popitem()[0])
    return component


def _shortest(part: Part, start: int) -> list[int]:
    """Return the shortest circle through a node of a strongly connected part."""
    came_from: dict[int, int] = {}
    queue = deque([start])
    while queue:
        node = queue.popleft()
        for other in part[node]:
            if other == start:
                path = [node]
                while path[-1] != start:
                    path.append(came_from[path[-1]])
                return path[::-1]
            if other not in came_from:
                came_from[other] = node
                queue.append(other)
    raise AssertionError("every node of a strongly connected part lies in a circle")


def _in_tasks(graph: Graph, cycle: list[int]) -> tuple[int, ...]:
    """Return the circle in task numbers: a gate counts as its pipeline, and neighbours that are equal as one."""
    tasks = [graph.task_of(node) for node in cycle]
    return tuple(task for index, task in enumerate(tasks) if task != tasks[index - 1]) or (tasks[0],)


def _problem(ownership: Ownership, graph: Graph, cycle: tuple[int, ...]) -> Problem:
    ids = [ownership.ids[number] for number in cycle]
    steps = list(zip(cycle, (*cycle[1:], cycle[0]), strict=True))
    places = [(_step(ownership, graph, one, other), ownership.tasks[one].site) for one, other in steps]
    if len(cycle) == 1:
        message = f"`{ids[0]}` depends on itself: {ids[0]} -> {ids[0]}"
    else:
        message = f"tasks wait for each other in a circle: {' -> '.join(_shortened([*ids, ids[0]]))}"
    label, site = places[0]
    related: tuple[tuple[str, Site], ...] = tuple(places[1:MAX_SHOWN])
    return Problem(
        kind=ProblemKind.CYCLE,
        message=message,
        site=site,
        label=label,
        help="remove one of these dependencies",
        related=related,
        task=ids[0],
    )


def _step(ownership: Ownership, graph: Graph, one: int, other: int) -> str:
    a, b = ownership.ids[one], ownership.ids[other]
    if other in graph.needs[one]:
        return f"`{a}` needs `{b}`"
    if ownership.parents[one] == other:
        return f"`{a}` starts when `{b}` does"
    return f"`{a}` contains `{b}`"


def _shortened(ids: list[str]) -> list[str]:
    if len(ids) <= MAX_SHOWN:
        return ids
    half = MAX_SHOWN // 2
    return [*ids[:half], f"({len(ids) - 2 * half} more)", *ids[-half:]]
