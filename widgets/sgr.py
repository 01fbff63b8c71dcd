"""Colours and attributes that escape sequences of the form `ESC [ … m` set. Pure and cached.

Values come from child processes: nothing here may raise or grow without bound, whatever the numbers are.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

from rich.color import Color
from rich.style import Style

Rgb = tuple[int, int, int]
Ink = int | Rgb | None
"""A palette index (0 to 255), a true colour, or None for the default."""


class Sgr(NamedTuple):
    """What is switched on at one point of a line."""

    ink: Ink = None
    paper: Ink = None
    attributes: frozenset[str] = frozenset()
    """Names of boolean options of `rich.style.Style`."""


PLAIN = Sgr()
"""Nothing switched on."""

# Blinking and concealed text are left out on purpose: the one annoys, the other hides.
_ON = {
    1: "bold",
    2: "dim",
    3: "italic",
    4: "underline",
    7: "reverse",
    9: "strike",
    21: "underline2",
    53: "overline",
}
_OFF = {
    22: frozenset({"bold", "dim"}),
    23: frozenset({"italic"}),
    24: frozenset({"underline", "underline2"}),
    27: frozenset({"reverse"}),
    29: frozenset({"strike"}),
    55: frozenset({"overline"}),
}
_EXTENDED_INK = 38
_EXTENDED_PAPER = 48


@lru_cache(4096)
def apply_sgr(state: Sgr, parameters: str) -> Sgr:
    """Return the state after `ESC [ parameters m`. `parameters` holds ASCII digits, `;` and `:` only.

    Understands 16, 256 and true colours, with semicolons and with colons. What it does not know is ignored.
    """
    ink, paper, attributes = state
    codes = _codes(parameters)
    for code in codes:
        if code == 0:
            ink, paper, attributes = PLAIN
        elif code in _ON:
            attributes |= {_ON[code]}
        elif code in _OFF:
            attributes -= _OFF[code]
        elif 30 <= code <= 37:
            ink = code - 30
        elif 90 <= code <= 97:
            ink = code - 82
        elif 40 <= code <= 47:
            paper = code - 40
        elif 100 <= code <= 107:
            paper = code - 92
        elif code == 39:
            ink = None
        elif code == 49:
            paper = None
        elif code == _EXTENDED_INK:
            ink = _extended(codes)
        elif code == _EXTENDED_PAPER:
            paper = _extended(codes)
    return Sgr(ink, paper, attributes)


def _codes(parameters: str) -> Iterator[int]:
    """Yield the numbers, with colon forms (ISO 8613-6: `38:2::r:g:b`, `4:3`) turned into semicolon forms."""
    for parameter in parameters.split(";"):
        if ":" not in parameter:
            yield _number(parameter)
            continue
        head, *rest = (_number(part) for part in parameter.split(":"))
        if head == 4:
            yield 4 if rest[0] else 24
        elif head in (_EXTENDED_INK, _EXTENDED_PAPER) and rest[0] == 2 and len(rest) >= 4:
            # The colour space between 2 and the colour may be there or not, tolerances after it too.
            colour = rest[2:5] if len(rest) >= 5 else rest[1:4]
            yield from (head, 2, *colour)
        elif head in (_EXTENDED_INK, _EXTENDED_PAPER) and rest[0] == 5 and len(rest) >= 2:
            yield from (head, 5, rest[1])


def _extended(codes: Iterator[int]) -> Ink:
    """Take the colour after 38 or 48 from the codes; None when it is cut off or of an unknown kind."""
    kind = next(codes, 0)
    if kind == 5:
        return min(next(codes, 0), 255)
    if kind == 2:
        red, green, blue = (min(next(codes, 0), 255) for _ in range(3))
        return (red, green, blue)
    return None


def _number(digits: str) -> int:
    # More than four digits mean nothing to anybody, and int() refuses thousands of them.
    return int(digits[:4]) if digits else 0


@lru_cache(4096)
def style_of(state: Sgr, link: str, base: Style) -> Style:
    """Return the Rich style for a state over a base style; one object per look, so that links keep their id."""
    on = state.attributes
    style = Style(
        color=_colour(state.ink),
        bgcolor=_colour(state.paper),
        bold="bold" in on or None,
        dim="dim" in on or None,
        italic="italic" in on or None,
        underline="underline" in on or None,
        underline2="underline2" in on or None,
        reverse="reverse" in on or None,
        strike="strike" in on or None,
        overline="overline" in on or None,
    )
    return base + style + Style(link=link) if link else base + style


def _colour(ink: Ink) -> Color | None:
    match ink:
        case None:
            return None
        case int():
            return Color.from_ansi(ink)
        case (red, green, blue):
            return Color.from_rgb(red, green, blue)
