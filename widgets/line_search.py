"""Finds the lines of a block that match a query, at the speed of C. Pure.

Text is searched as a person sees it: without escape sequences, line by line. Literal ASCII text is searched in bytes;
patterns, and what needs Unicode rules, in decoded text.
"""

from array import array
from bisect import bisect_right
from re import MULTILINE, Pattern, finditer, split
from re import compile as compile_pattern

from widgets.ansi import without_escapes
from widgets.line_block import LineBlock
from widgets.query import Query
from widgets.required_text import required_text

_DENSE = 3
"""More than one hit per this many lines: one split is faster than many finds."""
_COLOURS = 32
"""Most colour sequences that are remembered."""
_OFTEN = b"etaoinsrhldcumfpgwybvkxjqz"
"""Letters, those that English text has most often first."""
_COLOUR = compile_pattern(rb"\x1b\[[0-9;:]*m")
_ESCAPE = b"\x1b"
_GONE = b"\x07"
"""Stands where a colour was, so that what was around it does not become another sequence: a bell is part of none but ends some."""
_CONTROLS = tuple(bytes([code]) for code in (0x00, 0x07, 0x08, *range(0x0E, 0x1B), 0x7F))
_SEES_NEIGHBOURS = ("\\A", "\\Z", "\\z", "(?!", "(?<!", "(?>", "(?-", "++", "*+", "?+", "}+")
"""Signs of patterns that can match a line alone and not the same line between others."""


class LineSearch:
    """A query made ready to search many blocks."""

    def __init__(self, query: Query) -> None:
        self.query = query
        self._fold = query.ignore_case
        self._needle = _needle(query)
        self._pattern = query.pattern()
        self._caseless = _caseless_part(self._needle or b"")
        self._rare = _rarest_letter(self._needle or b"")
        self._required = _required(query)
        self._colours: list[bytes] = []
        self._across = _across_lines(query)

    def matches(self, line: bytes) -> bool:
        """Tell whether one line (without its newline) matches."""
        line = without_escapes(line).removesuffix(b"\r")
        if self._needle is not None:
            return self._needle in (line.lower() if self._fold else line)
        return self._pattern.search(line.decode("utf-8", "replace")) is not None

    def in_block(self, block: LineBlock) -> list[int]:
        """Return the absolute numbers of the matching lines of a block, in order."""
        raw = bytes(block.data)
        data = self._without_escapes(raw)
        if self._needle is None:
            if not _holds(data, self._required):
                return []
            return _pattern_hits(self._pattern, self._across, data, block.first)
        own_index = data is raw
        if self._fold:
            if not _holds(data, self._caseless) or not any(letter in data for letter in self._rare):
                return []
            data = data.lower()
        return _literal_hits(self._needle, data, block, own_index=own_index)

    def _without_escapes(self, data: bytes) -> bytes:
        """Do the same as `without_escapes` for a block.

        A log uses the same few colours again and again: replacing each known one is faster than looking for all by a pattern.
        """
        if _ESCAPE not in data:
            return without_escapes(data)
        if any(control in data for control in _CONTROLS):
            # They are dropped from lines that hold an escape sequence, and from no others.
            return without_escapes(b"\n".join([without_escapes(line) for line in data.split(b"\n")]))
        for colour in self._colours:
            data = data.replace(colour, _GONE)
        if _ESCAPE not in data:
            return without_escapes(data.replace(_GONE, b""))
        if len(self._colours) < _COLOURS:
            self._colours = [*self._colours, *set(_COLOUR.findall(data)).difference(self._colours)][:_COLOURS]
        return without_escapes(data)


def _needle(query: Query) -> bytes | None:
    """Return the bytes to look for when looking for bytes is enough, else None."""
    if query.regex or (query.ignore_case and not query.text.isascii()):
        return None
    # Lowering bytes and comparing is ten times faster than a pattern that ignores case.
    return (query.text.lower() if query.ignore_case else query.text).encode("utf-8", "replace")


def _required(query: Query) -> bytes:
    """Return bytes without which no line can match."""
    return required_text(query.text, ignore_case=query.ignore_case).encode() if query.regex else b""


def _caseless_part(needle: bytes) -> bytes:
    """Return the longest part without letters: where it is missing, nothing has to be lowered to see that nothing matches."""
    return max(split(rb"[A-Za-z]+", needle), key=len)


def _rarest_letter(needle: bytes) -> tuple[bytes, ...]:
    """Return the letter that logs have least often, in both cases: a single byte is looked for ten times faster than two.

    Empty bytes, which everything holds, when there is no letter.
    """
    letter = max(needle.lower(), key=_OFTEN.find, default=0)
    return (bytes([letter]), bytes([letter]).upper()) if letter in _OFTEN else (b"",)


def _holds(data: bytes, part: bytes) -> bool:
    """Tell whether a part is there, for short parts in half the time of `in`.

    For so many bytes CPython looks forwards by the two-way algorithm, which never takes long; backwards by that of Horspool
    with a filter for what can be skipped (Objects/stringlib/fastsearch.h). In logs it skips a lot.
    """
    return data.rfind(part) >= 0


def _literal_hits(needle: bytes, data: bytes, block: LineBlock, *, own_index: bool) -> list[int]:
    """Return the lines that hold the needle; `own_index` tells that the index of the block fits the data."""
    if not _holds(data, needle):
        return []
    expected = data.count(needle)
    if expected * _DENSE > block.count:
        return [block.first + index for index, line in enumerate(data.split(b"\n")) if needle in line]
    # The index is built only now: for most blocks it is never needed.
    starts = block.starts if own_index else _starts([match.end() for match in finditer(b"\n", data)])
    hits: list[int] = []
    index = 0
    position = data.find(needle)
    while position != -1:
        index = bisect_right(starts, position, index)
        hits.append(block.first + index - 1)
        position = data.find(needle, starts[index])
    return hits


def _pattern_hits(alone: Pattern[str], across: Pattern[str] | None, data: bytes, first: int) -> list[int]:
    """Return the lines that a pattern matches, each as if it stood alone.

    `across` finds, in the text of many lines, at least everything that `alone` finds in one of them, and often at once that
    there is nothing. None when there is no such pattern.
    """
    text = data.decode("utf-8", "replace")
    if across is None:
        return [first + index for index, line in enumerate(text.split("\n")[:-1]) if alone.search(line)]
    match = across.search(text)
    if match is None:
        return []
    starts = _starts([newline.end() for newline in finditer("\n", text)])
    hits: list[int] = []
    index = 0
    while match is not None:
        index = bisect_right(starts, match.start(), index)
        if index == len(starts):  # an empty match after the last newline
            break
        if alone.search(text[starts[index - 1] : starts[index] - 1]):
            hits.append(first + index - 1)
        match = across.search(text, starts[index])
    return hits


def _across_lines(query: Query) -> Pattern[str] | None:
    """Return the pattern for a text of many lines; None if a neighbouring line might spoil a match."""
    if query.regex and any(sign in query.text for sign in _SEES_NEIGHBOURS):
        return None
    return query.pattern(MULTILINE)


def _starts(ends: list[int]) -> "array[int]":
    starts = array("I", [0])
    starts.extend(ends)
    return starts
