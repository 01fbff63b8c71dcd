"""The definitions a run was made of, and which of their tasks are wanted: what other plans are made from.

Nothing here changes a run: plans are made and compared, and adopted once the run goes over to them.
"""

import asyncio
import os
from pathlib import Path

import msgspec

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.model.pipeline import Pipeline
from tui_runner.model.plan_changes import KnownTask
from tui_runner.model.task import TaskId
from tui_runner.planning.checking import checked_plan
from tui_runner.planning.nearest import suggestion
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest, plan_pipeline


class Draft(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A plan that the run could go over to, and what it was made from."""

    plan: Plan
    pipeline: Pipeline
    added: tuple[TaskId, ...]
    dropped: frozenset[TaskId]


class Definitions:
    """One `pipeline.py`, as it was loaded last, and the wishes of people about it."""

    def __init__(self, file: Path, pipeline: Pipeline, request: PlanRequest) -> None:
        self.file = file
        self._pipeline = pipeline
        self._request = request
        self._added: tuple[TaskId, ...] = ()
        """Wanted beside what was asked for in the beginning."""
        self._dropped: frozenset[TaskId] = frozenset()

    @classmethod
    def planned(cls, file: Path, pipeline: Pipeline, request: PlanRequest) -> "tuple[Definitions, Plan]":
        """Return definitions and the plan to begin with.

        Raises:
            DefinitionError: the definitions or the request are wrong.
        """
        plan = checked_plan(pipeline, request, os.path.isdir)
        if isinstance(plan, tuple):
            raise DefinitionError(plan)
        if request.targets is not None:
            request = msgspec.structs.replace(request, targets=plan.targets)  # ids: short names may become unclear
        return cls(file, pipeline, request), plan

    async def reloaded(self) -> Draft:
        """Load the file again and return what it would come to. The loop goes on meanwhile.

        Raises:
            DefinitionError: the file cannot be loaded, or something in it is wrong; nothing has changed.
        """
        from tui_runner.loading.reloading import reload_pipeline  # noqa: PLC0415 - for those who reload

        pipeline = await asyncio.to_thread(reload_pipeline, self.file)
        return self._draft(pipeline, self._added, self._dropped, forgiving=True)

    def with_task(self, task: TaskId) -> Draft:
        """Return what comes of wanting one more task.

        Raises:
            DefinitionError: there is none of this name, or what it needs cannot be started.
        """
        whole = self._whole(self._pipeline)
        if task not in whole.tasks:
            raise _refused(f"there is no task `{task}`", suggestion(task, whole.tasks))
        return self._draft(self._pipeline, (*self._added, task), self._dropped - {task})

    def without_task(self, task: TaskId, now: Plan) -> Draft:
        """Return what comes of not wanting a task any more, nor what only it needed. `now` is the plan that holds.

        Raises:
            DefinitionError: another task needs it, or nothing would be left.
        """
        added = tuple(other for other in self._added if other != task)
        draft = self._draft(self._pipeline, added, self._dropped | {task})
        if task in draft.plan.tasks:
            needed = [other for other in draft.plan.tasks[task].dependents if other in draft.plan.tasks]
            parent = now.tasks[task].parent
            words = f"it is a part of `{parent}`" if not needed and parent else f"`{needed[0]}` needs it"
            raise _refused(f"`{task}` stays: {words}", "`stop` only stops it")
        return draft

    def adopt(self, draft: Draft) -> None:
        """Go on from this draft: the run goes over to its plan."""
        self._pipeline, self._added, self._dropped = draft.pipeline, draft.added, draft.dropped

    def known(self, now: Plan) -> tuple[KnownTask, ...]:
        """Return all tasks there are, in scheduling order; `now` says which of them are wanted."""
        return tuple(
            KnownTask(
                id=task.id,
                description=task.description,
                wanted=task.id in now.tasks,
                target=task.id in now.tasks and now.tasks[task.id].target,
            )
            for task in self._whole(self._pipeline).tasks.values()
        )

    def _whole(self, pipeline: Pipeline) -> Plan:
        plan = plan_pipeline(pipeline, msgspec.structs.replace(self._request, targets=None))
        if isinstance(plan, tuple):
            raise DefinitionError(plan)
        return plan

    def _draft(
        self, pipeline: Pipeline, added: tuple[TaskId, ...], dropped: frozenset[TaskId], *, forgiving: bool = False
    ) -> Draft:
        """Return a draft; a `forgiving` one goes without what was wanted and is not there any more."""
        targets = self._request.targets
        if targets is not None or added or dropped:
            whole = self._whole(pipeline)
            first = whole.targets if targets is None else targets
            wanted = [task for task in dict.fromkeys((*first, *added)) if task not in dropped]
            targets = tuple(task for task in wanted if not forgiving or task in whole.tasks)
            if not targets:
                raise _refused("no task would be left", "take the system down with `tui-runner down` instead")
        request = msgspec.structs.replace(self._request, targets=targets)
        plan = checked_plan(pipeline, request, os.path.isdir)
        if isinstance(plan, tuple):
            raise DefinitionError(plan)
        return Draft(plan=plan, pipeline=pipeline, added=added, dropped=dropped)


def _refused(message: str, help_text: str) -> DefinitionError:
    return DefinitionError((Problem(kind=ProblemKind.UNKNOWN_TARGET, message=message, help=help_text),))
