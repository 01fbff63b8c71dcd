"""Screens through which the one below is seen, tinted, and goes on living."""

from collections.abc import Sequence
from typing import Self

from textual import events, on
from textual.geometry import Region
from textual.screen import Screen, ScreenResultType
from textual.strip import Strip

from widgets.backdrop import Backdrop, Tint


class SeeThroughScreen(Screen[ScreenResultType]):
    """Draws what is below anew only where it has changed. Its style sheet has a background that lets it through."""

    _backdrop: Backdrop | None = None
    _below: Sequence[Strip] | None = None
    """What was seen last; None once something has changed."""

    def refresh(self, *regions: Region, repaint: bool = True, layout: bool = False, recompose: bool = False) -> Self:
        """Paint again soon. The screen below asks for it when it has changed."""
        self._below = None
        return super().refresh(*regions, repaint=repaint, layout=layout, recompose=recompose)

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return rows of what is below, exactly as wide as asked for."""
        size, rows = self.size, self._below
        if rows is None or len(rows) != size.height or (rows and rows[0].cell_length != size.width):
            rows = self._below = self._seen()
        strips = list(rows[crop.y : crop.bottom])
        return strips if crop.width == size.width else [strip.crop(crop.x, crop.right) for strip in strips]

    @on(events.ScreenSuspend)
    def _let_go(self) -> None:
        self._backdrop = self._below = None

    def _seen(self) -> Sequence[Strip]:
        stack = self.app.screen_stack
        below = stack[stack.index(self) - 1]
        if isinstance(below, SeeThroughScreen):
            below._below = None  # noqa: SLF001 - what changes below is told to the one on top only, and this is one of us
        if self._backdrop is None:
            self._backdrop = Backdrop()
        # A screen cannot be asked for its rows otherwise, except for all of them at once as one renderable.
        bare = below._compositor.render_strips()  # noqa: SLF001
        tint = Tint(self.styles.background, self.rich_style, tuple(self.get_line_filters()), self.background_colors[1])
        rows = self._backdrop.rows(bare, tint)
        width, height = self.size
        if len(rows) == height and (not rows or rows[0].cell_length == width):
            return rows
        # A new size reaches the screen on top first.
        blank = Strip.blank(width)
        return [row.adjust_cell_length(width) for row in rows[:height]] + [blank] * (height - len(rows))
