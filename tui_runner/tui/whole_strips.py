"""Textual's own strips, too, are gone as soon as nobody refers to them.

What `widgets.row_strip` is for the rows of our widgets, this is for scroll bars, borders, boxes to type into and the palette,
which Textual makes of plain strips: half of what the garbage collector found. Changes Textual in this process, therefore
only the entry of one may ask for it.
"""

from collections.abc import Iterable, Sequence
from typing import Final

from textual.strip import Strip

_DIVIDE: Final = Strip.divide


def mend_strips() -> None:
    """Let strips that are shown whole not refer to themselves any more."""
    Strip.divide = _divide  # type: ignore[assignment, method-assign]  # there is no other way into widgets of Textual


def _divide(strip: Strip, cuts: Iterable[int]) -> Sequence[Strip]:
    inside = [cut for cut in cuts if cut <= strip.cell_length]
    return [strip] if inside == [strip.cell_length] else _DIVIDE(strip, inside)
