"""Asks which signal a task is to get."""

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
from widgets.list_line import Accent, ListLine, Piece
from widgets.row_list import RowList

SIGNALS = (
    ("SIGHUP", "reload, or hang up"),
    ("SIGINT", "as by Ctrl-C"),
    ("SIGTERM", "please end"),
    ("SIGQUIT", "end with a dump: stacks, core"),
    ("SIGUSR1", "what the program makes of it"),
    ("SIGUSR2", "what the program makes of it"),
    ("SIGSTOP", "freeze"),
    ("SIGCONT", "go on after a freeze"),
    ("SIGKILL", "end at once; nothing is tidied up"),
)
"""Names and what they usually mean, the gentle ones first."""


class ChooseSignal(PassingDialog[str]):
    """A list to choose from; Escape sends nothing."""

    DEFAULT_CSS = """
    ChooseSignal {
        align: center middle;
        Vertical { width: 56; max-width: 100%; height: auto; padding: 1 2; background: $panel; }
        Static { height: auto; }
        RowList { height: 9; margin: 1 0; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q", "cancel", "Cancel", show=False)]
    AUTO_FOCUS = "RowList"

    def __init__(self, task: TaskId) -> None:
        super().__init__()
        self._about = task
        self._rows = RowList()

    def compose(self) -> ComposeResult:
        """Show the list."""
        with Vertical():
            yield Static(
                Content.assemble(("Send a signal to ", "bold"), (safe_text(self._about), "bold")), markup=False
            )
            yield self._rows
            yield Static(Content("Enter sends it to the process group, Esc nothing"), markup=False)

    def on_mount(self) -> None:
        """Fill the list."""
        self._rows.set_lines(
            [ListLine((Piece(f"{name:<9}"), Piece(words, Accent.MUTED)), ident=name) for name, words in SIGNALS]
        )

    @on(RowList.Chosen)
    def _chosen(self, event: RowList.Chosen) -> None:
        event.stop()
        _ = self.dismiss(event.line.ident)

    def action_cancel(self) -> None:
        """Send nothing."""
        _ = self.dismiss("")
