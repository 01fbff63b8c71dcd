"""Other plans for a run: what reloading or wanting other tasks comes to, what it changes, and going over to it."""

import asyncio
from collections.abc import Callable
from typing import TYPE_CHECKING, Protocol

import msgspec

from tui_runner.model.state import Completed, Pending, Queued, Skipped, is_alive
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase
from tui_runner.planning.plan import Plan
from tui_runner.process.redaction import Redaction
from tui_runner.scheduling.event import PlanChanged
from tui_runner.scheduling.scheduler import Scheduler
from tui_runner.supervisor.secrecy import learn_secrets

if TYPE_CHECKING:
    from tui_runner.model.plan_changes import KnownTask, PlanChanges
    from tui_runner.planning.difference import PlanDifference
    from tui_runner.supervisor.definitions import Definitions, Draft


class PlanTaker(Protocol):
    """A part of the supervisor that knows the plan."""

    def take(self, plan: Plan) -> None:
        """Have this plan from now on."""


class Replacing:
    """Asks the scheduler for other plans, and tells everybody when one holds."""

    def __init__(self, scheduler: Scheduler, redaction: Redaction, feed: Callable[[PlanChanged], None]) -> None:
        self._scheduler = scheduler
        self._redaction = redaction
        self._feed = feed
        self._takers: list[PlanTaker] = []
        self._listeners: list[Callable[[Plan], None]] = []
        self._waiting: list[tuple[Plan, asyncio.Future[None]]] = []
        self.definitions: Definitions | None = None
        """What plans are made from; None: this run stays as it is."""

    def add_takers(self, *takers: PlanTaker) -> None:
        """Have these parts take every new plan, in this order."""
        self._takers += takers

    def add_listener(self, told: Callable[[Plan], None]) -> None:
        """Tell of every plan that holds, once all parts have it."""
        self._listeners.append(told)

    # -- what could be ----------------------------------------------------------------------------------------

    async def reloaded(self) -> "Draft":
        """Load the definitions again. Raises DefinitionError when they are wrong."""
        return await self._definitions().reloaded()

    def with_task(self, task: TaskId) -> "Draft":
        """Return what comes of wanting one more task. Raises DefinitionError when that is impossible."""
        return self._definitions().with_task(task)

    def with_once(self, task: TaskId, mode: str) -> "Draft":
        """Return what comes of running a task once in another mode. Raises DefinitionError when that is impossible."""
        return self._definitions().with_once(task, mode)

    def without_task(self, task: TaskId) -> "Draft":
        """Return what comes of not wanting a task any more. Raises DefinitionError when that is impossible."""
        return self._definitions().without_task(task, self._scheduler.plan)

    def known(self) -> "tuple[KnownTask, ...]":
        """Return all tasks of the definitions; those of the plan when there are none."""
        from tui_runner.model.plan_changes import KnownTask  # noqa: PLC0415 - for those who ask

        plan = self._scheduler.plan
        if self.definitions is None:
            return tuple(
                KnownTask(id=task.id, description=task.description, wanted=True, target=task.target)
                for task in plan.tasks.values()
            )
        return self.definitions.known(plan)

    def changes(self, draft: "Draft") -> "PlanChanges":
        """Return what a draft changes now, and what is lost by that."""
        from tui_runner.model.plan_changes import ChangedTask, PlanChanges  # noqa: PLC0415 - most runs have one plan
        from tui_runner.planning.difference import difference  # noqa: PLC0415 - the same

        what = difference(self._scheduler.plan, draft.plan)
        going = {task for task in (*what.removed, *what.replaced) if self._is_up(task)}
        return PlanChanges(
            added=what.added,
            removed=what.removed,
            changed=tuple(
                ChangedTask(
                    task=change.task,
                    fields=change.fields,
                    restarts=change.begins_anew and self._has_begun(change.task),
                )
                for change in what.changed.values()
            ),
            unchanged=what.unchanged,
            lost=tuple(task for task in self._scheduler.plan.tasks if task in going),
            along=self._along(draft.plan, what, going),
        )

    def _along(self, plan: Plan, what: "PlanDifference", going: set[TaskId]) -> tuple[TaskId, ...]:
        """Return running tasks that stay in the plan, and need something that is torn down before it comes up anew."""
        begun_anew = {change.task for change in what.changed.values() if change.begins_anew}
        staying = [task for task in going if task in plan.tasks]
        found = {other for task in staying for other in self._scheduler.dependents_to_stop(task)}
        return tuple(task for task in plan.tasks if task in found and task not in going and task not in begun_anew)

    def _is_up(self, task: TaskId) -> bool:
        plan = self._scheduler.plan
        return task in plan.tasks and not plan.tasks[task].composite and is_alive(self._scheduler.state_of(task))

    def _has_begun(self, task: TaskId) -> bool:
        state = self._scheduler.state_of(task)
        return not isinstance(state, Pending | Queued | Skipped) and state != Completed(stopped=True)

    # -- what shall be ----------------------------------------------------------------------------------------

    async def go_over(self, draft: "Draft", start: tuple[TaskId, ...] = (), *, wait: bool = True) -> bool:
        """Go over to the plan of a draft; return whether it holds, or with `wait` false, that it was asked for.

        False when the run ends before that.
        """
        definitions, scheduler = self._definitions(), self._scheduler
        if not scheduler.course.running:
            return False
        definitions.adopt(draft)
        plan = draft.plan
        if plan.max_concurrency is None:
            plan = msgspec.structs.replace(plan, max_concurrency=scheduler.plan.max_concurrency)
        holds: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiting.append((plan, holds))
        self._feed(PlanChanged(plan=plan, start=start))
        if wait:
            await holds
        return not wait or scheduler.plan is plan

    def take(self, plan: Plan) -> None:
        """Have every part take the plan that holds now, then tell whoever wants to know."""
        learn_secrets(self._redaction, plan)
        for taker in self._takers:
            taker.take(plan)
        for told in tuple(self._listeners):
            told(plan)
        for one, holds in self._waiting:
            if one is plan and not holds.done():
                holds.set_result(None)
        self._waiting = [(one, holds) for one, holds in self._waiting if not holds.done()]

    def phase_changed(self, phase: RunPhase) -> None:
        """Let nobody wait for a plan that the run will not go over to any more."""
        if phase is not RunPhase.RUNNING:
            for _, holds in self._waiting:
                if not holds.done():
                    holds.set_result(None)
            self._waiting.clear()

    def _definitions(self) -> "Definitions":
        if self.definitions is None:
            raise _fixed()
        return self.definitions


def _fixed() -> Exception:
    from tui_runner.errors.problem import Problem, ProblemKind  # noqa: PLC0415 - few ask a run that cannot change
    from tui_runner.errors.runner_error import DefinitionError  # noqa: PLC0415 - the same

    message = "this run stays as it began: it was started by `run`, or by a program"
    return DefinitionError((Problem(kind=ProblemKind.USAGE, message=message),))
