"""Keys and what they do, in groups, as one sheet that is laid out for the width it gets.

Rows are drawn line by line: a table of Rich's takes a tenth of a second for as many, each time it is opened.
"""

from collections.abc import Sequence
from textwrap import wrap

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Size
from textual.strip import Strip

from widgets.paints_rows import PaintsRows
from widgets.row_strip import RowStrip

KeyGroup = tuple[str, Sequence[tuple[str, str]]]
"""A heading, and below it keys with what they do."""
_GAP = "  "
_LEAST_TEXT_CELLS = 16
_BOLD, _HEADING = Style(bold=True), Style(bold=True, underline=True)


class _Line:
    """What stands left and right in one row."""

    __slots__ = ("is_heading", "left", "right")

    def __init__(self, left: str, right: str = "", *, is_heading: bool = False) -> None:
        self.left, self.right, self.is_heading = left, right, is_heading


class KeySheet(PaintsRows):
    """Shows all groups below each other, as high as they are. It does not scroll by itself."""

    DEFAULT_CSS = """
    KeySheet { width: 1fr; height: auto; }
    """

    def __init__(self, groups: Sequence[KeyGroup]) -> None:
        super().__init__()
        self._groups = groups
        self._keys_cells = max((cell_len(keys) for _, rows in groups for keys, _ in rows), default=0)
        self._width = -1
        self._lines: list[_Line] = []

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002 - Textual's signature
        """Return how many rows there are at this width."""
        return len(self._laid_out(width))

    def finished_rows(self, start: int, end: int) -> list[Strip]:
        """Return rows of keys, headings and the gaps between."""
        base, width = self.rich_style, self.size.width
        bold, heading = base + _BOLD, base + _HEADING
        strips: list[Strip] = []
        for line in self._laid_out(width)[start:end]:
            segments = [Segment(line.left, heading if line.is_heading else bold)]
            if line.right:
                gap = self._keys_cells - cell_len(line.left)
                segments.append(Segment(" " * gap + _GAP + line.right, base))
            strips.append(RowStrip.fitted(segments, width, base))
        return strips

    def _laid_out(self, width: int) -> list[_Line]:
        if width != self._width:
            self._width = width
            room = max(_LEAST_TEXT_CELLS, width - self._keys_cells - len(_GAP))
            self._lines = self._rows(room)
        return self._lines

    def _rows(self, room: int) -> list[_Line]:
        lines: list[_Line] = []
        for heading, rows in self._groups:
            if lines:
                lines.append(_Line(""))
            lines.append(_Line(heading, is_heading=True))
            for keys, text in rows:
                first, *rest = wrap(text, room) or [""]
                lines.append(_Line(keys, first))
                lines += [_Line("", part) for part in rest]
        return lines
