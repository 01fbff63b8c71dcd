"""Working directories that are not there. The one question of planning about the file system is asked by the caller."""

from collections import deque
from collections.abc import Callable
from pathlib import PurePosixPath

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.site import Site
from tui_runner.model.pipeline import Pipeline
from tui_runner.model.task import TaskId
from tui_runner.planning.ownership import claim
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
            problems.append(_problem(task.id, task.cwd, task.site))
    return tuple(problems)


def missing_first_directories(
    pipeline: Pipeline, mode: str, root: str, exists: Callable[[str], bool]
) -> tuple[Problem, ...]:
    """Return the same where there is no plan, because its graph is wrong: for tasks that depend on nothing at all."""
    ownership = claim(pipeline, mode)
    problems: list[Problem] = []
    for number, task in enumerate(ownership.tasks):
        command = task.command_for(mode)
        around = [ownership.tasks[other] for other in ownership.enclosing(number)]
        if command is None or command.depends_on or any(one.depends_on for one in (task, *around)):
            continue
        cwd = str(PurePosixPath(root) / task.cwd)
        if not exists(cwd):
            problems.append(_problem(ownership.ids[number], cwd, task.site))
    return tuple(problems)


def _problem(task: TaskId, cwd: str, site: Site) -> Problem:
    return Problem(
        kind=ProblemKind.MISSING_DIRECTORY,
        message=f"the working directory of `{task}` does not exist: {cwd}",
        site=site,
        help="create it, or correct `cwd`; relative paths start at the directory of pipeline.py",
        task=task,
    )


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
