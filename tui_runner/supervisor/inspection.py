"""Looks at one task because somebody asked: what is remembered of it, and in a thread at its processes."""

import asyncio
from collections.abc import Iterable

from tui_runner.model.details import Attempt, Listening, TaskDetails, TaskProcess
from tui_runner.model.masking import shown_variable
from tui_runner.planning.plan import PlannedTask

MOST_VARIABLES = 500


async def details_of(task: PlannedTask, attempts: Iterable[Attempt], leader: int | None) -> TaskDetails:
    """Return what is told of a task on request; `leader` is the process of its running attempt, if there is one."""
    processes: tuple[TaskProcess, ...] = ()
    listening: tuple[Listening, ...] = ()
    problem = ""
    if leader is not None:
        from tui_runner.process.task_processes import look_at  # noqa: PLC0415 - psutil is for those who ask

        try:
            processes, listening = await asyncio.to_thread(look_at, leader)
        except OSError as error:
            problem = f"its processes could not be looked at: {error.strerror or error}"
    return TaskDetails(
        task=task.id,
        environment=tuple(shown_variable(name, task.env[name]) for name in sorted(task.env)[:MOST_VARIABLES]),
        attempts=tuple(attempts),
        processes=processes,
        listening=listening,
        problem=problem,
    )
