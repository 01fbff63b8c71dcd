"""Whose logs a pane shows merged. Data only."""

from collections.abc import Iterable

import msgspec

from tui_runner.model.task import TaskId


class Together(msgspec.Struct, frozen=True, kw_only=True):
    """Tasks whose logs are shown as one."""

    tasks: tuple[TaskId, ...]
    """Never empty, each once."""
    everything: bool = False
    """All tasks there are, also those that come later."""

    @staticmethod
    def of_all(tasks: Iterable[TaskId]) -> "Together | None":
        """Return all of them together; None when there are none."""
        every = tuple(tasks)
        return Together(tasks=every, everything=True) if every else None

    def toggled(self, task: TaskId) -> "Together | None":
        """Return the same with the task, or without it if it is among them; None when nothing is left."""
        if task not in self.tasks:
            return Together(tasks=(*self.tasks, task))
        rest = tuple(other for other in self.tasks if other != task)
        return Together(tasks=rest) if rest else None
