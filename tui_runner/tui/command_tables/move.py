"""Commands to move between tree, panes and what is open."""

from tui_runner.tui.ui_command import CommandContext, Condition, Group, UiCommand


def _can_go_back(context: CommandContext) -> bool:
    return (
        context.in_log
        or context.searching
        or context.filtering
        or context.narrowed
        or context.zoomed
        or context.together
        or context.selection
        or (context.has_terminal and not context.terminal)
    )


MOVE_COMMANDS: tuple[UiCommand, ...] = (
    UiCommand(
        id="focus_log",
        keys=("enter",),
        shown="Enter",
        label="log",
        help="Go from the tree to the log of the selected task.",
        group=Group.MOVE,
        conditions=(Condition(holds=lambda context: not context.in_log, otherwise=""),),
        hint=8,
        palette=False,
    ),
    UiCommand(
        id="next_pane",
        keys=("tab",),
        shown="Tab",
        label="next pane",
        help="Go to the next pane; from the last one back to the tree.",
        group=Group.MOVE,
        palette=False,
    ),
    UiCommand(
        id="previous_pane",
        keys=("shift+tab",),
        shown="Shift-Tab",
        label="previous pane",
        help="Go to the previous pane.",
        group=Group.MOVE,
        palette=False,
    ),
    UiCommand(
        id="narrow_tree",
        keys=("equals_sign",),
        shown="=",
        label="find tasks",
        help="Narrow the tree to tasks whose names match, with what is above them; Esc shows all again.",
        group=Group.MOVE,
    ),
    UiCommand(
        id="back",
        keys=("escape",),
        shown="Esc",
        label="back",
        help="Clear the selection, the search or the last filter, show all tasks again, go back to the terminal, leave zoom, go back to the tree, or part merged logs: whichever comes first.",
        group=Group.MOVE,
        conditions=(Condition(holds=_can_go_back, otherwise=""),),
        hint=9,
        palette=False,
    ),
)
