"""The help screen: keys and what they do. That of the main screen is made from the registry."""

from collections.abc import Iterable, Sequence
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll

from tui_runner.tui.commands import KeyHelp, help_sections
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
    """Keys in groups; closes with any of the usual keys."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        #help { width: 90; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter,f1", "close", "Close", show=False)]

    def __init__(self, groups: Sequence[KeyGroup]) -> None:
        super().__init__()
        self._groups = groups

    def compose(self) -> ComposeResult:
        """Show one sheet that scrolls."""
        with VerticalScroll(id="help"):
            yield KeySheet(self._groups)

    def action_close(self) -> None:
        """Go back."""
        _ = self.dismiss()


def key_group(heading: str, keys: Iterable[KeyHelp]) -> KeyGroup:
    """Return keys below a heading."""
    return heading, [(one.keys, one.text) for one in keys]


def main_groups(commands: Iterable[UiCommand]) -> list[KeyGroup]:
    """Return what helps on the main screen: every command there is, and the keys inside its parts."""
    groups = [key_group(group.value, keys) for group, keys in help_sections(commands)]
    return [*groups, ("Inside tree and log", _NOTES)]
