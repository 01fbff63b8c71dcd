"""What stands in front of lines: marks, times, names of tasks. Pure."""

from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len, set_cell_size
from rich.segment import Segment
from rich.style import Style

from widgets.ansi import safe_text
from widgets.line_origin import source_of
from widgets.stamp import StampMode, stamp

_MOST_NAME = 18
_LEAST_TEXT = 20
"""So many cells are left to the text of lines at least: else there is no gutter."""


class GutterLook(NamedTuple):
    """What is shown in front of lines. Compared by value."""

    stamps: StampMode = StampMode.NONE
    since: float = 0.0
    """What relative times count from, in seconds since the epoch."""
    names: tuple[str, ...] = ()
    """Of the sources; empty when there is one only."""
    marks: bool = False
    """A line may be marked."""
    muted: Style = Style.null()
    mark: Style = Style.null()
    name_styles: tuple[Style, ...] = (Style.null(),)
    mark_sign: str = "▸"

    def cells(self, room: int) -> int:
        """Return how wide it is in a pane of so many cells; 0 when there is no room or nothing to show."""
        wide = 2 if self.marks else 0
        if self.stamps is not StampMode.NONE:
            wide += self.stamps.cells + 1
        if self.names:
            wide += _name_cells(self.names) + 1
        return wide if room - wide >= _LEAST_TEXT else 0

    def segments(self, time: float, before: float, origin: int, *, marked: bool) -> list[Segment]:
        """Return the gutter of a line that came at `time`, the line before it at `before`."""
        segments: list[Segment] = []
        if self.marks:
            segments.append(Segment(f"{self.mark_sign} " if marked else "  ", self.mark))
        if self.stamps is not StampMode.NONE:
            since = before if self.stamps is StampMode.DELTA else self.since
            segments.append(Segment(stamp(self.stamps, time, since) + " ", self.muted))
        if self.names:
            source = min(source_of(origin), len(self.names) - 1)
            style = self.name_styles[source % len(self.name_styles)]
            segments.append(Segment(set_cell_size(safe_text(self.names[source]), _name_cells(self.names)) + " ", style))
        return segments


@lru_cache(8)
def _name_cells(names: tuple[str, ...]) -> int:
    return min(_MOST_NAME, max(cell_len(safe_text(name)) for name in names))
