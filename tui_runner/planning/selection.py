"""What of a pipeline is wanted: targets, everything they need, and the order of it all.

Selecting an inner task selects no more of its nested pipeline than that task needs: the gate, and so what the whole
pipeline depends on, but not the other inner tasks.
"""

from collections.abc import Mapping, Sequence

import msgspec

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.model.pipeline import Pipeline
from tui_runner.model.task import Task
from tui_runner.planning.edges import Graph
from tui_runner.planning.nearest import either, suggestion
from tui_runner.planning.ownership import Ownership


class Selection(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A part of the graph that holds everything it depends on."""

    targets: tuple[int, ...]
    """As given, without duplicates."""
    order: tuple[int, ...]
    """Selected tasks in scheduling order."""
    waits: Mapping[int, tuple[int, ...]]
    """Selected nodes and what they wait for; a nested pipeline waits for its selected tasks only."""


def find_targets(
    ownership: Ownership, pipeline: Pipeline, targets: Sequence[Task | str] | None
) -> tuple[tuple[int, ...], list[Problem]]:
    """Return the targets' numbers; None means all tasks of the pipeline itself, without those pulled in."""
    if targets is None:
        return tuple(dict.fromkeys(ownership.numbers[task] for task in pipeline.tasks)), []
    found: dict[int, None] = {}
    problems: list[Problem] = []
    for target in targets:
        candidates = _candidates(ownership, target)
        if len(candidates) == 1:
            found[candidates[0]] = None
        else:
            problems.append(_unclear(ownership, target, candidates))
    return tuple(found), problems


def _candidates(ownership: Ownership, target: object) -> list[int]:
    """Return what a target may mean: a Task object, a full id, or the short name of an inner task."""
    match target:
        case Task():
            number = ownership.numbers.get(target)
            return [] if number is None else [number]
        case str() if target in ownership.by_id:
            return [ownership.by_id[target]]
        case str():
            return [number for number, task in enumerate(ownership.tasks) if task.name == target]
        case _:
            return []


def _unclear(ownership: Ownership, target: object, candidates: list[int]) -> Problem:
    ids = [ownership.ids[number] for number in candidates]
    wanted = target.name if isinstance(target, Task) else str(target)
    if ids:
        message, help_text = f"{len(ids)} tasks are called `{wanted}`", f"say which one: {either(ids)}"
    elif isinstance(target, Task):
        message = f"the task `{wanted}` is not part of this pipeline"
        help_text = "add it to the tasks of the pipeline, or give a name"
    else:
        message, help_text = f"there is no task `{wanted}`", suggestion(wanted, ownership.by_id)
    return Problem(
        kind=ProblemKind.UNKNOWN_TARGET,
        message=message,
        site=target.site if isinstance(target, Task) else None,
        help=help_text,
        task=wanted,
    )


def select(ownership: Ownership, graph: Graph, targets: tuple[int, ...]) -> Selection:
    """Return the targets with everything they need, through any chain. The graph must have no circle."""
    nodes = _closure(graph, targets)
    chosen = {graph.task_of(node) for node in nodes}
    waits: dict[int, tuple[int, ...]] = {}
    order = _schedule(ownership, graph, sorted(targets), chosen)
    for number in order:
        if ownership.tasks[number].inner is None:
            waits[number] = graph.waits[number]
        else:
            gate = graph.gate(number)
            waits[gate] = graph.waits[gate]
            waits[number] = tuple(node for node in graph.waits[number] if node == gate or node in chosen)
    return Selection(targets=targets, order=order, waits=waits)


def _closure(graph: Graph, targets: tuple[int, ...]) -> set[int]:
    nodes = set(targets)
    stack = list(targets)
    while stack:
        for other in graph.waits[stack.pop()]:
            if other not in nodes:
                nodes.add(other)
                stack.append(other)
    return nodes


def _schedule(ownership: Ownership, graph: Graph, roots: Sequence[int], chosen: set[int]) -> tuple[int, ...]:
    """Return the chosen tasks depth first from the roots: a task, then what it needs, then what it contains.

    An inner task that is met before its nested pipeline brings the pipeline first.
    """
    order: dict[int, None] = {}
    stack = list(reversed(roots))
    while stack:
        number = stack.pop()
        if number in order:
            continue
        parent = ownership.parents[number]
        if parent is not None and parent not in order:
            stack += (number, parent)
            continue
        order[number] = None
        inside = (member for member in ownership.members(number) if member in chosen)
        stack += reversed((*graph.needs[number], *inside))
    return tuple(order)
