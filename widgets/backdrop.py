"""What shines through behind a dialog: the rows of the screen below, tinted.

Textual tints every piece of every row anew, by mixing colours, whenever anything moves below: the longest turns of the event
loop. Here each style is mixed once, and rows that are as they were stay as they are. Knows nothing of screens.
"""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter
from textual.renderables.background_screen import BackgroundScreen
from textual.strip import Strip

from widgets.row_strip import RowStrip

_STYLES = 1024
"""A screen has a few dozens; random output of a task with colours has more."""


class Tint(NamedTuple):
    """How rows are tinted. Another one begins anew."""

    color: Color
    """With transparency; what is wholly transparent only takes links and the like away."""
    base: Style
    """What is not said otherwise by a row."""
    filters: tuple[LineFilter, ...] = ()
    background: Color = Color(0, 0, 0)
    """What the filters take for the background."""


class Backdrop:
    """Tints the rows of one screen."""

    def __init__(self) -> None:
        self._tint: Tint | None = None
        self._styles: dict[Style | None, Style | None] = {}
        self._bare: list[list[Segment]] = []
        self._rows: list[Strip] = []

    def rows(self, bare: Iterable[Strip], tint: Tint) -> Sequence[Strip]:
        """Return the rows tinted, in the same order."""
        if tint != self._tint:
            self._tint = tint
            self._styles.clear()
            self._bare = []
        known, old = self._bare, self._rows
        fresh = [list(strip) for strip in bare]
        self._rows = [
            old[y] if y < len(known) and known[y] == segments else self._tinted(segments, tint)
            for y, segments in enumerate(fresh)
        ]
        self._bare = fresh
        return self._rows

    def _tinted(self, segments: Sequence[Segment], tint: Tint) -> Strip:
        row: Strip = RowStrip(
            [
                segment if segment.control else Segment(segment.text, self._style(segment.style, tint))
                for segment in segments
            ]
        )
        for line_filter in tint.filters:
            row = row.apply_filter(line_filter, tint.background)
        return row

    def _style(self, style: Style | None, tint: Tint) -> Style | None:
        if style not in self._styles:
            if len(self._styles) >= _STYLES:
                self._styles.clear()
            (piece,) = BackgroundScreen.process_segments([Segment(" ", style)], tint.color)
            self._styles[style] = tint.base + piece.style
        return self._styles[style]
