"""Signs of the screen in ASCII, for terminals and fonts that have no others. Applied to lines on their way out.

Widgets choose letters that mean something where they can; this is for all the rest: borders, dots, quotation marks. Signs
that tasks print go the same way; their letters stay.
"""

from collections.abc import Mapping
from typing import Final

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

_BOXES: Final = range(0x2500, 0x2580)
_BLOCKS: Final = range(0x2580, 0x25A0)
_BRAILLE: Final = range(0x2800, 0x2900)
_HORIZONTAL: Final = "─━┄┅┈┉╌╍═╴╶╸╺╼╾"
_VERTICAL: Final = "│┃┆┇┊┋╎╏║╵╷╹╻╽╿"
_SIGNS: Final = {
    "…": "~",
    "·": "-",
    "•": "*",
    "\u2013": "-",
    "\u2014": "-",
    "\u201c": '"',
    "\u201d": '"',
    "\u2018": "'",
    "\u2019": "'",
    "\u00d7": "x",
    "≡": "=",
    "↑": "^",
    "↓": "v",
    "←": "<",
    "→": ">",
    "↻": "@",
    "✓": "+",
    "✗": "x",
    "⊘": "-",
    "●": "*",
    "○": "o",
    "◌": ".",
    "◐": "o",
    "◆": "*",
    "▶": ">",
    "▸": ">",
    "▼": "v",
    "▲": "^",
    "■": "#",
    "⭘": "o",
    "🔎": "/ ",
}
"""As many cells each as what they stand for."""


def _table() -> dict[int, str]:
    table = {**dict.fromkeys(_BOXES, "+"), **dict.fromkeys(_BLOCKS, " "), **dict.fromkeys(_BRAILLE, "*")}
    table |= dict.fromkeys(map(ord, _HORIZONTAL), "-") | dict.fromkeys(map(ord, _VERTICAL), "|")
    return table | {ord(sign): plain for sign, plain in _SIGNS.items()}


class AsciiSigns(LineFilter):
    """Puts ASCII in the place of signs."""

    def __init__(self) -> None:
        super().__init__()
        self._table = _table()

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        """Return the segments with other signs; their cells stay where they are."""
        del background
        return [
            Segment(text if text.isascii() else text.translate(self._table), style, control)
            for text, style, control in segments
        ]


def speaks_unicode(environ: Mapping[str, str], encoding: str) -> bool:
    """Tell whether the terminal can be expected to know more than ASCII.

    Python turns the locale `C` into `C.UTF-8` for itself, in the environment too: that says nothing of the terminal.
    Without any locale, as in containers, terminals do.
    """
    if "utf" not in encoding.lower():
        return False
    language = environ.get("LANG", "")
    coerced = environ.get("LC_CTYPE") == "C.UTF-8" and language in {"C", "POSIX"}
    named = environ.get("LC_ALL") or ("" if coerced else environ.get("LC_CTYPE")) or language
    return not named or "utf" in named.lower()
