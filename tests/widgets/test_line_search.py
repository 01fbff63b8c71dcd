"""Search finds exactly the lines a person would say match."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from widgets.ansi import parse_line
from widgets.line_block import LineBlock
from widgets.line_filter import TextFilter
from widgets.line_scan import LineScan
from widgets.line_search import LineSearch
from widgets.line_store import LineStore
from widgets.query import InvalidQuery, Query

WORDS = st.sampled_from(["foo", "Foo", "bar", "ä", "Ä", " ", "1", "", "x" * 50])
LINES = st.lists(st.lists(WORDS, max_size=5).map("".join), max_size=60)
PATTERNS = st.sampled_from(
    [
        "^foo",
        "bar$",
        "o+",
        r"\s",
        "[^a]+",
        "a*",
        "(?!foo)bar",
        r"\Afoo",
        "ä.",
        "x{50}$",
        r"\bfoo\b",
        "(?i)FOO",
        "^$",
        "r\\s*f",
    ]
)


PIECES = st.sampled_from(
    rb"foo o 1m 3 ; [ ]0; ( \ @ @[ @]0;title @[31m @[0m @[2K @(B".replace(b"@", b"\x1b").split(b" ")
) | st.sampled_from([b" ", b"\x0f", b"\x07", b"\x08", b"\x18", b"\r"])
PRINTED = st.lists(st.lists(PIECES, max_size=8).map(b"".join), min_size=1, max_size=8)
"""Lines with escape sequences that are whole, cut off or stray."""


def query(text: str) -> Query:
    parsed = Query.parse(text)
    assert isinstance(parsed, Query)
    return parsed


def block_of(lines: list[bytes]) -> LineBlock:
    block = LineBlock(0)
    block.append(b"".join(line + b"\n" for line in lines), len(lines), 1.0)
    block.seal()
    return block


def scanned(store: LineStore, wanted: Query) -> list[int]:
    scan = LineScan(store, (TextFilter(query=wanted),))
    while not scan.complete:
        scan.step()
    return list(scan)


@given(LINES, PATTERNS)
def test_a_pattern_matches_each_line_as_if_it_stood_alone(lines: list[str], pattern: str) -> None:
    store = LineStore()
    store.feed("".join(line + "\n" for line in lines).encode(), 1.0)
    wanted = query(f"/{pattern}/")
    expected = [number for number, line in enumerate(lines) if wanted.pattern().search(line)]
    assert scanned(store, wanted) == expected
    assert [n for n, line in enumerate(lines) if LineSearch(wanted).matches(line.encode())] == expected


@given(LINES, st.sampled_from(["foo", "Foo", "ä", "Ä", "f", "x"]))
def test_literal_text_ignores_case_only_without_capitals(lines: list[str], text: str) -> None:
    store = LineStore()
    store.feed("".join(line + "\n" for line in lines).encode(), 1.0)
    folded = text == text.lower()
    expected = [n for n, line in enumerate(lines) if text in (line.lower() if folded else line)]
    assert scanned(store, query(text)) == expected


@given(LINES)
def test_colours_within_a_word_do_not_hide_it(lines: list[str]) -> None:
    store = LineStore()
    coloured = "".join("\x1b[1m".join(line) + "\x1b[0m\r\n" for line in lines)
    store.feed(coloured.encode(), 1.0)
    assert scanned(store, query("foo")) == [n for n, line in enumerate(lines) if "foo" in line.lower()]
    assert scanned(store, query("/1m/")) == []
    assert scanned(store, query("/bar$/")) == [n for n, line in enumerate(lines) if line.endswith("bar")]


@given(PRINTED, st.sampled_from(["foo", "o", "m", "/^fo/", "/o$/", "/[^ ]3/"]))
def test_a_line_among_others_is_found_exactly_when_it_is_found_alone(lines: list[bytes], text: str) -> None:
    search = LineSearch(query(text))
    # The colours of one block are known in the next.
    search.in_block(block_of([*lines, b"\x1b[31mred \x1b[32mgreen\x1b[0m"]))
    expected = [number for number, line in enumerate(lines) if LineSearch(query(text)).matches(line)]
    assert search.in_block(block_of(lines)) == expected


@pytest.mark.parametrize(
    "line", [b"\x1b\x1b[31mERROR lone", b"\x1b]0;title \x1b[31mERROR unended", b"\x1b[\x1b[31mERROR cut"]
)
def test_a_stray_escape_before_a_known_colour_hides_nothing(line: bytes) -> None:
    store = LineStore()
    for _ in range(4000):
        store.feed(b"\x1b[31mred\x1b[0m all is well, and it goes on and on\n", 1.0)
    store.feed(line + b"\n", 1.0)
    for _ in range(4000):
        store.feed(b"\x1b[31mred\x1b[0m all is well, and it goes on and on\n", 1.0)
    assert "ERROR" in parse_line(line).plain
    assert scanned(store, query("error")) == [4000]


@given(st.integers(0, 40_000), st.integers(0, 40_000), st.booleans())
def test_lines_that_come_during_a_scan_are_found_once(before: int, after: int, dense: bool) -> None:
    store = LineStore(max_bytes=400_000)

    def feed(low: int, high: int) -> None:
        store.feed("".join(f"line {n}\n" for n in range(low, high)).encode(), 1.0)

    feed(0, before)
    scan = LineScan(store, (TextFilter(query=query("line" if dense else "77")),), clock=iter(range(10**9)).__next__)
    feed(before, before + after // 2)
    scan.step()
    scan.catch_up()
    feed(before + after // 2, before + after)
    while not scan.complete:
        scan.step()
    while scan.behind:
        scan.catch_up()
    found = [n for n in range(store.first, store.total) if dense or "77" in f"line {n}"]
    assert list(scan) == found


@pytest.mark.parametrize(
    ("typed", "expected"),
    [
        ("", None),
        ("//", None),
        ("foo", Query(text="foo", ignore_case=True)),
        ("Foo", Query(text="Foo")),
        ("/", Query(text="/", ignore_case=True)),
        ("/fo+", Query(text="fo+", regex=True, ignore_case=True)),
        ("/fo+/", Query(text="fo+", regex=True, ignore_case=True)),
        (r"/\S+/", Query(text=r"\S+", regex=True, ignore_case=True)),
        (r"/\SA/", Query(text=r"\SA", regex=True)),
        ("a/b", Query(text="a/b", ignore_case=True)),
    ],
)
def test_what_is_typed_becomes_a_query(typed: str, expected: Query | None) -> None:
    assert Query.parse(typed) == expected


@given(st.text(max_size=30))
def test_nothing_that_can_be_typed_raises(text: str) -> None:
    for typed in (text, "/" + text):
        parsed = Query.parse(typed)
        if isinstance(parsed, Query):
            LineSearch(parsed).matches(b"some line")
        elif isinstance(parsed, InvalidQuery):
            assert parsed.message


def test_a_broken_pattern_is_explained() -> None:
    parsed = Query.parse("/(foo")
    assert isinstance(parsed, InvalidQuery)
    assert "unterminated subpattern" in parsed.message


@given(st.text("ab(", max_size=6))
def test_literal_text_with_pattern_signs_is_literal(text: str) -> None:
    assume(text)
    assert re.escape(text) == query(text).pattern().pattern
