"""Asks before something that runs is lost: what a reload, or the removal of a task, comes to."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui_runner.model.plan_changes import PlanChanges
from tui_runner.tui.plan_lines import change_lines
from tui_runner.tui.screens.passing import PassingDialog
from widgets.ansi import safe_text
from widgets.row_list import RowList


class PlanQuestion(PassingDialog[bool]):
    """The difference as a list that scrolls. `y` does it; nothing is done by accident, because Enter does nothing."""

    DEFAULT_CSS = """
    PlanQuestion {
        align: center middle;
        Vertical { width: 90; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $panel; }
        Static { height: auto; }
        RowList { height: auto; max-height: 16; margin: 1 0; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("y", "answer(True)", "Do it", show=False),
        Binding("escape,n,q", "answer(False)", "Leave it", show=False),
    ]
    AUTO_FOCUS = "RowList"

    def __init__(self, title: str, changes: PlanChanges) -> None:
        """`title` says what was asked for."""
        super().__init__()
        self._about = title
        self._changes = changes
        self._rows = RowList()

    def compose(self) -> ComposeResult:
        """Show what would change."""
        with Vertical():
            yield Static(Content.styled(safe_text(self._about), "bold"), markup=False)
            yield self._rows
            yield Static(
                Content.assemble(
                    f"{self._changes.unchanged} unchanged\n\n",
                    ("y  ", "bold"),
                    "do it    ",
                    ("Esc", "bold"),
                    " leave everything as it is",
                ),
                markup=False,
            )

    def on_mount(self) -> None:
        """Fill the list."""
        lines = change_lines(self._changes)
        self._rows.styles.height = min(16, max(1, len(lines)))
        self._rows.set_lines(lines)

    def action_answer(self, do_it: bool) -> None:
        """Close with this answer."""
        _ = self.dismiss(do_it)
