"""Everything a person can do at the screen, once.

Bindings, footer hints, the help screen and the command palette are all made from `COMMANDS`; to add a command, add it
here and write its `action_` method on the main screen. Must not import Textual: it is data and pure functions.
"""

from collections.abc import Iterable

import msgspec

from tui_runner.model.state import Backoff, Failed, Pending, Queued, TaskState, is_alive
from tui_runner.model.view import RunPhase
from tui_runner.tui.ui_command import CommandContext, Group, UiCommand


def can_stop(state: TaskState) -> bool:
    """Tell whether a stop would change something; else the same key starts the task."""
    return is_alive(state) or isinstance(state, Backoff | Queued)


def _running(context: CommandContext) -> bool:
    return context.running


def _has_task(context: CommandContext) -> bool:
    return context.running and context.task is not None


def _stoppable(context: CommandContext) -> bool:
    return _has_task(context) and context.task is not None and not isinstance(context.task.state, Pending)


def _can_go_back(context: CommandContext) -> bool:
    return context.in_log or context.searching or context.filtering or context.zoomed or context.selection


COMMANDS: tuple[UiCommand, ...] = (
    UiCommand(
        id="focus_log",
        keys=("enter",),
        shown="Enter",
        label="log",
        help="Go from the tree to the log of the selected task.",
        group=Group.MOVE,
        applies=lambda context: not context.in_log,
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
        id="back",
        keys=("escape",),
        shown="Esc",
        label="back",
        help="Clear the selection, the search or the filter, leave zoom, or go back to the tree: whichever comes first.",
        group=Group.MOVE,
        applies=_can_go_back,
        hint=9,
        palette=False,
    ),
    UiCommand(
        id="restart",
        keys=("r",),
        shown="r",
        label="restart",
        help="Restart the selected task; what depends on it keeps running.",
        group=Group.TASK,
        applies=_has_task,
        hint=2,
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
    ),
    UiCommand(
        id="search",
        keys=("slash",),
        shown="/",
        label="search",
        help="Search the whole log of the pane; a lower-case text ignores case.",
        group=Group.LOG,
        hint=6,
    ),
    UiCommand(
        id="next_match",
        keys=("n",),
        shown="n",
        label="next match",
        help="Go to the next match.",
        group=Group.LOG,
        applies=lambda context: context.searching,
        hint=6,
    ),
    UiCommand(
        id="previous_match",
        keys=("N", "shift+n"),
        shown="N",
        label="previous match",
        help="Go to the previous match.",
        group=Group.LOG,
        applies=lambda context: context.searching,
        hint=6,
    ),
    UiCommand(
        id="filter",
        keys=("f",),
        shown="f",
        label="filter",
        help="Show only the lines of the pane that match.",
        group=Group.LOG,
        hint=7,
    ),
    UiCommand(
        id="follow",
        keys=("F", "end", "shift+f"),
        shown="F End",
        label="follow",
        help="Go to the end of the log and stay there.",
        group=Group.LOG,
        applies=lambda context: not context.following,
        hint=6,
    ),
    UiCommand(
        id="toggle_wrap",
        keys=("w",),
        shown="w",
        label="wrap",
        help="Wrap long lines, or cut them at the edge.",
        group=Group.LOG,
    ),
    UiCommand(
        id="copy",
        keys=("y", "super+c"),
        shown="y",
        label="copy",
        help="Copy the selected text. Drag with the mouse to select; Shift-drag uses the terminal's own selection.",
        group=Group.LOG,
        applies=lambda context: context.selection,
        hint=1,
    ),
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
        id="split",
        keys=("v", "vertical_line"),
        shown="v |",
        label="split",
        help="Open one more pane; each shows a task of its own, four at most.",
        group=Group.PANES,
        applies=lambda context: context.panes < MAX_PANES,
        hint=11,
    ),
    UiCommand(
        id="close_pane",
        keys=("x",),
        shown="x",
        label="close pane",
        help="Close the pane; its task is not touched.",
        group=Group.PANES,
        applies=lambda context: context.panes > 1,
    ),
    UiCommand(
        id="toggle_tree",
        keys=("t",),
        shown="t",
        label="tree",
        help="Hide or show the tree.",
        group=Group.PANES,
    ),
    UiCommand(
        id="shrink_tree",
        keys=("less_than_sign",),
        shown="<",
        label="narrower tree",
        help="Make the tree narrower.",
        group=Group.PANES,
        applies=lambda context: context.tree_visible,
        palette=False,
    ),
    UiCommand(
        id="grow_tree",
        keys=("greater_than_sign",),
        shown=">",
        label="wider tree",
        help="Make the tree wider.",
        group=Group.PANES,
        applies=lambda context: context.tree_visible,
        palette=False,
    ),
    UiCommand(
        id="command_palette",
        keys=("colon", "ctrl+p"),
        shown=": Ctrl-P",
        label="commands",
        help="Find a command by typing.",
        group=Group.RUN,
        palette=False,
    ),
    UiCommand(
        id="help",
        keys=("question_mark", "f1"),
        shown="?",
        label="help",
        help="Show all keys.",
        group=Group.RUN,
        hint=5,
    ),
    UiCommand(
        id="suspend",
        keys=("ctrl+z",),
        shown="Ctrl-Z",
        label="suspend",
        help="Go back to the shell for a while; the run goes on and `fg` comes back.",
        group=Group.RUN,
        palette=False,
    ),
    UiCommand(
        id="detach",
        keys=("d",),
        shown="d",
        label="detach",
        help="Leave the screen; the run goes on. `tui-runner attach` comes back, `tui-runner down` stops it.",
        group=Group.RUN,
        applies=_running,
    ),
    UiCommand(
        id="quit",
        keys=("q",),
        shown="q",
        label="quit",
        help="Stop everything in order and leave. Again while stopping: kill; a third time: give up on teardowns.",
        group=Group.RUN,
        hint=4,
    ),
    UiCommand(
        id="interrupt",
        keys=("ctrl+c",),
        shown="Ctrl-C",
        label="interrupt",
        help="Like quit, with exit code 130. With text selected it copies instead.",
        group=Group.RUN,
        palette=False,
        priority=True,
    ),
)
"""All commands, in the order of the help screen."""

