"""Everything a person can do at the screen, once.

Bindings, footer hints, the help screen and the command palette are all made from `COMMANDS`. To add a command, describe it
in the table of its group (`command_tables`) and write its `action_` method in the actions of that group
(`screens/actions`). Must not import Textual: it is data and pure functions.
"""

from collections.abc import Iterable

import msgspec

from tui_runner.tui.command_tables.lines import LINES_COMMANDS
from tui_runner.tui.command_tables.log import LOG_COMMANDS
from tui_runner.tui.command_tables.move import MOVE_COMMANDS
from tui_runner.tui.command_tables.overview import OVERVIEW_COMMANDS
from tui_runner.tui.command_tables.panes import PANES_COMMANDS
from tui_runner.tui.command_tables.run import RUN_COMMANDS
from tui_runner.tui.command_tables.task import TASK_COMMANDS
from tui_runner.tui.command_tables.terminal import TERMINAL_COMMANDS
from tui_runner.tui.ui_command import CommandContext, Group, UiCommand

COMMANDS: tuple[UiCommand, ...] = (
    *MOVE_COMMANDS,
    *TASK_COMMANDS,
    *OVERVIEW_COMMANDS,
    *TERMINAL_COMMANDS,
    *LOG_COMMANDS,
    *LINES_COMMANDS,
    *PANES_COMMANDS,
    *RUN_COMMANDS,
)
"""All commands, in the order of the help screen."""

COMMAND_BY_ID = {command.id: command for command in COMMANDS}


class KeyHelp(msgspec.Struct, frozen=True, kw_only=True):
    """A line of the help screen."""

    keys: str
    text: str


def applicable(context: CommandContext, commands: Iterable[UiCommand] = COMMANDS) -> tuple[UiCommand, ...]:
    """Return the commands that do something now, in order."""
    return tuple(command for command in commands if command.applies(context))


TYPING_HINTS = (("Enter", "keep"), ("Esc", "clear"))
"""Footer while a search or filter is being typed: nothing else works then."""
ASKING_HINTS = (("Enter", "go on"), ("Esc", "cancel"))
"""Footer while a question is answered."""
TERMINAL_HINTS = (("Ctrl-Z", "leave the terminal"), ("Shift-PgUp", "scroll back"))
"""Footer while what is typed goes to a task."""


def hints(context: CommandContext, commands: Iterable[UiCommand] = COMMANDS) -> tuple[tuple[str, str], ...]:
    """Return (key, label) pairs for the footer, the most useful first; a command without a key has none."""
    ranked = sorted((c for c in applicable(context, commands) if c.hint and c.keys), key=lambda command: command.hint)
    return tuple((command.first_shown, command.hint_text(context)) for command in ranked)


def kept_keys(commands: Iterable[UiCommand] = COMMANDS) -> frozenset[str]:
    """Return the keys that are in the footer however little room there is."""
    return frozenset(command.first_shown for command in commands if command.kept and command.keys)


def help_sections(commands: Iterable[UiCommand] = COMMANDS) -> tuple[tuple[Group, tuple[KeyHelp, ...]], ...]:
    """Return the help screen: every command under its group."""
    every = tuple(commands)
    return tuple(
        (group, tuple(KeyHelp(keys=c.shown, text=c.help) for c in every if c.group is group)) for group in Group
    )
