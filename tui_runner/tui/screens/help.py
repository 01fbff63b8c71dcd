"""The help screen: every command with its keys, made from the registry."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from tui_runner.tui.commands import help_sections

_NOTES = (
    ("j k ↑ ↓", "Move in the tree, or scroll the log that has the focus."),
    ("Space", "Fold or unfold a branch of the tree."),
    ("PgUp PgDn Home", "Scroll the log; scrolling up stops following, F or End takes it up again."),
    ("mouse", "Click to choose, drag to select text, wheel to scroll."),
)
_KEYS_WIDTH = 16


class HelpScreen(ModalScreen[None]):
    """All keys; closes with any of the usual keys."""

    DEFAULT_CSS = """
    HelpScreen {
        align: center middle;
        #help { width: 90; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $panel; }
        Static { width: 1fr; height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter,f1", "close", "Close", show=False)]

    def compose(self) -> ComposeResult:
        """Show one text that scrolls."""
        with VerticalScroll(id="help"):
            yield Static(_text(), markup=False)

    def action_close(self) -> None:
        """Go back."""
        _ = self.dismiss()


def _text() -> Content:
    lines: list[Content] = []
    for group, commands in help_sections():
        lines.append(Content.styled(group.value, "bold $text-accent"))
        lines += [_line(command.keys, command.text) for command in commands]
        lines.append(Content(""))
    lines.append(Content.styled("Inside tree and log", "bold $text-accent"))
    lines += [_line(keys, text) for keys, text in _NOTES]
    return Content("\n").join(lines)


def _line(keys: str, text: str) -> Content:
    return Content.assemble((f"{keys:<{_KEYS_WIDTH}}", "bold"), text)
