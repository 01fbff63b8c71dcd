"""Commands about panes, and the width of the tree beside them."""

from tui_runner.tui.command_tables.conditions import TASK, TREE
from tui_runner.tui.ui_command import Condition, Group, UiCommand

MAX_PANES = 4

PANES_COMMANDS: tuple[UiCommand, ...] = (
    UiCommand(
        id="zoom",
        keys=("z",),
        shown="z",
        label="zoom",
        help="Give the whole screen to the log of the pane, or give it back.",
        group=Group.PANES,
        hint=10,
    ),
    UiCommand(
        id="all_logs",
        keys=("a",),
        shown="a",
        label="all logs",
        help="Show the logs of all tasks in the pane, merged in the order of time, or that of the selected task again.",
        group=Group.PANES,
        hint=10,
        hint_label=lambda context: "one log" if context.together else "all logs",
    ),
    UiCommand(
        id="pick_log",
        keys=("plus",),
        shown="+",
        label="add to pane",
        help="Keep the log of the selected task in the pane, merged with those kept before, or take it out again.",
        group=Group.PANES,
        conditions=(TASK,),
    ),
    UiCommand(
        id="split",
        keys=("v", "vertical_line"),
        shown="v |",
        label="split",
        help="Open one more pane; each shows a task of its own, four at most.",
        group=Group.PANES,
        conditions=(
            Condition(
                holds=lambda context: context.panes < MAX_PANES, otherwise=f"there are {MAX_PANES} panes at most"
            ),
        ),
        hint=11,
    ),
    UiCommand(
        id="close_pane",
        keys=("x",),
        shown="x",
        label="close pane",
        help="Close the pane; its task is not touched.",
        group=Group.PANES,
        conditions=(Condition(holds=lambda context: context.panes > 1, otherwise="this is the only pane"),),
    ),
    UiCommand(
        id="toggle_tree",
        keys=("b",),
        shown="b",
        label="tree",
        help="Hide or show the tree.",
        group=Group.PANES,
    ),
    UiCommand(
        id="turn_tree",
        keys=("B", "shift+b"),
        shown="B",
        label="tree above or beside",
        help="Put the tree above the logs, or beside them again.",
        group=Group.PANES,
        conditions=(TREE,),
    ),
    UiCommand(
        id="shrink_tree",
        keys=("less_than_sign",),
        shown="<",
        label="narrower tree",
        help="Make the tree narrower; where it is above the logs, lower.",
        group=Group.PANES,
        conditions=(TREE,),
        palette=False,
    ),
    UiCommand(
        id="grow_tree",
        keys=("greater_than_sign",),
        shown=">",
        label="wider tree",
        help="Make the tree wider; where it is above the logs, higher.",
        group=Group.PANES,
        conditions=(TREE,),
        palette=False,
    ),
)
