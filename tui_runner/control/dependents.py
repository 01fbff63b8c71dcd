"""What has to go before a task can be stopped. Pure."""

from collections.abc import Iterable

from tui_runner.model.state import is_alive
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from tui_runner.planning.plan import NodeId, gate_of


def running_dependents(views: Iterable[TaskView], task: TaskId) -> tuple[TaskId, ...]:
    """Return the running tasks that depend on the task through any chain, nested pipelines included, in view order.

    Nested pipelines themselves are left out: their inner tasks are what runs.
    """
    listed = tuple(views)
    composites = {view.id for view in listed if view.composite}
    followers: dict[NodeId, list[NodeId]] = {}
    for view in listed:
        for needed in view.depends_on:
            followers.setdefault(needed, []).append(gate_of(view.id) if view.composite else view.id)
        if view.parent is not None:
            inner = gate_of(view.id) if view.composite else view.id
            followers.setdefault(gate_of(view.parent), []).append(inner)
            followers.setdefault(view.id, []).append(view.parent)
    reached: set[NodeId] = set()
    waiting: list[NodeId] = [task]
    while waiting:
        for follower in followers.get(waiting.pop(), ()):
            if follower not in reached:
                reached.add(follower)
                waiting.append(follower)
    return tuple(
        view.id
        for view in listed
        if view.id in reached and view.id != task and view.id not in composites and is_alive(view.state)
    )
