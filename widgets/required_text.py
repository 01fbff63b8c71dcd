"""A text that everything a regular expression matches must hold, for finding quickly where nothing can match. Pure.

Understands the plainest part of a pattern, and gives up wherever it is not sure: an empty answer is always right.
"""

from re import compile as compile_pattern
from re import split
from typing import Final

_QUANTIFIER = compile_pattern(r"(?:[*+?]|\{\d*,?\d*\})[?+]?")
_CLASS = compile_pattern(r"\[\^?\]?(?:\\.|[^\]\\])*\]")
_SPECIAL: Final = frozenset(".^$")
_CATEGORIES: Final = frozenset("dDwWsSbBAZ")
"""Letters that after a backslash stand for no particular text, and take nothing that follows with them."""
_LOOKS: Final = ("?:", "?=", "?!", "?<=", "?<!", "?P<")
"""Beginnings of groups that change nothing outside of them."""


def required_text(pattern: str, *, ignore_case: bool) -> str:
    """Return a text without newlines that every match of a pattern (which must compile) holds; empty when none is known.

    With `ignore_case` it has no letters, of any alphabet: some match letters of another.
    """
    best = ""
    for run in _runs(pattern) or ():
        parts = split(r"[A-Za-z\x80-\U0010ffff]+", run) if ignore_case else (run,)
        best = max((best, *parts), key=len)
    return best if best.isprintable() and "\ufffd" not in best else ""


def _runs(pattern: str) -> list[str] | None:
    """Return texts that stand in every match; None when the pattern is not understood."""
    runs, run, at = [], "", 0
    while at < len(pattern):
        piece = _piece(pattern, at)
        if piece is None:
            return None
        text, past = piece
        repeated = _QUANTIFIER.match(pattern, past)
        if text and repeated is None:
            run += text
        else:
            runs.append(run + text if repeated is not None and repeated[0][0] == "+" else run)
            run = ""
        at = past if repeated is None else repeated.end()
    return [*runs, run]


def _piece(pattern: str, at: int) -> tuple[str, int] | None:
    """Return the text that the piece at a place stands for, empty for anything else, and where it ends."""
    sign = pattern[at]
    match sign:
        case "|":
            return None
        case "(":
            past = _past_group(pattern, at)
            return None if past is None else ("", past)
        case "[":
            whole = _CLASS.match(pattern, at)
            return None if whole is None else ("", whole.end())
        case "\\":
            escaped = pattern[at + 1 : at + 2]
            if escaped in _CATEGORIES and escaped:
                return "", at + 2
            # Other letters and digits: a reference, a code, a control character.
            return (escaped, at + 2) if escaped.isascii() and escaped and not escaped.isalnum() else None
        case _ if sign in _SPECIAL:
            return "", at + 1
        case _:
            return sign, at + 1


def _past_group(pattern: str, at: int) -> int | None:
    """Return where the group that begins at a place ends; None when it may change what is outside of it."""
    depth = 0
    while at < len(pattern):
        sign = pattern[at]
        if sign == "\\":
            at += 2
            continue
        if sign == "[":
            whole = _CLASS.match(pattern, at)
            if whole is None:
                return None
            at = whole.end()
            continue
        if sign == "(":
            if pattern.startswith("?", at + 1) and not pattern.startswith(_LOOKS, at + 1):
                return None
            depth += 1
        elif sign == ")":
            depth -= 1
            if depth == 0:
                return at + 1
        at += 1
    return None
