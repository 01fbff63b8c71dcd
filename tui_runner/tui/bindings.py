"""Commands as Textual bindings."""

from collections.abc import Iterable

from textual.binding import Binding, BindingsMap, BindingType
from textual.dom import DOMNode

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
        if command.keys
    ]


def screen_bindings() -> list[BindingType]:
    """Return what the main screen binds: all that is not taken even while text is typed."""
    return as_bindings(command for command in COMMANDS if not command.priority)


def app_bindings() -> list[BindingType]:
    """Return what the app binds, over every screen."""
    return as_bindings(command for command in COMMANDS if command.priority)


def bind_anew(screen: DOMNode, commands: Iterable[UiCommand]) -> None:
    """Give the main screen the keys a user wants for these commands, in place of those of its class.

    Textual's own key maps are gone through for every key that is pressed, and cannot take a key away.
    """
    bindings = as_bindings(command for command in commands if not command.priority)
    screen._bindings = BindingsMap(bindings)  # noqa: SLF001 - there is no public way to replace them all
