"""The help screen: every command with its keys, made from the registry."""

from collections.abc import Iterable
from typing import ClassVar

from rich.table import Table
from rich.text import Text
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widgets import Static

from tui_runner.tui.commands import help_sections
from tui_runner.tui.screens.passing import PassingDialog
from tui_runner.tui.ui_command import UiCommand

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
        Static { width: 1fr; height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,question_mark,enter,f1", "close", "Close", show=False)]

    def __init__(self, commands: Iterable[UiCommand]) -> None:
        super().__init__()
        self._commands = tuple(commands)

    def compose(self) -> ComposeResult:
        """Show one table that scrolls."""
        with VerticalScroll(id="help"):
            yield Static(_table(self._commands))

    def action_close(self) -> None:
        """Go back."""
        _ = self.dismiss()


def _table(every: Iterable[UiCommand]) -> Table:
    table = Table.grid(padding=(0, 2))
    table.add_column(no_wrap=True, style="bold")
    table.add_column()
    for group, commands in help_sections(every):
        _add(table, group.value, ((command.keys, command.text) for command in commands))
    _add(table, "Inside tree and log", _NOTES)
    return table


def _add(table: Table, heading: str, lines: Iterable[tuple[str, str]]) -> None:
    if table.row_count:
        table.add_row()
    table.add_row(Text(heading, style="bold underline"))
    for keys, text in lines:
        table.add_row(Text(keys), Text(text))
