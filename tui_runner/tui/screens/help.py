"""The help screen: every command with its keys, made from the registry."""

from collections.abc import Iterable
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tui_runner.tui.commands import help_sections
from tui_runner.tui.screens.passing import PassingDialog
from tui_runner.tui.ui_command import UiCommand
from widgets.key_sheet import KeyGroup, KeySheet

_NOTES = (
    ("j k ↑ ↓", "Move in the tree, or scroll the log that has the focus."),
    ("Space", "Fold or unfold a branch of the tree."),
    ("PgUp PgDn Home", "Scroll the log; scrolling up stops following, F or End takes it up again."),
    ("mouse", "Click to choose, drag to select text, wheel to scroll."),
)


class HelpScreen(PassingDialog[None]):
    """All keys; closes with any of the usual keys."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        #help { width: 90; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter,f1", "close", "Close", show=False)]

    def __init__(self, commands: Iterable[UiCommand]) -> None:
        super().__init__()
        self._commands = tuple(commands)

    def compose(self) -> ComposeResult:
        """Show one sheet that scrolls."""
        with VerticalScroll(id="help"):
            yield KeySheet(_groups(self._commands))

    def action_close(self) -> None:
        """Go back."""
        _ = self.dismiss()


def _groups(every: Iterable[UiCommand]) -> list[KeyGroup]:
    groups: list[KeyGroup] = [
        (group.value, [(command.keys, command.text) for command in commands])
        for group, commands in help_sections(every)
    ]
    return [*groups, ("Inside tree and log", _NOTES)]
