"""Performs what changes the plan of a run: reload the definitions, want a task, want it no more."""

from collections.abc import Sequence

from tui_runner.control.protocol import Command, Reply
from tui_runner.control.supervised import Supervised
from tui_runner.errors.problem import Problem
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.model.plan_changes import PlanChanges
from tui_runner.model.state import Pending
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase
from tui_runner.planning.once import once_id
from tui_runner.supervisor.definitions import Draft

NO_CHANGE = "nothing has changed: everything goes on as it is"


class PlanDesk:
    """Answers commands about the plan of one run."""

    def __init__(self, supervised: Supervised) -> None:
        self._supervised = supervised
        self._loading = False

    def known(self, command: Command) -> Reply:
        """Return all tasks that the definitions hold."""
        return Reply(id=command.id, ok=True, known=self._supervised.replacing.known())

    def knows(self, task: TaskId) -> bool:
        """Tell whether the definitions hold the task, wanted or not."""
        return any(known.id == task for known in self._supervised.replacing.known())

    async def reload(self, command: Command) -> Reply:
        """Load the definitions again, and go over to them unless it is only to be shown what that would change."""
        if self._loading:
            return Reply(id=command.id, ok=False, message="`pipeline.py` is being loaded already")
        self._loading = True
        try:
            draft = await self._supervised.replacing.reloaded()
        except DefinitionError as error:
            return _refused(command, error.problems, "nothing was changed: ")
        finally:
            self._loading = False
        changes = self._supervised.replacing.changes(draft)
        if command.preview:
            return Reply(id=command.id, ok=True, message=told(changes), changes=changes)
        if not await self._go_over(command, draft):
            return _too_late(command)
        if command.wait:
            await self._settle((*changes.restarted, *changes.along, *changes.added))
        return Reply(id=command.id, ok=True, message=told(changes, done=True), changes=changes)

    async def add(self, command: Command, task: TaskId) -> Reply:
        """Want one more task, and what it needs; it comes up."""
        try:
            draft = self._supervised.replacing.with_task(task)
        except DefinitionError as error:
            return _refused(command, error.problems)
        changes = self._supervised.replacing.changes(draft)
        if not await self._go_over(command, draft, task):
            return _too_late(command)
        others = tuple(other for other in changes.added if other != task)
        along = f", with {_listed(others)}, which it needs" if others else ""
        return Reply(id=command.id, ok=True, message=f"added `{task}`{along}", changes=changes)

    async def run_once(self, command: Command, task: TaskId) -> Reply:
        """Run a task once in another mode, beside what runs."""
        try:
            draft = self._supervised.replacing.with_once(task, command.mode)
        except DefinitionError as error:
            return _refused(command, error.problems)
        once = once_id(task, command.mode)
        if self._supervised.run_view.phase is not RunPhase.RUNNING or not await self._supervised.replacing.go_over(
            draft, (once,)
        ):
            return _too_late(command)
        return Reply(id=command.id, ok=True, message=f"running `{once}`")

    async def remove(self, command: Command, task: TaskId) -> Reply:
        """Want a task no more, nor what only it needed: all of it leaves, and is not shown any more."""
        try:
            draft = self._supervised.replacing.without_task(task)
        except DefinitionError as error:
            return _refused(command, error.problems)
        changes = self._supervised.replacing.changes(draft)
        others = tuple(other for other in changes.removed if other != task)
        along = f", with {_listed(others)}, which nothing else needs" if others else ""
        if command.preview:
            return Reply(id=command.id, ok=True, message=f"would remove `{task}`{along}", changes=changes)
        if not await self._go_over(command, draft):
            return _too_late(command)
        verb = "removed" if command.wait else "removing"
        return Reply(id=command.id, ok=True, message=f"{verb} `{task}`{along}", changes=changes)

    async def _go_over(self, command: Command, draft: Draft, *start: TaskId) -> bool:
        if self._supervised.run_view.phase is not RunPhase.RUNNING:
            return False
        return await self._supervised.replacing.go_over(draft, start, wait=command.wait)

    async def _settle(self, tasks: Sequence[TaskId]) -> None:
        """Wait until these tasks are up, or failed; those that wait for what a person has stopped are not waited for."""
        for task in tasks:
            if not self._waits_for_stopped(task):
                await self._supervised.wait_settled(task, "start")

    def _waits_for_stopped(self, task: TaskId) -> bool:
        views = {view.id: view for view in self._supervised.views()}
        seen: set[TaskId] = set()
        stack = [task]
        while stack:
            view = views.get(stack.pop())
            if view is None or view.leaving:
                return True
            if isinstance(view.state, Pending):
                stack += [other for other in view.waiting_for if other not in seen]
                seen.update(view.waiting_for)
        return False


def told(changes: PlanChanges, *, done: bool = False) -> str:
    """Return in words what a change of plans comes to; `done` says that it has come to that."""
    if not changes:
        return NO_CHANGE
    quiet = tuple(change.task for change in changes.changed if not change.restarts)
    parts = [
        f"{word} {_listed(tasks)}"
        for word, tasks in (
            ("added" if done else "adds", changes.added),
            ("removed" if done else "removes", changes.removed),
            ("restarted" if done else "restarts", (*changes.restarted, *changes.along)),
            ("changed without a restart:" if done else "changes without a restart:", quiet),
        )
        if tasks
    ]
    return "; ".join([*parts, f"{changes.unchanged} unchanged"])


def _refused(command: Command, problems: tuple[Problem, ...], lead: str = "") -> Reply:
    first = problems[0]
    more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
    where = f" at {first.site}" if first.site is not None else ""
    hint = f": {first.help}" if first.help else ""
    return Reply(id=command.id, ok=False, message=f"{lead}{first.message}{where}{more}{hint}", problems=problems)


def _too_late(command: Command) -> Reply:
    return Reply(id=command.id, ok=False, message="the whole run is being stopped")


def _listed(tasks: Sequence[TaskId]) -> str:
    named = [f"`{task}`" for task in tasks[:5]]
    if len(tasks) > 5:
        named.append(f"{len(tasks) - 5} more")
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} and {named[-1]}"
