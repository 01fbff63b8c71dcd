"""Shows what is wrong with definitions that were to be reloaded; everything goes on as it is behind it."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from tui_runner.errors.problem import Problem
from tui_runner.errors.render import render_problems
from tui_runner.tui.screens.passing import PassingDialog


class DefinitionProblems(PassingDialog[None]):
    """All problems, with their places, in one text that scrolls."""

    DEFAULT_CSS = """
    DefinitionProblems {
        align: center middle;
        #problems { width: 110; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $panel; }
        Static { width: 1fr; height: auto; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,q,enter", "close", "Close", show=False)]

    def __init__(self, problems: Sequence[Problem], root: str) -> None:
        super().__init__()
        self._problems = tuple(problems)
        self._root = root

    def compose(self) -> ComposeResult:
        """Show the headline and the problems."""
        with VerticalScroll(id="problems"):
            yield Static(
                Content.assemble(
                    ("The definitions cannot be used; nothing was changed\n\n", "bold"),
                    render_problems(self._problems, base=Path(self._root)),
                    "\n",
                    ("Esc", "bold"),
                    " go on",
                ),
                markup=False,
            )

    def action_close(self) -> None:
        """Go on."""
        _ = self.dismiss(None)
