"""Filters on top of each other let through what each of them lets through, old lines and new ones alike."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.model.output import Stream
from widgets.filter_stack import with_next_level, with_next_stream
from widgets.level import Level, LevelSearch
from widgets.line_filter import Filters, LevelFilter, LineFilter, StreamFilter, TextFilter, filter_text
from widgets.line_origin import MAX_SOURCES, origin_of, source_of, stream_of
from widgets.line_scan import LineScan
from widgets.line_store import LineStore
from widgets.query import Query

WORDS = ("ERROR a", "INFO b", "b", "a b", "WARN", "")
FILTERS: tuple[LineFilter, ...] = (
    TextFilter(query=Query(text="b")),
    TextFilter(query=Query(text="a"), exclude=True),
    TextFilter(query=Query(text="^.?b", regex=True), exclude=True),
    StreamFilter(stream=Stream.STDERR),
    StreamFilter(stream=Stream.NOTE),
    LevelFilter(least=Level.WARN),
)
CHUNKS = st.lists(
    st.tuples(st.lists(st.sampled_from(WORDS), min_size=1, max_size=5), st.sampled_from(list(Stream))), max_size=12
)


def scanned(store: LineStore, filters: Filters) -> list[int]:
    scan = LineScan(store, filters)
    while not scan.complete:
        scan.step()
    return list(scan)


def passes(store: LineStore, number: int, one: LineFilter) -> bool:
    text = store.line(number).decode()
    match one:
        case TextFilter(query=query, exclude=exclude):
            return (query.pattern().search(text) is not None) is not exclude
        case StreamFilter(stream=stream):
            return stream_of(store.origin_of(number)) is stream
        case LevelFilter(least=least):
            level = LevelSearch(store, least)
            return [level.matches(n) for n in range(number + 1)][-1]
        case _:
            raise AssertionError(one)


@given(CHUNKS, st.lists(st.sampled_from(FILTERS), min_size=1, max_size=4, unique=True))
def test_a_line_is_shown_when_every_filter_lets_it_through(
    chunks: list[tuple[list[str], Stream]], filters: list[LineFilter]
) -> None:
    store = LineStore()
    live = LineScan(store, tuple(filters))
    for words, stream in chunks:
        store.feed("".join(f"{word}\n" for word in words).encode(), 1.0, origin_of(stream))
        live.catch_up()
    expected = [n for n in range(store.total) if all(passes(store, n, one) for one in filters)]
    assert scanned(store, tuple(filters)) == expected
    assert list(live) == expected


def test_a_line_belongs_to_the_stream_that_began_it() -> None:
    store = LineStore()
    store.feed(b"half a line", 1.0, origin_of(Stream.STDOUT))
    store.feed(b"\n-- stopped --\n", 2.0, origin_of(Stream.NOTE))
    store.feed(b"on", 3.0, origin_of(Stream.STDERR))
    assert [stream_of(store.origin_of(n)) for n in range(3)] == [Stream.STDOUT, Stream.NOTE, Stream.STDERR]
    assert [store.time_of(n) for n in range(3)] == [2.0, 2.0, 3.0]


def test_the_first_line_since_a_time_is_found() -> None:
    store = LineStore()
    for second in range(10):
        store.feed(b"x" * 50_000 + b"\n", float(second))
    assert [store.first_since(time) for time in (-1.0, 0.0, 3.5, 9.0, 9.5)] == [0, 0, 4, 9, 10]


@given(st.sampled_from(list(Stream)), st.integers(0, 1 << 20))
def test_an_origin_keeps_stream_and_source(stream: Stream, source: int) -> None:
    origin = origin_of(stream, source)
    assert origin < 1 << 16
    assert (stream_of(origin), source_of(origin)) == (stream, min(source, MAX_SOURCES - 1))


def test_levels_and_streams_are_cycled_through_until_none_is_left() -> None:
    text = TextFilter(query=Query(text="x"))
    filters: Filters = (text,)
    seen = []
    for _ in range(5):
        filters = with_next_level(filters)
        seen.append([filter_text(one) for one in filters[1:]])
    assert seen == [["error"], ["warn and up"], ["info and up"], ["debug and up"], []]
    seen = []
    for _ in range(5):
        filters = with_next_stream(filters)
        seen.append([filter_text(one) for one in filters[1:]])
    assert seen == [["stderr"], ["stdout"], ["notes"], ["teardown"], []]


@pytest.mark.parametrize(
    ("one", "text"),
    [
        (TextFilter(query=Query(text="GET")), "+ “GET”"),
        (TextFilter(query=Query(text="a|b", regex=True), exclude=True), "- /a|b/"),
    ],
)
def test_filters_are_told_in_a_few_words(one: LineFilter, text: str) -> None:
    assert filter_text(one) == text
