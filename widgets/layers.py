"""Tasks in layers: each one right of everything it needs, near what it belongs to. Pure."""

from collections.abc import Mapping, Sequence

from tui_runner.model.task import TaskId
from widgets.needs import Needs, dependents_of

_SWEEPS = 4
"""Passes that move tasks nearer to their neighbours; more change next to nothing."""


def layers_of(needs: Needs) -> tuple[tuple[TaskId, ...], ...]:
    """Return the tasks from top to bottom in columns from left to right; the first column needs nothing.

    A circle, which no plan has, is cut somewhere.
    """
    depths = _depths(needs)
    columns: list[list[TaskId]] = [[] for _ in range(max(depths.values(), default=-1) + 1)]
    for task in reversed(tuple(needs)):
        columns[depths[task]].append(task)
    dependents = dependents_of(needs)
    places: dict[TaskId, float] = {}
    for column in columns:
        _note_places(column, places)
    for _ in range(_SWEEPS):
        for column in columns:
            _sort(column, needs, places)
        for column in reversed(columns):
            _sort(column, dependents, places)
    return tuple(tuple(column) for column in columns)


def _depths(needs: Needs) -> Mapping[TaskId, int]:
    """Return for each task how many others have to be up before it, one after the other."""
    depths: dict[TaskId, int] = {}
    on_the_way: set[TaskId] = set()
    for root in needs:
        stack = [root]
        while stack:
            task = stack[-1]
            missing = [need for need in needs[task] if need not in depths and need not in on_the_way]
            on_the_way.add(task)
            if missing:
                stack += missing
                continue
            stack.pop()
            depths[task] = max((depths[need] + 1 for need in needs[task] if need in depths), default=0)
    return depths


def _note_places(column: Sequence[TaskId], places: dict[TaskId, float]) -> None:
    """Note how far down each task is, from 0 to 1: columns are of different lengths."""
    for index, task in enumerate(column):
        places[task] = (index + 0.5) / len(column)


def _sort(column: list[TaskId], neighbours: Needs, places: dict[TaskId, float]) -> None:
    """Put each task of a column at the middle of its neighbours; one without any stays where it is."""

    def middle(task: TaskId) -> float:
        near = [places[other] for other in neighbours[task]]
        return sum(near) / len(near) if near else places[task]

    column.sort(key=middle)
    _note_places(column, places)
