"""The tasks of a plan as rows of a list: what `tui-runner list` shows. Pure."""

import msgspec

from tui_runner.model.pipeline import Pipeline
from tui_runner.model.task import TaskId
from tui_runner.planning.ownership import claim
from tui_runner.planning.plan import Plan


class TaskRow(msgspec.Struct, frozen=True, kw_only=True):
    """One task of a list."""

    id: TaskId
    name: str
    depth: int
    """How many nested pipelines it is in; 0 at top level."""
    composite: bool
    """It stands for a nested pipeline; its tasks follow."""
    modes: tuple[str, ...]
    """In definition order; `*` serves every mode. Empty for a nested pipeline."""
    depends_on: tuple[TaskId, ...]
    description: str
    file: str
    line: int


def task_rows(pipeline: Pipeline, plan: Plan) -> tuple[TaskRow, ...]:
    """Return the tasks of a plan of this pipeline in definition order, each nested one below its pipeline."""
    ownership = claim(pipeline, plan.mode)
    inside: dict[int | None, list[int]] = {}
    for number, parent in enumerate(ownership.parents):
        if ownership.ids[number] in plan.tasks:
            inside.setdefault(parent, []).append(number)
    rows: list[TaskRow] = []
    stack = [(number, 0) for number in reversed(inside.get(None, []))]
    while stack:
        number, depth = stack.pop()
        task = ownership.tasks[number]
        rows.append(
            TaskRow(
                id=ownership.ids[number],
                name=task.name,
                depth=depth,
                composite=task.inner is not None,
                modes=tuple(task.commands),
                depends_on=plan.tasks[ownership.ids[number]].depends_on,
                description=task.description,
                file=task.site.file,
                line=task.site.line,
            )
        )
        stack += [(member, depth + 1) for member in reversed(inside.get(number, []))]
    return tuple(rows)
