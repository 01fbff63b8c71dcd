"""A task in another mode, run once beside what runs: one more task of the plan, that nobody waits for. Pure."""

import msgspec

from tui_runner.model.task import TaskId
from tui_runner.planning.plan import Plan, PlannedTask, gate_of


def once_id(task: TaskId, mode: str) -> TaskId:
    """Return the id of a task that runs once in another mode."""
    return f"{task}@{mode}"


def with_once(plan: Plan, other: Plan, task: TaskId) -> Plan | None:
    """Return the plan with the task as it is in the other plan, made of the same definitions for another mode.

    It waits for what it depends on there, as that runs here; what does not run here is not waited for. It is run by hand
    only: never restarted by itself, and not from the cache, whose outputs the task here may use. None: it has no command
    there, or the plan has a task of that name.
    """
    found = other.tasks[task]
    name = once_id(task, other.mode)
    if found.command is None or name in plan.tasks:
        return None
    needs = tuple(needed for needed in found.depends_on if needed in plan.tasks)
    gate = gate_of(found.parent) if found.parent is not None else ""
    once = msgspec.structs.replace(
        found,
        id=name,
        name=name,
        parent=None,
        command=msgspec.structs.replace(found.command, cache=None, restart=None, watch=None),
        artifacts=(),
        depends_on=needs,
        dependents=(),
        target=False,
        once_of=task,
    )
    tasks: dict[TaskId, PlannedTask] = {**plan.tasks, name: once}
    for needed in needs:
        tasks[needed] = msgspec.structs.replace(tasks[needed], dependents=(*tasks[needed].dependents, name))
    after = {**plan.after, name: (*((gate,) if gate in plan.after else ()), *needs)}
    return msgspec.structs.replace(plan, tasks=tasks, after=after, top_level=(*plan.top_level, name))
