"""Commands about the terminal of a task."""

from tui_runner.tui.ui_command import Group, UiCommand

TERMINAL_COMMANDS: tuple[UiCommand, ...] = (
    UiCommand(
        id="interact",
        keys=("i",),
        shown="i",
        label="interact",
        help="Type into the terminal of the selected task: every key goes there, Ctrl-Z comes back.",
        group=Group.TERMINAL,
        applies=lambda context: context.connected and context.has_terminal,
        hint=2,
    ),
    UiCommand(
        id="toggle_terminal",
        keys=("I", "shift+i"),
        shown="I",
        label="log/terminal",
        help="Show the log of a task that has a terminal, or its terminal again. Commands about lines do so too.",
        group=Group.TERMINAL,
        applies=lambda context: context.has_terminal and not context.together,
        hint=7,
        hint_label=lambda context: "log" if context.terminal else "terminal",
    ),
)
