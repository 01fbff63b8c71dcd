"""Commands about the terminal of a task."""

from tui_runner.tui.command_tables.conditions import CONNECTED, NO_GROUP, READS, TASK, TERMINAL
from tui_runner.tui.ui_command import Condition, Group, UiCommand

TERMINAL_COMMANDS: tuple[UiCommand, ...] = (
    UiCommand(
        id="interact",
        keys=("i",),
        shown="i",
        label="interact",
        help="Type into the terminal of the selected task: every key goes there, Ctrl-Z comes back.",
        group=Group.TERMINAL,
        conditions=(CONNECTED, TASK, NO_GROUP, TERMINAL, READS),
        hint=2,
    ),
    UiCommand(
        id="toggle_terminal",
        keys=("I", "shift+i"),
        shown="I",
        label="log/terminal",
        help="Show the log of a task that has a terminal, or its terminal again. Commands about lines do so too.",
        group=Group.TERMINAL,
        conditions=(
            TASK,
            NO_GROUP,
            TERMINAL,
            Condition(holds=lambda context: not context.together, otherwise="the pane shows merged logs"),
        ),
        hint=7,
        hint_label=lambda context: "log" if context.terminal else "terminal",
    ),
)
