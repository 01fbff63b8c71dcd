"""Asks in which other mode a task is to run once."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui_runner.model.task import TaskId
from tui_runner.tui.screens.passing import PassingDialog
from widgets.ansi import safe_text
from widgets.list_line import ListLine, Piece
from widgets.row_list import RowList

MOST_ROWS = 12


class ChooseMode(PassingDialog[str]):
    """A list to choose from; Escape runs nothing."""

    DEFAULT_CSS = """
    ChooseMode {
        align: center middle;
        Vertical { width: 56; max-width: 100%; height: auto; padding: 1 2; background: $panel; }
        Static { height: auto; }
        RowList { height: 12; margin: 1 0; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "cancel", "Cancel", show=False)]
    AUTO_FOCUS = "RowList"

    def __init__(self, task: TaskId, modes: tuple[str, ...]) -> None:
        super().__init__()
        self._about = task
        self._modes = modes
        self._rows = RowList()

    def compose(self) -> ComposeResult:
        """Show the list."""
        with Vertical():
            yield Static(Content.styled(f"Run {safe_text(self._about)} once in another mode", "bold"), markup=False)
            yield self._rows
            yield Static(Content("Enter runs it beside what runs, Esc does not"), markup=False)

    def on_mount(self) -> None:
        """Fill the list."""
        self._rows.styles.height = min(MOST_ROWS, max(1, len(self._modes)))
        self._rows.set_lines([ListLine((Piece(safe_text(mode)),), ident=mode) for mode in self._modes])

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        _ = self.dismiss(event.line.ident)

    def action_cancel(self) -> None:
        """Run nothing."""
        _ = self.dismiss("")
