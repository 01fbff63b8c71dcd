"""Commands about the run as a whole and the screen itself."""

from tui_runner.model.view import FileWatch, RunPhase
from tui_runner.tui.command_tables.conditions import RUN_TAKES_COMMANDS
from tui_runner.tui.ui_command import CommandContext, Condition, Group, UiCommand


def _quit_label(context: CommandContext) -> str:
    match context.phase:
        case _ if not context.owner and not context.leaving:
            return "leave"
        case RunPhase.STOPPING:
            return "kill"
        case RunPhase.KILLING:
            return "give up teardowns"
        case _:
            return "quit"


RUN_COMMANDS: tuple[UiCommand, ...] = (
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
        kept=True,
    ),
    UiCommand(
        id="settings",
        keys=("comma",),
        shown=",",
        label="settings",
        help="Open the settings (keys, theme, layout, notices) in $EDITOR; what is saved applies at once.",
        group=Group.RUN,
    ),
    UiCommand(
        id="pause_watching",
        keys=("C", "shift+c"),
        shown="C",
        label="pause/resume watching",
        help="Let changes of watched files wait; again: restart once what has changed meanwhile, and go on watching.",
        group=Group.RUN,
        conditions=(
            *RUN_TAKES_COMMANDS,
            Condition(holds=lambda context: context.file_watch is not FileWatch.OFF, otherwise="no task watches files"),
        ),
    ),
    UiCommand(
        id="reload",
        keys=("ctrl+l",),
        shown="Ctrl-L",
        label="reload pipeline.py",
        help="Load the definitions again and restart only what changed; asks first where something that runs is lost.",
        group=Group.RUN,
        conditions=RUN_TAKES_COMMANDS,
    ),
    UiCommand(
        id="choose_tasks",
        keys=("A", "shift+a"),
        shown="A",
        label="add or remove tasks",
        help="List all tasks of pipeline.py: add one to the run with what it needs, or remove it with what only it needs.",
        group=Group.RUN,
        conditions=RUN_TAKES_COMMANDS,
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
        conditions=RUN_TAKES_COMMANDS,
    ),
    UiCommand(
        id="quit",
        keys=("q",),
        shown="q",
        label="quit",
        help="Stop everything in order and leave. Again while stopping: kill; a third time: give up on teardowns.",
        group=Group.RUN,
        hint=4,
        kept=True,
        hint_label=_quit_label,
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
