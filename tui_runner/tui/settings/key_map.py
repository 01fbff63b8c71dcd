"""The commands with the keys a user wants for them, and what stands in the way. Pure data."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from tui_runner.tui.settings.key_names import shown_keys
from tui_runner.tui.ui_command import UiCommand

INNER_KEYS: Final = frozenset(
    (
        *("up", "k", "down", "j", "left", "h", "right", "l"),
        *("pageup", "ctrl+b", "ctrl+u", "pagedown", "ctrl+f", "ctrl+d"),
        *("home", "g", "G", "space"),
    )
)
"""Keys of the tree and the logs themselves: a command on one of them would never be heard of there."""
FIXED: Final = frozenset({"interrupt"})
"""Commands that keep their keys, whatever happens: the way out."""


class Clash(msgspec.Struct, frozen=True, kw_only=True):
    """A key with two meanings."""

    key: str
    """Textual's name."""
    wanted_by: str
    """Id of the command that the user gave this key."""
    taken_by: str
    """Id of the command that has it too; empty: tree and logs use it themselves."""


def with_keys(commands: Iterable[UiCommand], keys: Mapping[str, tuple[str, ...]]) -> tuple[UiCommand, ...]:
    """Return the commands with these keys; those that are not mentioned keep theirs."""
    return tuple(
        msgspec.structs.replace(command, keys=keys[command.id], shown=shown_keys(keys[command.id]))
        if command.id in keys
        else command
        for command in commands
    )


def clashes(commands: Iterable[UiCommand], keys: Mapping[str, tuple[str, ...]]) -> list[Clash]:
    """Return what stands in the way of these keys, in the order of the commands."""
    owners: dict[str, list[str]] = {}
    for command in with_keys(commands, keys):
        for key in command.keys:
            owners.setdefault(key, []).append(command.id)
    found = [
        Clash(key=key, wanted_by=command, taken_by="") for key in sorted(INNER_KEYS) for command in owners.get(key, ())
    ]
    for key, (first, *others) in owners.items():
        for other in others:
            wanted, taken = (other, first) if other in keys else (first, other)
            found.append(Clash(key=key, wanted_by=wanted, taken_by=taken))
    return found


def without_clashes(commands: Iterable[UiCommand], keys: Mapping[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Return as much of a key map as fits together: a mapping that clashes is left out."""
    every, left = tuple(commands), dict(keys)
    while found := clashes(every, left):
        for clash in found:
            left.pop(clash.wanted_by, None)
            left.pop(clash.taken_by, None)
    return left
