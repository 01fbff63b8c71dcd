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
from textual.widget import Widget

KeyGroup = tuple[str, Sequence[tuple[str, str]]]
"""A heading, and below it keys with what they do."""
_GAP = "  "
_LEAST_TEXT_CELLS = 16
_BOLD, _HEADING = Style(bold=True), Style(bold=True, underline=True)


class _Line:
    """What stands left and right in one row."""

    __slots__ = ("left", "left_style", "right")

    def __init__(self, left: str, left_style: Style, right: str = "") -> None:
        self.left, self.left_style, self.right = left, left_style, right


class KeySheet(Widget):
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

    def render_line(self, y: int) -> Strip:
        """Return one finished row."""
        base, width = self.rich_style, self.size.width
        lines = self._laid_out(width)
        if y >= len(lines):
            return Strip.blank(width, base)
        line = lines[y]
        segments = [Segment(line.left, base + line.left_style)]
        if line.right:
            gap = self._keys_cells - cell_len(line.left)
            segments.append(Segment(" " * gap + _GAP + line.right, base))
        return Strip(segments).adjust_cell_length(width, base)

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
                lines.append(_Line("", _BOLD))
            lines.append(_Line(heading, _HEADING))
            for keys, text in rows:
                first, *rest = wrap(text, room) or [""]
                lines.append(_Line(keys, _BOLD, first))
                lines += [_Line("", _BOLD, part) for part in rest]
        return lines
