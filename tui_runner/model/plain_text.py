"""What of a child's output is text: escape sequences and line ends of all kinds taken out of raw bytes.

Pure and incremental: a sequence may be cut anywhere between two reads. Must not decode; bytes come in and go out.
"""

import re
from typing import Final

_STRING: Final = rb"[\]PX^_][^\x07\x1b\r\n]*"
"""OSC, DCS, SOS, PM, APC without their end. A line end closes them too, else one stray byte would eat everything."""
# Patterns, not compiled ones: `re` keeps those that are used, and most runs print no escape sequence.
_ESCAPE: Final = (
    rb"\x1b(?:"
    rb"\[[0-?]*[ -/]*[@-~]?"  # CSI
    rb"|" + _STRING + rb"(?:\x07|\x1b\\)?"
    rb"|[ -/]+[0-~]?"  # character sets and the like
    rb"|[0-OQ-WYZ\\`-~]"  # two bytes
    rb")?"
)
_OPEN: Final = rb"\x1b(?:\[[0-?]*[ -/]*|" + _STRING + rb"\x1b?|[ -/]*)?\Z"
"""A sequence that the end of the data may have cut."""
_LINE_END: Final = rb"\r+\n?"


class PlainTextReader:
    """Takes raw bytes, returns plain text in which every line end is one newline. Holds back what may continue.

    A carriage return ends a line: each step of a progress bar is a line of its own. Memory is bounded by what is fed.
    """

    __slots__ = ("_held",)

    def __init__(self) -> None:
        self._held = b""

    def feed(self, data: bytes) -> bytes:
        """Return the plain text that is certain now."""
        if self._held:
            data = self._held + data
            self._held = b""
        if b"\x1b" in data:
            data = re.sub(_ESCAPE, b"", self._hold_open_sequence(data))
        if b"\r" in data:
            data = self._end_lines(data)
        return data

    def _hold_open_sequence(self, data: bytes) -> bytes:
        last = data.rfind(b"\x1b")
        # The last escape may be the first half of the string terminator of the sequence before it.
        for start in (data.rfind(b"\x1b", 0, last), last):
            if start >= 0 and re.match(_OPEN, data[start:]):
                self._held = _shortest_equivalent(data[start:])
                return data[:start]
        return data

    def _end_lines(self, data: bytes) -> bytes:
        stripped = data.rstrip(b"\r")
        if len(stripped) < len(data):
            self._held = b"\r" + self._held
        # The usual pair first: replacing is five times as fast as the pattern that covers everything.
        data = stripped.replace(b"\r\n", b"\n")
        return re.sub(_LINE_END, b"\n", data) if b"\r" in data else data


def plain_text(data: bytes) -> bytes:
    """Return the plain text of a whole piece of output; a sequence cut at its end is dropped."""
    return PlainTextReader().feed(data)


def _shortest_equivalent(opened: bytes) -> bytes:
    """Return the least that continues like this open sequence: a hostile one must not grow without bound."""
    if len(opened) <= 3:
        return opened
    introducer = opened[:2]
    if introducer == b"\x1b[":
        return introducer + opened[-1:]
    if introducer[1] in b" !\"#$%&'()*+,-./":
        return introducer
    return introducer + (b"\x1b" if opened.endswith(b"\x1b") else b"")
