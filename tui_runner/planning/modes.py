"""A mode that nobody has heard of is a slip of the pen: everything would be skipped, and look like a success. Pure."""

from collections.abc import Iterator, Mapping

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.model.pipeline import Pipeline
from tui_runner.model.state import SkipReason
from tui_runner.model.task import ANY_MODE, TaskId
from tui_runner.planning.nearest import either, nearest
from tui_runner.planning.ownership import claim
from tui_runner.planning.plan import Plan


def unknown_mode(pipeline: Pipeline, plan: Plan) -> Problem | None:
    """Return a problem when a target has no command for the mode, and neither has any other task of the pipeline."""
    modes = tuple(dict.fromkeys(_modes(pipeline)))
    if not modes or plan.mode in modes:
        return None
    if not any(plan.tasks[target].skip is SkipReason.COMMAND_NOT_FOUND for target in plan.targets):
        return None
    close = nearest(plan.mode, modes)
    return Problem(
        kind=ProblemKind.INVALID_OPTION,
        message=f"no task has a command for the mode `{plan.mode}`",
        help=f"did you mean {either(close)}?" if close else f"`--mode` takes {either(modes)} here",
    )


def modes_of_tasks(pipeline: Pipeline, mode: str) -> Mapping[TaskId, tuple[str, ...]]:
    """Return what each task has commands of its own for; `mode` decides which tasks dependencies bring along."""
    ownership = claim(pipeline, mode)
    return {
        task_id: tuple(known for known in task.commands if known != ANY_MODE)
        for task_id, task in zip(ownership.ids, ownership.tasks, strict=True)
    }


def _modes(pipeline: Pipeline) -> Iterator[str]:
    for task in pipeline.tasks:
        yield from (mode for mode in task.commands if mode != ANY_MODE)
        if task.inner is not None:
            yield from _modes(task.inner)
