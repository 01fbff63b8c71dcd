"""Looks at one task because somebody asked: what is remembered of it, and in a thread at its processes."""

import asyncio
from collections.abc import Iterable

import msgspec

from tui_runner.model.details import Attempt, Listening, TaskDetails, TaskProcess, Variable
from tui_runner.model.masking import shown_variable
from tui_runner.model.secret import Secret
from tui_runner.planning.plan import PlannedTask
from tui_runner.process.redaction import Redaction

MOST_VARIABLES = 500


async def details_of(
    task: PlannedTask, redaction: Redaction, attempts: Iterable[Attempt], leader: int | None
) -> TaskDetails:
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
        environment=tuple(_shown(name, task.env[name], redaction) for name in sorted(task.env)[:MOST_VARIABLES]),
        attempts=tuple(attempts),
        processes=processes,
        listening=listening,
        problem=problem,
    )


def _shown(name: str, value: str, redaction: Redaction) -> Variable:
    if isinstance(value, Secret):
        return Variable(name=name, value="", masked=True)
    clean = redaction.text(value)
    shown = shown_variable(name, clean)
    return shown if clean == value else msgspec.structs.replace(shown, masked=True)
