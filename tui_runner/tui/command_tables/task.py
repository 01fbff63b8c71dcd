"""Commands about tasks: the selected one, or all that have failed."""

from tui_runner.model.state import Backoff, Failed, Pending, Queued, Stopping, TaskState, is_alive
from tui_runner.tui.ui_command import CommandContext, Group, UiCommand


def can_stop(state: TaskState) -> bool:
    """Tell whether a stop would change something; else the same key starts the task."""
    return is_alive(state) or isinstance(state, Backoff | Queued)


def _has_task(context: CommandContext) -> bool:
    return context.running and context.task is not None


def _has_modes(context: CommandContext) -> bool:
    return _has_task(context) and context.task is not None and not context.task.composite


def _stoppable(context: CommandContext) -> bool:
    return _has_task(context) and context.task is not None and not isinstance(context.task.state, Pending)


def _takes_signals(context: CommandContext) -> bool:
    task = context.task
    return context.connected and task is not None and not task.composite and is_alive(task.state)


def _is_stopping(context: CommandContext) -> bool:
    task = context.task
    return _takes_signals(context) and task is not None and isinstance(task.state, Stopping) and not task.state.forced


def _has_page(context: CommandContext) -> bool:
    return context.task is not None and context.task.address.startswith(("http://", "https://"))


def _has_command(context: CommandContext) -> bool:
    return context.connected and context.task is not None and bool(context.task.command)


def _restart_label(context: CommandContext) -> str:
    return "run again" if context.task is not None and isinstance(context.task.state, Failed) else "restart"


def _stop_label(context: CommandContext) -> str:
    if context.task is None:
        return "stop/start"
    return "stop" if can_stop(context.task.state) else "start"


TASK_COMMANDS: tuple[UiCommand, ...] = (
    UiCommand(
        id="restart",
        keys=("r",),
        shown="r",
        label="restart",
        help="Restart the selected task; what depends on it keeps running.",
        group=Group.TASK,
        applies=_has_task,
        hint=2,
        hint_label=_restart_label,
    ),
    UiCommand(
        id="restart_with_dependents",
        keys=("ctrl+r",),
        shown="Ctrl-R",
        label="restart with dependents",
        help="Restart the selected task, and with it what depends on it and runs or has failed.",
        group=Group.TASK,
        applies=_has_task,
    ),
    UiCommand(
        id="restart_failed",
        keys=("R", "shift+r"),
        shown="R",
        label="restart failed",
        help="Restart every task that has failed; what waits for them starts by itself.",
        group=Group.TASK,
        applies=lambda context: context.running and context.failed > 0,
        hint=1,
    ),
    UiCommand(
        id="stop_or_start",
        keys=("s",),
        shown="s",
        label="stop/start",
        help="Stop the selected task and what depends on it, or start it with what it needs.",
        group=Group.TASK,
        applies=_stoppable,
        hint=3,
        hint_label=_stop_label,
    ),
    UiCommand(
        id="send_signal",
        keys=("S", "shift+s"),
        shown="S",
        label="send a signal",
        help="Choose a signal and send it to the process group of the selected task.",
        group=Group.TASK,
        applies=_takes_signals,
    ),
    UiCommand(
        id="kill",
        keys=("K", "shift+k"),
        shown="K",
        label="kill",
        help="Kill the selected task, which is stopping, instead of waiting for it any longer.",
        group=Group.TASK,
        applies=_is_stopping,
        hint=1,
    ),
    UiCommand(
        id="run_other_mode",
        keys=("E", "shift+e"),
        shown="E",
        label="run another mode once",
        help="Choose another mode of the selected task, such as test, and run it once beside what runs.",
        group=Group.TASK,
        applies=_has_modes,
    ),
    UiCommand(
        id="open_url",
        keys=("u",),
        shown="u",
        label="open in browser",
        help="Open the web address of the selected task, which its readiness probe tells.",
        group=Group.TASK,
        applies=_has_page,
    ),
    UiCommand(
        id="copy_command",
        keys=("Y", "shift+y"),
        shown="Y",
        label="copy command line",
        help="Copy the command of the selected task with its directory and variables, for a shell; without secrets.",
        group=Group.TASK,
        applies=_has_command,
    ),
)
