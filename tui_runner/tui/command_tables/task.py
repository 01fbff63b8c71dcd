"""Commands about tasks: the selected one, or all that have failed."""

from tui_runner.model.state import Backoff, Failed, Pending, Queued, Stopping, TaskState, is_alive
from tui_runner.tui.command_tables.conditions import (
    CONNECTED,
    NO_GROUP,
    RUN_TAKES_COMMANDS,
    TASK,
    TASK_TAKES_COMMANDS,
    TASK_TAKES_SIGNALS,
)
from tui_runner.tui.ui_command import CommandContext, Condition, Group, UiCommand


def can_stop(state: TaskState) -> bool:
    """Tell whether a stop would change something; else the same key starts the task."""
    return is_alive(state) or isinstance(state, Backoff | Queued)


def _was_reached(context: CommandContext) -> bool:
    return context.task is not None and not isinstance(context.task.state, Pending)


def _is_stopping(context: CommandContext) -> bool:
    return context.task is not None and isinstance(context.task.state, Stopping)


def _is_not_killed(context: CommandContext) -> bool:
    task = context.task
    return task is not None and isinstance(task.state, Stopping) and not task.state.forced


def _has_page(context: CommandContext) -> bool:
    return context.task is not None and context.task.address.startswith(("http://", "https://"))


def _has_command(context: CommandContext) -> bool:
    return context.task is not None and bool(context.task.command)


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
        conditions=TASK_TAKES_COMMANDS,
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
        conditions=TASK_TAKES_COMMANDS,
    ),
    UiCommand(
        id="restart_failed",
        keys=("R", "shift+r"),
        shown="R",
        label="restart failed",
        help="Restart every task that has failed; what waits for them starts by itself.",
        group=Group.TASK,
        conditions=(
            *RUN_TAKES_COMMANDS,
            Condition(holds=lambda context: context.failed > 0, otherwise="no task has failed"),
        ),
        hint=1,
    ),
    UiCommand(
        id="stop_or_start",
        keys=("s",),
        shown="s",
        label="stop/start",
        help="Stop the selected task and what depends on it, or start it with what it needs.",
        group=Group.TASK,
        conditions=(
            *TASK_TAKES_COMMANDS,
            Condition(holds=_was_reached, otherwise="{task} waits for what it needs: there is nothing to stop yet"),
        ),
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
        conditions=TASK_TAKES_SIGNALS,
    ),
    UiCommand(
        id="kill",
        keys=("K", "shift+k"),
        shown="K",
        label="kill",
        help="Kill the selected task, which is stopping, instead of waiting for it any longer.",
        group=Group.TASK,
        conditions=(
            *TASK_TAKES_SIGNALS,
            Condition(holds=_is_stopping, otherwise="{task} is not being stopped: that comes before it can be killed"),
            Condition(holds=_is_not_killed, otherwise="{task} is being killed already"),
        ),
        hint=1,
    ),
    UiCommand(
        id="run_other_mode",
        keys=("E", "shift+e"),
        shown="E",
        label="run another mode once",
        help="Choose another mode of the selected task, such as test, and run it once beside what runs.",
        group=Group.TASK,
        conditions=(*TASK_TAKES_COMMANDS, NO_GROUP),
    ),
    UiCommand(
        id="open_url",
        keys=("u",),
        shown="u",
        label="open in browser",
        help="Open the web address of the selected task, which its readiness probe tells.",
        group=Group.TASK,
        conditions=(TASK, Condition(holds=_has_page, otherwise="{task} has no web address")),
    ),
    UiCommand(
        id="copy_command",
        keys=("Y", "shift+y"),
        shown="Y",
        label="copy command line",
        help="Copy the command of the selected task with its directory and variables, for a shell; without secrets.",
        group=Group.TASK,
        conditions=(CONNECTED, TASK, Condition(holds=_has_command, otherwise="{task} has no command")),
    ),
)
