"""Commands as Textual bindings."""

from collections.abc import Iterable

from textual.binding import Binding, BindingType

from tui_runner.tui.commands import COMMANDS
from tui_runner.tui.ui_command import UiCommand


def as_bindings(commands: Iterable[UiCommand]) -> list[BindingType]:
    """Return the bindings of these commands; each has the id of its command, so that keys can be mapped anew."""
    return [
        Binding(
            ",".join(command.keys),
            command.id,
            command.label,
            show=False,
            key_display=command.shown,
            priority=command.priority,
            tooltip=command.help,
            id=command.id,
        )
        for command in commands
    ]


def screen_bindings() -> list[BindingType]:
    """Return what the main screen binds: all that is not taken even while text is typed."""
    return as_bindings(command for command in COMMANDS if not command.priority)


def app_bindings() -> list[BindingType]:
    """Return what the app binds, over every screen."""
    return as_bindings(command for command in COMMANDS if command.priority)
