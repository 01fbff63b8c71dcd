"""Shows all tasks of the definitions, and asks which one is to come or go."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui_runner.model.plan_changes import KnownTask
from tui_runner.tui.plan_lines import NEEDED, NOT_WANTED, WANTED, known_lines
from tui_runner.tui.screens.passing import PassingDialog
from widgets.row_list import RowList

MOST_ROWS = 16


class ChooseTasks(PassingDialog[KnownTask | None]):
    """A list to choose from; Escape changes nothing."""

    DEFAULT_CSS = """
    ChooseTasks {
        align: center middle;
        Vertical { width: 80; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $panel; }
        Static { height: auto; }
        RowList { height: 16; margin: 1 0; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "cancel", "Cancel", show=False)]
    AUTO_FOCUS = "RowList"

    def __init__(self, known: tuple[KnownTask, ...]) -> None:
        super().__init__()
        self._known = {task.id: task for task in known}
        self._rows = RowList()

    def compose(self) -> ComposeResult:
        """Show the list."""
        with Vertical():
            yield Static(Content.styled("Add or remove tasks", "bold"), markup=False)
            yield self._rows
            yield Static(
                Content(
                    f"{WANTED} wanted  {NEEDED} needed by others  {NOT_WANTED} not part of this run\n"
                    "Enter adds a task with what it needs, or removes it with what only it needs; Esc neither"
                ),
                markup=False,
            )

    def on_mount(self) -> None:
        """Fill the list."""
        lines = known_lines(self._known.values())
        self._rows.styles.height = min(MOST_ROWS, max(1, len(lines)))
        self._rows.set_lines(lines)

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        _ = self.dismiss(self._known.get(event.line.ident))

    def action_cancel(self) -> None:
        """Change nothing."""
        _ = self.dismiss(None)
