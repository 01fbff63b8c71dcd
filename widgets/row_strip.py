"""A finished row of the screen that is gone as soon as nobody refers to it.

Textual remembers how a strip was divided, also when it was not: such a strip refers to itself, with the sixty objects it is
made of. Every line that ever was on the screen then waits for the garbage collector, and holds keys up for that long.
"""

from collections.abc import Iterable, Sequence
from typing import Self

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.strip import Strip


class RowStrip(Strip):
    """A strip for `render_lines`: what Textual makes of it are strips again."""

    __slots__ = ()

    @classmethod
    def fitted(cls, segments: Iterable[Segment], width: int, style: Style | None = None) -> Self:
        """Return a row exactly so wide; what is missing is blank."""
        return cls(Strip(segments).adjust_cell_length(width, style), width)

    def divide(self, cuts: Iterable[int]) -> Sequence[Strip]:
        """Return the pieces up to each of these cells (called by Textual)."""
        inside = [cut for cut in cuts if cut <= self.cell_length]
        return [self] if inside == [self.cell_length] else super().divide(inside)

    def apply_filter(self, filter: LineFilter, background: Color) -> Self:  # noqa: A002 - Textual's name
        """Return the row with other colours, as a row of this kind."""
        return type(self)(filter.apply(list(self), background), self.cell_length)
