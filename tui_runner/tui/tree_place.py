"""Where the tree is and how large: beside the logs or above them, as settings, a person and the terminal want it. Pure."""

from typing import Final

import msgspec
from textual.geometry import Size, clamp

from tui_runner.tui.settings.settings import (
    LEAST_TREE_HEIGHT,
    LEAST_TREE_WIDTH,
    MOST_TREE_HEIGHT,
    MOST_TREE_WIDTH,
    Arrangement,
    ScreenSettings,
    Side,
)

_LEAST_LOG_WIDTH: Final = 24
_LEAST_LOG_HEIGHT: Final = 4
_NARROW: Final = 72
"""Below this width tree and log do not fit beside each other."""
_PORTRAIT: Final = 110
"""Below this width a terminal that is higher than wide has the tree above: logs need the width more."""
_CELL_SHAPE: Final = 2
"""A cell is about so many times as high as wide."""
_SUITS: Final = (34, 60)
"""Between these widths the tree takes a fifth of the terminal, unless somebody has said otherwise."""
STEP: Final = 4
"""Cells that a key makes it wider or narrower by; above the logs half as many rows."""


class TreePlace(msgspec.Struct, frozen=True, kw_only=True):
    """What is wanted of it; how it is follows from the size of the terminal."""

    layout: Arrangement = Arrangement.AUTO
    side: Side = Side.LEFT
    width: int | None = None
    """Cells, when it is beside the logs; None: as suits."""
    height: int | None = None
    """Rows, when it is above the logs; None: as suits."""

    def above(self, size: Size) -> bool:
        """Tell whether it is above the logs of a terminal of this size."""
        match self.layout:
            case Arrangement.BESIDE:
                return False
            case Arrangement.ABOVE:
                return True
            case Arrangement.AUTO:
                portrait = size.width < _PORTRAIT and size.height * _CELL_SHAPE > size.width
                return size.width < _NARROW or portrait

    def extent(self, size: Size) -> int:
        """Return how many cells it is wide, or how many rows high when it is above; the logs keep some room."""
        if self.above(size):
            wanted = min(_TREE_ROWS, size.height // 3) if self.height is None else self.height
            return clamp(wanted, LEAST_TREE_HEIGHT, max(LEAST_TREE_HEIGHT, size.height - _LEAST_LOG_HEIGHT))
        wanted = clamp(size.width // 5, *_SUITS) if self.width is None else self.width
        return clamp(wanted, LEAST_TREE_WIDTH, max(LEAST_TREE_WIDTH, size.width - _LEAST_LOG_WIDTH))

    def with_extent(self, extent: int, size: Size) -> "TreePlace":
        """Return the same with so many cells or rows, as far as there is room."""
        if self.above(size):
            wanted = msgspec.structs.replace(self, height=clamp(extent, LEAST_TREE_HEIGHT, MOST_TREE_HEIGHT))
            return msgspec.structs.replace(wanted, height=wanted.extent(size))
        wanted = msgspec.structs.replace(self, width=clamp(extent, LEAST_TREE_WIDTH, MOST_TREE_WIDTH))
        return msgspec.structs.replace(wanted, width=wanted.extent(size))

    def turned(self, size: Size) -> "TreePlace":
        """Return the same above instead of beside, or the other way round."""
        return msgspec.structs.replace(self, layout=Arrangement.BESIDE if self.above(size) else Arrangement.ABOVE)


_TREE_ROWS: Final = 8
"""Of a tree above the logs, unless somebody has said otherwise."""


def place_of(settings: ScreenSettings) -> TreePlace:
    """Return what a user wants of the tree."""
    return TreePlace(
        layout=settings.layout,
        side=settings.tree_side,
        width=None if settings.tree_width == "auto" else settings.tree_width,
        height=None if settings.tree_height == "auto" else settings.tree_height,
    )
