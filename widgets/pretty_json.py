"""Lines that are JSON, laid out over several rows for people. Pure; the text comes from children and is made safe."""

import re

import msgspec

from widgets.ansi import SHOWN_BYTES, ParsedLine, parse_line, without_escapes
from widgets.overwrite import Run
from widgets.segments import Span
from widgets.sgr import PLAIN

_KEY = re.compile(r'^ *("(?:[^"\\\n]|\\.)*"):', re.MULTILINE)


def pretty(raw: bytes) -> ParsedLine | None:
    """Return a line that is a JSON object or list with one member per row, rows joined by newlines; None for any other.

    Lines too long to be shown whole are left as they are.
    """
    text = without_escapes(raw).strip()
    if len(text) < 2 or len(text) > SHOWN_BYTES or text[:1] not in b"{[" or text[-1:] not in b"}]":
        return None
    try:
        rows = msgspec.json.format(text, indent=2).split(b"\n")
    except (msgspec.DecodeError, RecursionError):
        return None
    plain = "\n".join([parse_line(row).plain for row in rows])
    return ParsedLine([Run(plain, PLAIN, "")], plain)


def key_spans(plain: str) -> list[Span]:
    """Return where the keys are in what `pretty` made."""
    return [match.span(1) for match in _KEY.finditer(plain)]
