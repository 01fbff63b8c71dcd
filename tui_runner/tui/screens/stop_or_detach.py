"""Asks a guest who wants to leave what is meant: stop the run, or only leave it."""

from enum import StrEnum
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import Static

from tui_runner.tui.screens.passing import PassingDialog


class Leaving(StrEnum):
    """What was answered."""

    STOP = "stop"
    DETACH = "detach"
    STAY = "stay"


class StopOrDetach(PassingDialog[Leaving]):
    """Three keys; nothing is chosen by accident, because Enter does nothing."""

    DEFAULT_CSS = """
    StopOrDetach {
        align: center middle;
        Vertical { width: 56; max-width: 100%; height: auto; padding: 1 2; background: $panel; }
        Static { height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "answer('stop')", "Stop", show=False),
        Binding("d", "answer('detach')", "Detach", show=False),
        Binding("escape,c", "answer('stay')", "Cancel", show=False),
    ]

    def compose(self) -> ComposeResult:
        """Show the question."""
        with Vertical():
            yield Static(
                Content.assemble(
                    ("Leave\n\n", "bold"),
                    "This run was started elsewhere.\n\n",
                    ("d  ", "bold"),
                    "detach: leave the screen, the run goes on\n",
                    ("s  ", "bold"),
                    "stop: take everything down, in order\n",
                    ("c  ", "bold"),
                    "cancel: stay here, as Esc does",
                ),
                markup=False,
            )

    def action_answer(self, answer: str) -> None:
        """Close with this answer."""
        _ = self.dismiss(Leaving(answer))
