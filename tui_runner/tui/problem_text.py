"""Problems in a dialog: their text as wide as there is room, with what is said above and below."""

from collections.abc import Sequence
from pathlib import Path

from textual.content import Content
from textual.geometry import Size
from textual.widgets import Static

from tui_runner.errors.problem import Problem
from tui_runner.errors.render import render_problems


class ProblemText(Static):
    """Lays the problems out for the width it gets: quoted lines of source are cut there, never wrapped."""

    DEFAULT_CSS = """
    ProblemText { width: 1fr; height: auto; }
    """

    def __init__(self, above: Content, problems: Sequence[Problem], base: Path, below: Content) -> None:
        """`base` shortens the paths of what is below it."""
        super().__init__(markup=False)
        self._above, self._below = above, below
        self._problems = tuple(problems)
        self._base = base
        self._width = -1

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:
        """Return how many rows there are at this width, and show those."""
        if width != self._width:
            self._width = width
            problems = render_problems(self._problems, base=self._base, width=width)
            self.update(Content.assemble(self._above, problems, "\n", self._below), layout=False)
        return super().get_content_height(container, viewport, width)
