"""Shows what is wrong with definitions that were to be reloaded; everything goes on as it is behind it."""

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from tui_runner.errors.problem import Problem
from tui_runner.tui.problem_text import ProblemText
from tui_runner.tui.screens.passing import PassingDialog


class DefinitionProblems(PassingDialog[None]):
    """All problems, with their places, in one text that scrolls."""

    DEFAULT_CSS = """
    DefinitionProblems {
        align: center middle;
        #problems { width: 110; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $panel; }
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
            yield ProblemText(
                Content.styled("The definitions cannot be used; nothing was changed\n\n", "bold"),
                self._problems,
                Path(self._root),
                Content.assemble(("Esc", "bold"), " go on"),
            )

    def action_close(self) -> None:
        """Go on."""
        _ = self.dismiss(None)
