"""Shows what is wrong with the settings; the run goes on behind it with all that is right."""

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content

from tui_runner.errors.render import printable
from tui_runner.tui.problem_text import ProblemText
from tui_runner.tui.screens.passing import PassingDialog
from tui_runner.tui.settings.reading import Reading


class SettingsProblems(PassingDialog[bool]):
    """All problems in one text that scrolls. Answers whether the file shall be opened."""

    DEFAULT_CSS = """
    SettingsProblems {
        align: center middle;
        #problems { width: 100; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $panel; }
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,q,enter", "answer(False)", "Close", show=False),
        Binding("comma,e", "answer(True)", "Edit", show=False),
    ]

    def __init__(self, reading: Reading) -> None:
        super().__init__()
        self._reading = reading

    def compose(self) -> ComposeResult:
        """Show the headline, the problems, and the keys."""
        with VerticalScroll(id="problems"):
            yield ProblemText(self._headline(), self._reading.problems, self._reading.path.parent, self._keys())

    def _headline(self) -> Content:
        count = len(self._reading.problems)
        headline = "One thing is wrong in the settings" if count == 1 else f"{count} things are wrong in the settings"
        return Content.assemble(
            (f"{headline}\n", "bold"),
            (f"{printable(_short(self._reading.path))}; everything else in it applies\n\n", "$text-muted"),
        )

    def _keys(self) -> Content:
        return Content.assemble(("e  ", "bold"), "open the file in the editor    ", ("Esc", "bold"), " go on")

    def action_answer(self, edit: bool) -> None:
        """Close with this answer."""
        _ = self.dismiss(edit)


def _short(path: Path) -> str:
    try:
        return f"~/{path.relative_to(Path.home())}"
    except (ValueError, RuntimeError):
        return str(path)
