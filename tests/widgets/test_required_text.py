"""What a pattern requires is held by everything it matches; where that is not sure, nothing is required."""

import re
import warnings

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from widgets.query import Query
from widgets.required_text import required_text


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("timeout", "timeout"),
        (r"id=\d+ status=5\d\d", " status=5"),
        (r"request id=0009\d99 (path|PATH)", "request id=0009"),
        (r"^\[error\]", "[error]"),
        ("colou?r of it", "r of it"),
        ("ab+c", "ab"),
        ("xy{2}zzz", "zzz"),
        (r"GET /[a-z/]* HTTP", "GET /"),
        (r"(?:one|two) of three", " of three"),
        ("one|other", ""),
        ("(?i)error", ""),
        (r"\x41bc", ""),
        (r"(a)\1bcd", ""),
        ("", ""),
    ],
)
def test_the_longest_plain_part_is_required(pattern: str, text: str) -> None:
    assert required_text(pattern, ignore_case=False) == text


def test_where_case_is_ignored_no_letter_is_required() -> None:
    assert required_text("id=42: kelvin", ignore_case=True) == "=42: "
    assert required_text("größe-17", ignore_case=True) == "-17"


_PIECES = st.sampled_from(
    [
        "a",
        "b",
        "K",
        "\u017f",
        ".",
        r"\d",
        r"\.",
        "[ab]",
        "[^]a]",
        "(a|b)",
        "(?:b)",
        "(?=a)",
        "(?!b)",
        "(?P<n>a)",
        "|",
        "^",
        "$",
        "{",
        "}",
        "-",
    ]
)
_REPEATS = st.sampled_from(["", "", "", "*", "+", "?", "{2}", "{0,1}", "+?", "{"])
_PATTERNS = st.lists(st.tuples(_PIECES, _REPEATS), min_size=1, max_size=6).map(
    lambda parts: "".join(piece + repeat for piece, repeat in parts)
)


@given(_PATTERNS, st.text("abkKs\u017f.0-{}]", max_size=8), st.booleans())
def test_every_match_holds_what_is_required(pattern: str, text: str, ignore_case: bool) -> None:
    assume(isinstance(Query.parse(f"/{pattern}/"), Query))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        match = re.search(pattern, text, re.IGNORECASE if ignore_case else 0)
    if match is not None:
        assert required_text(pattern, ignore_case=ignore_case) in text
