"""Who needs whom in a plan, worked out apart from the scheduler, to check it by."""

from collections.abc import Collection, Mapping

from tui_runner.model.task import TaskId
from tui_runner.planning.difference import ChangeKind, difference
from tui_runner.planning.plan import Plan, gate_of


def leaf_dependencies(plan: Plan, task: TaskId, begun: Collection[TaskId] = ()) -> tuple[set[TaskId], set[TaskId]]:
    """Return the tasks that must be satisfied when this one starts, and those that must have been so once.

    Worked out apart from the scheduler. What a nested pipeline as a whole waited for counts like the dependency of a
    dependency: it may be down again, for a restart, when the pipeline is through. One that had `begun` before another
    plan gave it dependencies waits for these no more.
    """
    now: set[TaskId] = set()
    once: set[TaskId] = set()
    stack = [(node, now) for node in plan.after[task]]
    seen: set[tuple[str, bool]] = set()
    while stack:
        node, found = stack.pop()
        if (node, found is now) in seen:
            continue
        seen.add((node, found is now))
        if node.endswith(":"):
            stack += [(other, found) for other in plan.after[node]]
        elif plan.tasks[node].composite:
            stack += [
                (other, once if other == gate_of(node) else found)
                for other in plan.after[node]
                if not (other == gate_of(node) and node in begun)
            ]
        else:
            found.add(node)
    return now, once


def edges_while_replacing(old: Plan, new: Plan) -> Mapping[str, tuple[str, ...]]:
    """Return who needs whom while a plan is being replaced: a task that goes on as it is needs what both plans say."""
    changed = {change.task for change in difference(old, new).changed.values() if change.kind is not ChangeKind.ADOPT}
    return {
        node: others
        if node in changed or node not in new.after
        else tuple(other for other in others if other in new.after[node])
        for node, others in old.after.items()
    }


def dependents_of(plan: Plan, task: TaskId, edges: Mapping[str, tuple[str, ...]] | None = None) -> set[TaskId]:
    """Return everything that depends on the task through any chain, by the edges of the plan or by others."""
    backwards: dict[str, list[str]] = {}
    for node, others in (plan.after if edges is None else edges).items():
        for other in others:
            backwards.setdefault(other, []).append(node)
    found: set[TaskId] = set()
    stack = [task]
    while stack:
        for node in backwards.get(stack.pop(), []):
            if node not in found:
                found.add(node)
                stack.append(node)
    return {node for node in found if not node.endswith(":") and not plan.tasks[node].composite}
