"""How serious a line is, where it says so: as a word, as a field, in JSON. Pure.

Levels are found in bytes without escape sequences. A line without a level belongs to the one before it, such as the lines
of a traceback.
"""

import re
from bisect import bisect_right
from collections.abc import Iterator
from enum import IntEnum
from functools import cache
from re import Pattern

from widgets.ansi import without_escapes
from widgets.line_block import LineBlock
from widgets.line_store import LineStore

_LOOK_BACK = 64
"""A line without a level asks at most so many before it."""


class Level(IntEnum):
    """Levels that nearly all logs know, by how serious they are."""

    NONE = 0
    """No level, and none before it."""
    TRACE = 1
    DEBUG = 2
    INFO = 3
    WARN = 4
    ERROR = 5

    @property
    def word(self) -> str:
        """The level as people write it."""
        return self.name.lower()


_WORDS = {
    b"trace": Level.TRACE,
    b"verbose": Level.TRACE,
    b"debug": Level.DEBUG,
    b"info": Level.INFO,
    b"notice": Level.INFO,
    b"warn": Level.WARN,
    b"warning": Level.WARN,
    b"err": Level.ERROR,
    b"error": Level.ERROR,
    b"severe": Level.ERROR,
    b"fatal": Level.ERROR,
    b"critical": Level.ERROR,
    b"panic": Level.ERROR,
    # The numbers of bunyan and pino.
    b"10": Level.TRACE,
    b"20": Level.DEBUG,
    b"30": Level.INFO,
    b"40": Level.WARN,
    b"50": Level.ERROR,
    b"60": Level.ERROR,
}
_LOWER = (b"trace", b"debug", b"info", b"notice", b"warn", b"error", b"fatal", b"critical", b"panic")


@cache
def _signs() -> tuple[tuple[bytes, Pattern[bytes]], ...]:
    """Return what a level looks like: a text that is there whenever the pattern matches, and the pattern.

    Looking for plain bytes is many times faster than any pattern, and most of them are in few logs. Compiled on first use:
    it takes two milliseconds, which the start of the screen should not.
    """
    return tuple(_every_sign())


def _every_sign() -> Iterator[tuple[bytes, Pattern[bytes]]]:
    """Yield them."""
    for word in (*(word.upper() for word in _LOWER), b"ERR", b"SEVERE"):
        yield word, re.compile(rb"(%b)(?:ING)?\b" % word)  # at the start of a word, which is checked later
    for word in _LOWER:
        after = rb"(?=\]|(?:\[\w+\])?:%b)" % (rb"| TS\d" if word == b"error" else b"")
        yield word, re.compile(rb"(%b)(?:ing)?%b" % (word, after))
    for field in (b"level", b"severity"):
        yield b'"%b"' % field, re.compile(rb'"%b": ?(?:"([A-Za-z]+)"|([1-6]0)\b)' % field)
    yield b"level=", re.compile(rb'level="?([A-Za-z]+)')
    yield b"Traceback", re.compile(rb"Traceback \(most recent call last")


_WORD_BYTES = frozenset(b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_")


def level_of(line: bytes) -> Level:
    """Return the level a line names itself, NONE when it names none."""
    found = _named(without_escapes(line))
    return found[0][1] if found else Level.NONE


def _named(data: bytes) -> list[tuple[int, Level]]:
    """Return where which levels are named in the text of one or more lines, in order."""
    found: list[tuple[int, Level]] = []
    for sign, pattern in _signs():
        if sign in data:
            for match in pattern.finditer(data):
                start = match.start()
                if start and data[start] in _WORD_BYTES and data[start - 1] in _WORD_BYTES:
                    continue
                level = _WORDS.get(match[match.lastindex].lower(), Level.NONE) if match.lastindex else Level.ERROR
                if level:
                    found.append((start, level))
    found.sort()
    return found


class LevelSearch:
    """Finds the lines of a store that are at least this serious."""

    def __init__(self, store: LineStore, least: Level, *, inherit: bool = True) -> None:
        """With `inherit`, lines without a level belong to the one before them; else only lines with one are found."""
        self._store = store
        self._least = least
        self._inherit = inherit
        self._latest = (-1, Level.NONE)
        """A number and the level its line has, own or inherited."""

    def matches(self, number: int) -> bool:
        """Tell whether a line is serious enough."""
        level = level_of(self._store.line(number))
        if not level:
            level = self._inherited(number)
        self._latest = (number, level)
        return level >= self._least

    def in_block(self, block: LineBlock) -> list[int]:
        """Return the absolute numbers of such lines in a block, in order."""
        data = without_escapes(bytes(block.data))
        starts = [0, *(match.end() for match in re.finditer(b"\n", data))]
        hits: list[int] = []
        since, level = 0, self._inherited(block.first)
        index = -1
        for position, named in _named(data):
            if position < starts[index + 1]:
                continue  # the first level of a line counts
            index = bisect_right(starts, position, index + 1) - 1
            if self._inherit and level >= self._least:
                hits.extend(range(block.first + since, block.first + index))
            since, level = index, named
            if not self._inherit and level >= self._least:
                hits.append(block.first + index)
        if self._inherit and level >= self._least:
            hits.extend(range(block.first + since, block.first + block.count))
        self._latest = (block.first + block.count - 1, level)
        return hits

    def _inherited(self, number: int) -> Level:
        """Return the level a line without one has."""
        if not self._inherit:
            return Level.NONE
        known, level = self._latest
        return level if known == number - 1 else self._before(number)

    def _before(self, number: int) -> Level:
        data = without_escapes(self._store.before(number, _LOOK_BACK))
        if not (named := _named(data)):
            return Level.NONE
        start = data.rfind(b"\n", 0, named[-1][0]) + 1
        return next(level for position, level in named if position >= start)
