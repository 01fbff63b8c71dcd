"""From names and objects to edges: what each task needs, and what each node of the graph waits for.

Nodes are numbers: task `n` is node `n`, the gate of a nested pipeline `n` is node `n + task count`. So ids, which may
wrongly be shared, play no part until the plan is known to be sound.
"""

import msgspec

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.model.command import Command
from tui_runner.model.task import Task
from tui_runner.planning.nearest import suggestion
from tui_runner.planning.ownership import Ownership, dependencies

MAX_SUGGESTIONS = 20
"""Looking for similar names is slow in huge pipelines; later unknown names go without."""


class Graph(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The edges of a pipeline in one mode."""

    needs: tuple[tuple[int, ...], ...]
    """Per task: its direct dependencies as the user wrote them, without duplicates."""
    waits: tuple[tuple[int, ...], ...]
    """Per node, gates included: the nodes it waits for, without duplicates."""

    def gate(self, number: int) -> int:
        """Return the node before the inner tasks of a nested pipeline."""
        return number + len(self.needs)

    def task_of(self, node: int) -> int:
        """Return the task a node belongs to."""
        return node % len(self.needs)

    def is_gate(self, node: int) -> bool:
        """Tell whether the node is a gate."""
        return node >= len(self.needs)


def build_graph(ownership: Ownership, mode: str) -> tuple[Graph, list[Problem]]:
    """Resolve every dependency of the mode; what cannot be resolved is a problem and no edge."""
    problems: list[Problem] = []
    needs = tuple(_needs(ownership, number, mode, problems) for number in range(len(ownership.tasks)))
    count = len(needs)
    waits: list[tuple[int, ...]] = [()] * (2 * count)
    for number, task in enumerate(ownership.tasks):
        parent = ownership.parents[number]
        entry = needs[number] if parent is None else (parent + count, *needs[number])
        if task.inner is None:
            waits[number] = entry
        else:
            waits[number + count] = entry
            waits[number] = (number + count, *ownership.members(number))
    return Graph(needs=needs, waits=tuple(waits)), problems


def _needs(ownership: Ownership, number: int, mode: str, problems: list[Problem]) -> tuple[int, ...]:
    found: dict[int, None] = {}
    for dependency, command in dependencies(ownership.tasks[number], mode):
        if isinstance(dependency, Task):
            found[ownership.numbers[dependency]] = None
        elif isinstance(dependency, str):
            other = resolve_name(ownership, number, dependency)
            if other is None:
                problems.append(_unknown(ownership, number, dependency, command, len(problems)))
            else:
                found[other] = None
    return tuple(found)


def resolve_name(ownership: Ownership, number: int, name: str) -> int | None:
    """Return the task that a name means to another task, or None.

    The task's own pipeline is asked first, then the enclosing ones outward, each for a short name and for a path of
    names that starts there; at the top level that path is a full id.
    """
    scope = ownership.parents[number]
    while scope is not None:
        found = ownership.scopes[scope].get(name)
        if found is None:
            found = ownership.by_id.get(f"{ownership.ids[scope]}:{name}")
        if found is not None:
            return found
        scope = ownership.parents[scope]
    found = ownership.scopes[None].get(name)
    return ownership.by_id.get(name) if found is None else found


def _unknown(ownership: Ownership, number: int, name: str, command: Command | None, earlier: int) -> Problem:
    task_id = ownership.ids[number]
    return Problem(
        kind=ProblemKind.UNKNOWN_TASK,
        message=f"`{task_id}` depends on `{name}`, but there is no such task",
        site=ownership.tasks[number].site if command is None else command.site,
        label=f"needs `{name}`",
        help=suggestion(name, ownership.by_id) if earlier < MAX_SUGGESTIONS else "",
        task=task_id,
    )
