"""A task that is to become ready by what it prints, and prints nothing: once, a hint why that may be so."""

import asyncio
from collections.abc import Callable
from typing import Final

from tui_runner.model.probe import Asking, Delay, leaves_of
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import PlannedTask

PATIENCE_S: Final = 5.0
"""So long a task may print nothing before it is remarked upon."""


class Silence:
    """Waits for the first output of the tasks that are listened to."""

    def __init__(self, note: Callable[[TaskId, str], None], *, patience_s: float = PATIENCE_S) -> None:
        """`note` puts a line of ours into the log of a task."""
        self._note = note
        self._patience_s = patience_s
        self._timers: dict[TaskId, asyncio.TimerHandle] = {}

    def begin(self, task: PlannedTask) -> None:
        """Wait for the first output of an attempt, if its readiness depends on output through a pipe."""
        command = task.command
        if command is None or command.ready_when is None or command.tty:
            return
        if all(isinstance(leaf, Asking | Delay) for leaf in leaves_of(command.ready_when)):
            return
        self.end(task.id)
        self._timers[task.id] = asyncio.get_running_loop().call_later(self._patience_s, self._remark, task.id)

    def end(self, task: TaskId) -> None:
        """Wait no more: it has printed something, or it does not matter any more."""
        timer = self._timers.pop(task, None)
        if timer is not None:
            timer.cancel()

    def _remark(self, task: TaskId) -> None:
        self._timers.pop(task, None)
        self._note(
            task,
            f"nothing printed for {self._patience_s:g} s: many programs keep their output back while it goes to a "
            "pipe; if this is one, try tty=True, or its own option for unbuffered output",
        )