MAX_PANES = 4

COMMAND_BY_ID = {command.id: command for command in COMMANDS}


class KeyHelp(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the help screen."""

    keys: str
    text: str


def applicable(context: CommandContext) -> tuple[UiCommand, ...]:
    """Return the commands that do something now, in order."""
    return tuple(command for command in COMMANDS if command.applies(context))


TYPING_HINTS = (("Enter", "keep"), ("Esc", "clear"))
"""Footer while a search or filter is being typed: nothing else works then."""


def hints(context: CommandContext) -> tuple[tuple[str, str], ...]:
    """Return (key, label) pairs for the footer, the most useful first."""
    ranked = sorted((c for c in applicable(context) if c.hint), key=lambda command: command.hint)
    return tuple((command.shown.split(" ")[0], _hint_label(command, context)) for command in ranked)


def _hint_label(command: UiCommand, context: CommandContext) -> str:
    match command.id:
        case "stop_or_start" if context.task is not None:
            return "stop" if can_stop(context.task.state) else "start"
        case "restart" if context.task is not None and not is_alive(context.task.state):
            return "run again" if isinstance(context.task.state, Failed) else "restart"
        case "quit" if not context.owner and not context.leaving:
            return "leave"
        case "quit" if context.phase is RunPhase.STOPPING:
            return "kill"
        case "quit" if context.phase is RunPhase.KILLING:
            return "give up teardowns"
        case _:
            return command.label


def help_sections(commands: Iterable[UiCommand] = COMMANDS) -> tuple[tuple[Group, tuple[KeyHelp, ...]], ...]:
    """Return the help screen: every command under its group."""
    every = tuple(commands)
    return tuple(
        (group, tuple(KeyHelp(keys=c.shown, text=c.help) for c in every if c.group is group)) for group in Group
    )
