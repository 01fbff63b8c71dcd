"""What the commands about tasks do: they ask the supervisor, and say so."""

from collections.abc import Sequence
from functools import partial

from tui_runner.control.protocol import Reply
from tui_runner.model.task import TaskId
from tui_runner.tui.command_tables.task import can_stop
from tui_runner.tui.screens.actions.acting_screen import ActingScreen
from tui_runner.tui.shell_line import shell_line


class TaskActions(ActingScreen, inherit_bindings=False):
    """Restart, stop, start."""

    def action_restart(self) -> None:
        """Restart the selected task."""
        if (task := self.task_id) is not None:
            self.say(f"restarting {task}")
            self.host.ask("restart", task)

    def action_restart_with_dependents(self) -> None:
        """Restart the selected task and what needs it."""
        if (task := self.task_id) is not None:
            others = self.session.restarts_with(task)
            self.say(f"restarting {task}" + (f" and what needs it: {_few(others)}" if others else ""))
            self.host.ask("restart", task, with_dependents=True)

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

    def action_send_signal(self) -> None:
        """Ask which signal the selected task is to get, and send it."""
        from tui_runner.tui.screens.choose_signal import ChooseSignal  # noqa: PLC0415 - rarely used

        if (task := self.task_id) is not None:
            _ = self.app.push_screen(ChooseSignal(task), partial(self._send_signal, task))

    def action_kill(self) -> None:
        """Kill the selected task, which is stopping."""
        if (task := self.task_id) is not None:
            self._send_signal(task, "SIGKILL")

    def _send_signal(self, task: TaskId, name: str | None) -> None:
        if name:
            self.host.ask("signal", task, signal=name, answer=lambda reply: self.say(reply.message.replace("`", "")))

    def action_open_url(self) -> None:
        """Open the web address of the selected task."""
        view = self.session.tasks.get(self.task_id or "")
        if view is not None:
            self.app.open_url(view.address)

    def action_copy_command(self) -> None:
        """Copy the selected task for a shell, once the supervisor has told its variables."""
        if (task := self.task_id) is not None:
            self.host.ask("details", task, answer=self._copy_command)

    def _copy_command(self, reply: Reply) -> None:
        if reply.details is not None and (view := self.session.tasks.get(reply.details.task)) is not None:
            self.app.copy_to_clipboard(shell_line(view, reply.details.environment))


def _few(names: Sequence[TaskId]) -> str:
    shown = ", ".join(names[:4])
    return f"{shown} and {len(names) - 4} more" if len(names) > 4 else shown
