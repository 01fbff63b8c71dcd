"""Commands that open an overview of a task or of the run."""

from tui_runner.tui.command_tables.conditions import TASK
from tui_runner.tui.ui_command import Group, UiCommand

OVERVIEW_COMMANDS: tuple[UiCommand, ...] = (
    UiCommand(
        id="details",
        keys=("D", "f2", "shift+d"),
        shown="D F2",
        label="details",
        help="Show all about the selected task: command, variables, attempts, processes, ports, what it needs.",
        group=Group.OVERVIEW,
        conditions=(TASK,),
        hint=12,
    ),
    UiCommand(
        id="timeline",
        keys=("T", "f3", "shift+t"),
        shown="T F3",
        label="timeline",
        help="Show how the run came up: what waited for what, in milliseconds, and which chain of tasks took longest.",
        group=Group.OVERVIEW,
        conditions=(TASK,),
    ),
    UiCommand(
        id="graph",
        keys=("M", "f4", "shift+m"),
        shown="M F4",
        label="map of the graph",
        help="Show the graph in layers: what needs what, and the critical path of the start-up.",
        group=Group.OVERVIEW,
        conditions=(TASK,),
    ),
    UiCommand(
        id="events",
        keys=("W", "f5", "shift+w"),
        shown="W F5",
        label="events",
        help="Show what happened in the run, newest last; `f` filters.",
        group=Group.OVERVIEW,
    ),
    UiCommand(
        id="runs",
        keys=("H", "f6", "shift+h"),
        shown="H F6",
        label="history of runs",
        help="Show past runs: how they went, how long they took, which tasks failed.",
        group=Group.OVERVIEW,
        conditions=(TASK,),
    ),
)
