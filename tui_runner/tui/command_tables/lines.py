"""Commands that go to lines of a log, select them, or take them elsewhere."""

from tui_runner.tui.command_tables.conditions import MARK, TASK
from tui_runner.tui.ui_command import CommandContext, Condition, Group, UiCommand


def _was_started(context: CommandContext) -> bool:
    return context.task is not None and context.task.started_at is not None


LINES_COMMANDS: tuple[UiCommand, ...] = (
    UiCommand(
        id="previous_error",
        keys=("e", "left_parenthesis"),
        shown="e (",
        label="previous error",
        help="Go back to the line before that calls itself an error.",
        group=Group.LINES,
    ),
    UiCommand(
        id="next_error",
        keys=("right_parenthesis",),
        shown=")",
        label="next error",
        help="Go on to the next line that calls itself an error.",
        group=Group.LINES,
    ),
    UiCommand(
        id="last_start",
        keys=("circumflex_accent",),
        shown="^",
        label="last start",
        help="Go to where the selected task was started last.",
        group=Group.LINES,
        conditions=(TASK, Condition(holds=_was_started, otherwise="{task} has not been started")),
    ),
    UiCommand(
        id="go_to_time",
        keys=("at",),
        shown="@",
        label="go to time",
        help="Go to a time, such as 14:03, 14:03:05 or 5m ago.",
        group=Group.LINES,
    ),
    UiCommand(
        id="toggle_mark",
        keys=("m",),
        shown="m",
        label="mark",
        help="Mark the line a jump, a click or a search has led to, else the last one on the screen; or take its mark away.",
        group=Group.LINES,
    ),
    UiCommand(
        id="next_mark",
        keys=("right_square_bracket",),
        shown="]",
        label="next mark",
        help="Go to the next mark.",
        group=Group.LINES,
        conditions=(MARK,),
    ),
    UiCommand(
        id="previous_mark",
        keys=("left_square_bracket",),
        shown="[",
        label="previous mark",
        help="Go to the previous mark.",
        group=Group.LINES,
        conditions=(MARK,),
    ),
    UiCommand(
        id="select_lines",
        keys=("V", "shift+v"),
        shown="V",
        label="select lines",
        help="Select lines by keyboard: the keys that scroll extend the selection, y copies it, Esc ends it.",
        group=Group.LINES,
    ),
    UiCommand(
        id="open_reference",
        keys=("o",),
        shown="o",
        label="open file or link",
        help="Open the file and line, or the web page, that the line points to; Ctrl-click does it for any line.",
        group=Group.LINES,
    ),
    UiCommand(
        id="export",
        keys=("ctrl+s",),
        shown="Ctrl-S",
        label="save lines",
        help="Save the lines of the pane, as filtered, to a file.",
        group=Group.LINES,
    ),
    UiCommand(
        id="page",
        keys=("P", "shift+p"),
        shown="P",
        label="pager",
        help="Open the lines of the pane, as filtered, in $PAGER; leaving it comes back.",
        group=Group.LINES,
    ),
)
