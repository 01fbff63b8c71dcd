"""NO_COLOR: what colours would say is said by reversed, underlined, bold and dim text."""

from collections.abc import Sequence
from typing import Final

from rich.color import Color as RichColor
from rich.segment import Segment
from rich.style import Style
from textual.color import Color
from textual.filter import LineFilter

_MOST_STYLES: Final = 4096
_NO_GROUNDS: Final = frozenset({0})
"""Numbers of colours that are as good as none: black, below scrollbars."""
_QUIET_GROUNDS: Final = frozenset({8})
"""Numbers of colours that mark softly, such as other rows of the same task."""


class Colorless(LineFilter):
    """Takes all colours out of a line; text on a ground of its own is reversed, softly marked text underlined."""

    def __init__(self) -> None:
        super().__init__()
        self._known: dict[Style, Style] = {}

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments without colours."""
        del background
        return [
            Segment(text, None if style is None else self._plain(style), control) for text, style, control in segments
        ]

    def _plain(self, style: Style) -> Style:
        known = self._known.get(style)
        if known is None:
            if len(self._known) >= _MOST_STYLES:  # tasks may print in millions of colours
                self._known.clear()
            known = self._known[style] = _without_colors(style)
        return known


def _without_colors(style: Style) -> Style:
    ground = style.bgcolor
    marked = _is_ground(ground)
    softly = ground is not None and ground.number in _QUIET_GROUNDS
    return Style(
        bold=style.bold,
        dim=style.dim and not marked,
        italic=style.italic,
        underline=style.underline or (marked and softly) or None,
        strike=style.strike,
        reverse=bool(style.reverse) != (marked and not softly),
        link=style.link,
        meta=style.meta,
    )


def _is_ground(color: RichColor | None) -> bool:
    return color is not None and not color.is_default and color.number not in _NO_GROUNDS


def without_monochrome(filters: Sequence[LineFilter]) -> Sequence[LineFilter]:
    """Return the filters without those that Textual adds for an empty NO_COLOR, which asks for nothing."""
    from textual.filter import Monochrome, NoColor  # noqa: PLC0415 - for hardly anybody

    return [one for one in filters if not isinstance(one, Monochrome | NoColor)]
