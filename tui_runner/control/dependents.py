"""What goes along when a task is stopped or restarted with what needs it. Pure."""

from collections.abc import Callable, Iterable

from tui_runner.model.state import Backoff, Failed, Ready, Running, Starting, TaskState, is_alive
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from tui_runner.planning.plan import NodeId, gate_of


def running_dependents(views: Iterable[TaskView], task: TaskId) -> tuple[TaskId, ...]:
    """Return the running tasks that depend on the task through any chain, nested pipelines included, in view order.

    They have to go before the task can be stopped. Nested pipelines themselves are left out: their inner tasks are
    what runs.
    """
    return _dependents(views, task, is_alive)


def restarted_dependents(views: Iterable[TaskView], task: TaskId) -> tuple[TaskId, ...]:
    """Return the tasks that a restart with dependents takes along: those above that are up, and those that failed."""
    return _dependents(views, task, lambda state: isinstance(state, Starting | Running | Ready | Backoff | Failed))


def _dependents(views: Iterable[TaskView], task: TaskId, chosen: Callable[[TaskState], bool]) -> tuple[TaskId, ...]:
    listed = tuple(views)
    composites = {view.id for view in listed if view.composite}
    inside = _inside(listed, task)
    followers: dict[NodeId, list[NodeId]] = {}
    for view in listed:
        for needed in view.depends_on:
            followers.setdefault(needed, []).append(gate_of(view.id) if view.composite else view.id)
        if view.parent is not None:
            inner = gate_of(view.id) if view.composite else view.id
            followers.setdefault(gate_of(view.parent), []).append(inner)
            followers.setdefault(view.id, []).append(view.parent)
    reached: set[NodeId] = set()
    waiting: list[NodeId] = [*inside]
    while waiting:
        for follower in followers.get(waiting.pop(), ()):
            if follower not in reached:
                reached.add(follower)
                waiting.append(follower)
    return tuple(
        view.id
        for view in listed
        if view.id in reached and view.id not in inside and view.id not in composites and chosen(view.state)
    )


def _inside(views: Iterable[TaskView], task: TaskId) -> set[TaskId]:
    """Return the task itself and, of a nested pipeline, everything in it at any depth."""
    members: dict[TaskId, list[TaskId]] = {}
    for view in views:
        if view.parent is not None:
            members.setdefault(view.parent, []).append(view.id)
    found: set[TaskId] = set()
    waiting = [task]
    while waiting:
        found.add(one := waiting.pop())
        waiting += members.get(one, ())
    return found
