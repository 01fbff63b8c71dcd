"""The definitions a run was made of, and which of their tasks are wanted: what other plans are made from.

Nothing here changes a run: plans are made and compared, and adopted once the run goes over to them.
"""

import asyncio
import contextlib
import os
import threading
from collections.abc import Callable
from pathlib import Path

import msgspec

from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.model.pipeline import Pipeline
from tui_runner.model.plan_changes import KnownTask
from tui_runner.model.task import TaskId
from tui_runner.planning.checking import checked_plan
from tui_runner.planning.modes import modes_of_tasks
from tui_runner.planning.nearest import either, suggestion
from tui_runner.planning.once import once_id, with_once
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest, plan_pipeline


class Wishes(msgspec.Struct, frozen=True, kw_only=True):
    """What people want beside what was asked for in the beginning."""

    added: tuple[TaskId, ...] = ()
    dropped: frozenset[TaskId] = frozenset()
    once: tuple[tuple[TaskId, str], ...] = ()
    """Tasks that run once in another mode."""


class Draft(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A plan that the run could go over to, and what it was made from."""

    plan: Plan
    pipeline: Pipeline
    wishes: "Wishes"
    mtime_ns: int
    """Of the file, when it was loaded."""


class Definitions:
    """One `pipeline.py`, as it was loaded last, and the wishes of people about it."""

    def __init__(self, file: Path, pipeline: Pipeline, request: PlanRequest) -> None:
        self.file = file
        self._pipeline = pipeline
        self._request = request
        self._wishes = Wishes()
        self.mtime_ns = _mtime_ns(file)
        """Of the file, when it was loaded last."""

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

        mtime_ns = _mtime_ns(self.file)
        pipeline = await _in_thread(lambda: reload_pipeline(self.file))
        draft = self._draft(pipeline, self._wishes, forgiving=True)
        return msgspec.structs.replace(draft, mtime_ns=mtime_ns)

    def with_task(self, task: TaskId) -> Draft:
        """Return what comes of wanting one more task.

        Raises:
            DefinitionError: there is none of this name, or what it needs cannot be started.
        """
        whole = self._whole(self._pipeline)
        if task not in whole.tasks:
            raise _refused(f"there is no task `{task}`", suggestion(task, whole.tasks))
        wishes = self._wishes
        added = msgspec.structs.replace(wishes, added=(*wishes.added, task), dropped=wishes.dropped - {task})
        return self._draft(self._pipeline, added)

    def with_once(self, task: TaskId, mode: str) -> Draft:
        """Return what comes of running a task once in another mode, beside what runs.

        Raises:
            DefinitionError: there is no such task, or it has no command for that mode.
        """
        known = {one.id: one for one in self.known()}.get(task)
        if known is None:
            raise _refused(f"there is no task `{task}`", suggestion(task, self._whole(self._pipeline).tasks))
        if mode == self._request.mode:
            raise _refused(f"`{mode}` is the mode of this run", f"`tui-runner start {task}` starts it")
        if mode not in known.modes:
            has = f"it has {either(known.modes)}" if known.modes else "a nested pipeline has none: choose a task in it"
            raise _refused(f"`{task}` has no command of its own for the mode `{mode}`", has)
        once = tuple(dict.fromkeys((*self._wishes.once, (task, mode))))
        return self._draft(self._pipeline, msgspec.structs.replace(self._wishes, once=once))

    def without_task(self, task: TaskId, now: Plan) -> Draft:
        """Return what comes of not wanting a task any more, nor what only it needed. `now` is the plan that holds.

        Raises:
            DefinitionError: another task needs it, or nothing would be left.
        """
        wishes = self._wishes
        if now.tasks[task].once_of is None:
            dropped = msgspec.structs.replace(
                wishes,
                added=tuple(other for other in wishes.added if other != task),
                dropped=wishes.dropped | {task},
            )
        else:
            dropped = msgspec.structs.replace(wishes, once=tuple(one for one in wishes.once if once_id(*one) != task))
        draft = self._draft(self._pipeline, dropped)
        if task in draft.plan.tasks:
            needed = [other for other in draft.plan.tasks[task].dependents if other in draft.plan.tasks]
            parent = now.tasks[task].parent
            words = f"it is a part of `{parent}`" if not needed and parent else f"`{needed[0]}` needs it"
            raise _refused(f"`{task}` stays: {words}", "`stop` only stops it")
        return draft

    def adopt(self, draft: Draft) -> None:
        """Go on from this draft: the run goes over to its plan."""
        self._pipeline, self._wishes, self.mtime_ns = draft.pipeline, draft.wishes, draft.mtime_ns

    def known(self, now: Plan | None = None) -> tuple[KnownTask, ...]:
        """Return all tasks there are, in scheduling order, then those that run once; `now` says which are wanted."""
        here = {} if now is None else now.tasks
        whole = self._whole(self._pipeline)
        modes = modes_of_tasks(self._pipeline, self._request.mode)
        tasks = [*whole.tasks.values(), *(task for task in here.values() if task.once_of is not None)]
        return tuple(
            KnownTask(
                id=task.id,
                description=task.description,
                wanted=task.id in here,
                target=task.id in here and (here[task.id].target or task.once_of is not None),
                modes=modes.get(task.id, ()),
            )
            for task in tasks
        )

    def _whole(self, pipeline: Pipeline) -> Plan:
        plan = plan_pipeline(pipeline, msgspec.structs.replace(self._request, targets=None))
        if isinstance(plan, tuple):
            raise DefinitionError(plan)
        return plan

    def _draft(self, pipeline: Pipeline, wishes: Wishes, *, forgiving: bool = False) -> Draft:
        """Return a draft without those of the wanted tasks that are not in the file now: they come back with their definition.

        A `forgiving` one also goes without what was to run once and cannot any more.
        """
        targets = self._request.targets
        if targets is not None or wishes.added or wishes.dropped:
            whole = self._whole(pipeline)
            first = whole.targets if targets is None else targets
            wanted = [task for task in dict.fromkeys((*first, *wishes.added)) if task not in wishes.dropped]
            targets = tuple(task for task in wanted if task in whole.tasks)
            if not targets:
                raise _refused("no task would be left", "take the system down with `tui-runner down` instead")
        request = msgspec.structs.replace(self._request, targets=targets)
        plan = checked_plan(pipeline, request, os.path.isdir)
        if isinstance(plan, tuple):
            raise DefinitionError(plan)
        kept: list[tuple[TaskId, str]] = []
        for task, mode in wishes.once:
            more = self._run_once(pipeline, plan, task, mode)
            if more is not None:
                plan = more
                kept.append((task, mode))
            elif not forgiving:
                raise _refused(f"there is a task `{once_id(task, mode)}` already", "rename that one")
        wishes = msgspec.structs.replace(wishes, once=tuple(kept))
        return Draft(plan=plan, pipeline=pipeline, wishes=wishes, mtime_ns=self.mtime_ns)

    def _run_once(self, pipeline: Pipeline, plan: Plan, task: TaskId, mode: str) -> Plan | None:
        """Return the plan with the task in another mode; None when that is not there."""
        if task not in self._whole(pipeline).tasks:
            return None
        other = plan_pipeline(pipeline, msgspec.structs.replace(self._request, mode=mode, targets=(task,)))
        if isinstance(other, tuple):
            raise DefinitionError(other)
        return with_once(plan, other, task)


async def _in_thread(load: Callable[[], Pipeline]) -> Pipeline:
    """Return what a call returns that runs code of a user's: it may never return, and must not keep this process alive."""
    loop = asyncio.get_running_loop()
    loaded: asyncio.Future[Pipeline] = loop.create_future()

    def settle(pipeline: Pipeline | None, error: BaseException | None) -> None:
        if loaded.done():
            return  # nobody waits any more
        if pipeline is not None:
            loaded.set_result(pipeline)
        elif error is not None:
            loaded.set_exception(error)

    def work() -> None:
        pipeline, failure = None, None
        try:
            pipeline = load()
        except BaseException as error:  # noqa: BLE001 - whoever waits raises it
            failure = error
        with contextlib.suppress(RuntimeError):  # the loop is closed: the run has ended meanwhile
            loop.call_soon_threadsafe(settle, pipeline, failure)

    threading.Thread(target=work, name="tui-runner reload", daemon=True).start()
    return await loaded


def _mtime_ns(file: Path) -> int:
    try:
        return file.stat().st_mtime_ns
    except OSError:
        return 0


def _refused(message: str, help_text: str) -> DefinitionError:
    return DefinitionError((Problem(kind=ProblemKind.UNKNOWN_TARGET, message=message, help=help_text),))
