"""Working directories that are not there. The one question of planning about the file system is asked by the caller."""

from collections import deque
from collections.abc import Callable

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.planning.plan import NodeId, Plan


def missing_directories(plan: Plan, exists: Callable[[str], bool]) -> tuple[Problem, ...]:
    """Return a problem for each task that would start in a directory that does not exist, in scheduling order.

    A task that something else runs before is left out: that may make the directory, so it is looked for when the task
    is about to start. `exists` is asked once per directory with an absolute path.
    """
    preceded = _preceded(plan)
    known: dict[str, bool] = {}
    problems: list[Problem] = []
    for task in plan.tasks.values():
        if task.command is None or task.id in preceded:
            continue
        if task.cwd not in known:
            known[task.cwd] = exists(task.cwd)
        if not known[task.cwd]:
            problems.append(
                Problem(
                    kind=ProblemKind.MISSING_DIRECTORY,
                    message=f"the working directory of `{task.id}` does not exist: {task.cwd}",
                    site=task.site,
                    help="create it, or correct `cwd`; relative paths start at the directory of pipeline.py",
                    task=task.id,
                )
            )
    return tuple(problems)


def _preceded(plan: Plan) -> set[NodeId]:
    """Return the nodes before which something runs, through any chain."""
    dependents: dict[NodeId, list[NodeId]] = {node: [] for node in plan.after}
    for node, others in plan.after.items():
        for other in others:
            dependents[other].append(node)
    found: set[NodeId] = set()
    queue = deque(task.id for task in plan.tasks.values() if task.command is not None)
    while queue:
        for dependent in dependents[queue.popleft()]:
            if dependent not in found:
                found.add(dependent)
                queue.append(dependent)
    return found
