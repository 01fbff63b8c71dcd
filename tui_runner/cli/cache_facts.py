"""What the cache says of a task that is not run: for `explain`. Reads the workspace, changes nothing but stat tables."""

import asyncio
import os
from typing import TYPE_CHECKING

from tui_runner.cli.explanation import CacheFacts
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import Plan, PlannedTask

if TYPE_CHECKING:
    from tui_runner.caching.task_cache import Explanation, TaskCache


def cache_facts(task: PlannedTask, plan: Plan) -> CacheFacts | None:
    """Return what the cache says of a task of a plan; None when it has none."""
    if task.command is None or task.command.cache is None:
        return None
    from tui_runner.caching.task_cache import TaskCache

    return asyncio.run(_facts(task, plan, TaskCache.of_workspace(plan.root, os.environ, plan.tasks.values())))


def latest_result(task: PlannedTask, plan: Plan) -> float:
    """Return when a result of the task was kept last, in seconds since the epoch; 0 when none is kept."""
    if task.command is None or task.command.cache is None:
        return 0.0
    from tui_runner.caching.store import CacheError
    from tui_runner.caching.task_cache import TaskCache

    try:
        latest = TaskCache.of_workspace(plan.root, os.environ).store.latest(task.id, task.mode)
    except CacheError:
        return 0.0
    return 0.0 if latest is None else latest.created_at


async def _facts(task: PlannedTask, plan: Plan, cache: "TaskCache") -> CacheFacts:
    from tui_runner.caching.store import CacheError
    from tui_runner.caching.task_cache import spec_of
    from tui_runner.supervisor.resolving import resolve_inputs

    try:
        resolved = await resolve_inputs(task, spec_of(task), plan.root)
        found = cache.explain(task, resolved)
    except CacheError as error:
        return CacheFacts(hit=False, key=None, reason=f"its cache cannot be used: {error}")
    return CacheFacts(
        hit=found.entry is not None,
        key=found.state.key,
        reason=_reason(found),
        stored_at=None if found.latest is None else found.latest.created_at,
        changes=tuple(change.describe() for change in found.changes),
        files=tuple(change.describe() for change in found.files),
        missing=found.state.missing,
        uncertain=await _uncertain(task, plan, cache),
    )


async def _uncertain(task: PlannedTask, plan: Plan, cache: "TaskCache") -> tuple[TaskId, ...]:
    """Return which makers of its artifacts would run before the task."""
    found: list[TaskId] = []
    for artifact in task.artifacts:
        maker = plan.tasks.get(artifact.task)
        if maker is None or maker.command is None or maker.command.cache is None:
            continue
        facts = await _facts(maker, plan, cache)
        if not facts.hit or facts.uncertain:
            found.append(maker.id)
    return tuple(found)


def _reason(found: "Explanation") -> str:
    if found.entry is not None:
        return ""
    if found.latest is None:
        return "it has no stored result yet"
    if found.expired:
        return "its last result is too old"
    return "what it depends on has changed since its last result"
