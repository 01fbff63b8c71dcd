"""What the commands about tasks do: they ask the supervisor, and say so."""

from collections.abc import Sequence

from tui_runner.model.task import TaskId
from tui_runner.tui.command_tables.task import can_stop
from tui_runner.tui.screens.actions.acting_screen import ActingScreen


class TaskActions(ActingScreen, inherit_bindings=False):
    """Restart, stop, start."""

    def action_restart(self) -> None:
        """Restart the selected task."""
        if (task := self.task_id) is not None:
            self.say(f"restarting {task}")
            self.host.ask("restart", task)

    def action_restart_failed(self) -> None:
        """Restart all failed tasks."""
        names = [view.id for view in self.session.failed()]
        self.say(f"restarting {_few(names)}")
        for name in names:
            self.host.ask("restart", name)

    def action_stop_or_start(self) -> None:
        """Stop the selected task and its dependents, or start it."""
        task = self.task_id
        view = None if task is None else self.session.tasks.get(task)
        if view is None:
            return
        if not can_stop(view.state):
            self.say(f"starting {view.id}")
            self.host.ask("start", view.id)
            return
        others = self.session.goes_with(view.id)
        self.say(f"stopping {view.id}" + (f" and what needs it: {_few(others)}" if others else ""))
        self.host.ask("stop", view.id)


def _few(names: Sequence[TaskId]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown
