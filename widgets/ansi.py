"""One raw line of a child process as runs of styled text that are safe to show.

No terminal emulation: colours, hyperlinks, tabs, carriage returns, backspaces and erasures within the line are understood.
Everything else that could move the cursor, change the terminal or reorder text is dropped. Input is hostile; nothing
here raises, and no control character comes out.
"""

import re
from functools import lru_cache
from typing import NamedTuple

from rich.cells import cell_len
from rich.segment import Segment
from rich.style import Style

from widgets.overwrite import TAB, Motion, Overwrite, Run
from widgets.sgr import PLAIN, Sgr, apply_sgr, style_of

SHOWN_BYTES = 8192
"""Most bytes of one line that are parsed for the screen; a minified file must not stall a frame."""
_LINK_SCHEMES = ("http://", "https://", "file://", "mailto:")
_LINK_LENGTH = 2048

# Invisible characters: C0 and C1 controls, line separators, zero-width and bidirectional formatting, variation selectors and
# joiners (terminals disagree about the width of what they join), tags, interlinear annotation.
_INVISIBLE = (
    "\x00-\x08\x0a-\x1f\x7f-\x9f\u00ad\u061c\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb"
    "\U000e0000-\U000e0fff"
)
_TOKEN = re.compile(
    r"\x1b\[(?P<sgr>[0-9;:]{0,256})m"
    r"|\x1b\]8;[^;\x07\x1b\x9c]*;(?P<link>[^\x07\x1b\x9c]*)(?:\x07|\x1b\\|\x9c)"
    r"|(?:\x1b\[|\x9b)(?P<motion>[012]?K|[01]?G)"
    r"|(?:\x1b[\]PX^_]|[\x90\x98\x9d-\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # titles, device control strings …
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]"
    r"|(?:\x1b\[|\x9b)[0-?]*[ -/]*$"  # cut off at the end of what was printed so far
    r"|\x1b[ -/]*[0-~]"
    rf"|(?P<return>\r)|(?P<back>\x08)|[{_INVISIBLE}]"
)
_MOTIONS = {
    "K": Motion.ERASE_RIGHT,
    "0K": Motion.ERASE_RIGHT,
    "1K": Motion.ERASE_LEFT,
    "2K": Motion.ERASE_ALL,
    "G": Motion.RETURN,
    "0G": Motion.RETURN,
    "1G": Motion.RETURN,
}
_ESCAPES_IN_BYTES = re.compile(
    rb"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]|[\x00\x07\x08\x0e-\x1b\x7f]"
)
_COLOURS_OR_CONTROLS = (
    rb"(\x1b\[[0-9;:]{0,256}m)|\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\n]*(?:\x07|\x1b\\)?|\x1b[ -/]*[0-~]"
    rb"|[\x00-\x08\x0b-\x1f\x7f]|\xc2[\x80-\x9f]"
)
_SGR_IN_BYTES = re.compile(rb"\x1b\[([0-9;:]{0,256})m")


class ParsedLine(NamedTuple):
    """A line as it is shown."""

    runs: list[Run]
    plain: str
    """The text of the runs joined; what is searched, selected and copied."""

    @property
    def cells(self) -> int:
        """Width in cells."""
        return len(self.plain) if self.plain.isascii() else cell_len(self.plain)

    def segments(self, base: Style) -> list[Segment]:
        """Return Rich segments over a base style."""
        return [Segment(text, style_of(sgr, link, base)) for text, sgr, link in self.runs]


def parse_line(raw: bytes, state: Sgr = PLAIN, limit: int = SHOWN_BYTES) -> ParsedLine:
    """Return a line (without its newline) as runs of safe text, beginning with the colours of `state`.

    At most `limit` bytes are looked at: the last ones of a line that redraws itself, else the first ones.
    """
    if raw.endswith(b"\r"):
        raw = raw[:-1]
    if len(raw) > limit:
        raw = raw[-limit:] if b"\r" in raw[-limit:] else raw[:limit]
    line = raw.decode("utf-8", "replace")
    if line.isascii() and line.isprintable():
        return ParsedLine([Run(line, state, "")] if line else [], line)
    parts, moves = _parts(line, state)
    runs = Overwrite().replay(parts) if moves else [part for part in parts if isinstance(part, Run)]
    if "\t" in line and not moves:
        runs = _expanded(runs)
    return ParsedLine(runs, "".join([run.text for run in runs]))


@lru_cache(1024)
def safe_text(text: str) -> str:
    """Return text that somebody else wrote (names, commands, messages) as one line that is safe to show."""
    return parse_line(" ".join(text.splitlines()).encode("utf-8", "replace")).plain


def sgr_after(raw: bytes, state: Sgr) -> Sgr:
    """Return the colours that are switched on at the end of one or more raw lines."""
    for match in _SGR_IN_BYTES.finditer(raw):
        state = apply_sgr(state, match[1].decode("ascii"))
    return state


def without_escapes(data: bytes) -> bytes:
    """Return bytes of many lines as they are searched: no escape sequences, no CR before LF.

    Newlines stay where they are, so that lines keep their count and order. Costs nothing when there is nothing to drop.
    """
    if b"\x1b" in data:
        data = _ESCAPES_IN_BYTES.sub(b"", data)
    # One byte is looked for twenty times faster than two.
    return data.replace(b"\r\n", b"\n") if b"\r" in data else data


def with_colours_only(data: bytes) -> bytes:
    """Return bytes of lines for a program that shows colours: every other escape sequence and control is dropped."""
    # Compiled on first use, and kept by `re`: few need it.
    return re.sub(_COLOURS_OR_CONTROLS, rb"\1", data)


def _parts(line: str, state: Sgr) -> tuple[list[Run | Motion], bool]:
    """Cut a line at its escape sequences; also tells whether anything moves within the line."""
    parts: list[Run | Motion] = []
    position = 0
    link = ""
    moves = False
    for match in _TOKEN.finditer(line):
        start = match.start()
        if start > position:
            parts.append(Run(line[position:start], state, link))
        position = match.end()
        match match.lastgroup:
            case "sgr":
                state = apply_sgr(state, match["sgr"])
            case "link":
                link = _safe_link(match["link"])
            case "motion":
                moves = True
                parts.append(_MOTIONS[match["motion"]])
            case "return":
                moves = True
                parts.append(Motion.RETURN)
            case "back":
                moves = True
                parts.append(Motion.BACK)
            case _:
                pass
    if position < len(line):
        parts.append(Run(line[position:], state, link))
    return parts, moves


def _safe_link(url: str) -> str:
    """Return the address if it is one of a kind that is safe to open by a click, else nothing."""
    fine = len(url) <= _LINK_LENGTH and url.isascii() and url.isprintable() and url.lower().startswith(_LINK_SCHEMES)
    return url if fine else ""


def _expanded(runs: list[Run]) -> list[Run]:
    """Replace tabs by spaces up to the next tab stop, counted in cells from the start of the line."""
    expanded: list[Run] = []
    column = 0
    for text, sgr, link in runs:
        pieces: list[str] = []
        for index, piece in enumerate(text.split("\t")):
            if index:
                gap = TAB - column % TAB
                pieces.append(" " * gap)
                column += gap
            pieces.append(piece)
            column += cell_len(piece)
        expanded.append(Run("".join(pieces), sgr, link))
    return expanded
