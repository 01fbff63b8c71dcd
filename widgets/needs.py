"""What each task has to wait for, with nested pipelines resolved into what is inside them. Pure."""

from collections.abc import Mapping

from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView

Needs = Mapping[TaskId, tuple[TaskId, ...]]
"""For each task that runs something: the tasks that run something and have to be up before."""


def needs_of(views: Mapping[TaskId, TaskView]) -> Needs:
    """Return what each task waits for directly; nested pipelines are left out, and what stands for them is put in."""
    members: dict[TaskId, list[TaskId]] = {}
    for view in views.values():
        if view.parent is not None:
            members.setdefault(view.parent, []).append(view.id)
    return {view.id: _direct(view, views, members) for view in views.values() if not view.composite}


def dependents_of(needs: Needs) -> Needs:
    """Return the same the other way round."""
    found: dict[TaskId, list[TaskId]] = {task: [] for task in needs}
    for task, wanted in needs.items():
        for need in wanted:
            found[need].append(task)
    return {task: tuple(dependents) for task, dependents in found.items()}


def _direct(
    view: TaskView, views: Mapping[TaskId, TaskView], members: Mapping[TaskId, list[TaskId]]
) -> tuple[TaskId, ...]:
    wanted = list(reversed(view.depends_on))
    parent = view.parent
    while parent is not None and parent in views:
        wanted += reversed(views[parent].depends_on)
        parent = views[parent].parent
    found: dict[TaskId, None] = {}
    while wanted:
        task = wanted.pop()
        if task in members:
            wanted += reversed(members[task])
        elif task in views and not views[task].composite and task != view.id:
            found[task] = None
    return tuple(found)
