"""Lines keep their numbers, however bytes arrive and whatever is dropped."""

from io import BytesIO
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.line_cut import LINE_BYTES, REDRAW_BYTES
from widgets.line_store import BLOCK_BYTES, LineStore

PIECES = st.sampled_from(
    [b"\n", b"\r", b"\r\n", b"abc", b"x" * 1000, "日".encode() * 700, b"y" * 5000, b"z" * 70_000, b"\x1b[31m"]
)
DATA = st.lists(PIECES, max_size=25).map(b"".join)


WORDS = b"".join(b"%07d " % number for number in range(12 * 20_000))
"""No word is there twice."""


def lines_of(store: LineStore) -> list[bytes]:
    return [store.line(number) for number in range(store.first, store.end)]


@given(DATA, st.lists(st.integers(0, 200_000), max_size=12))
def test_any_chunks_give_the_same_lines(data: bytes, cuts: list[int]) -> None:
    whole, pieces = LineStore(), LineStore()
    whole.feed(data, 1.0)
    borders = [0, *sorted(cut for cut in cuts if cut < len(data)), len(data)]
    for start, end in pairwise(borders):
        pieces.feed(data[start:end], 2.0)
    assert lines_of(pieces) == lines_of(whole)
    assert (pieces.total, pieces.end) == (whole.total, whole.end)


@given(st.lists(st.sampled_from([b"\n", b"\r", b"a" * 1500, b"\rbb"]), max_size=20).map(b"".join))
def test_byte_by_byte_gives_the_same_lines(data: bytes) -> None:
    whole, bytewise = LineStore(), LineStore()
    whole.feed(data, 1.0)
    for position in range(len(data)):
        bytewise.feed(data[position : position + 1], 1.0)
    assert lines_of(bytewise) == lines_of(whole)


@given(st.lists(st.binary(max_size=50).map(lambda line: line.replace(b"\n", b"")), max_size=50))
def test_short_lines_are_kept_byte_for_byte(lines: list[bytes]) -> None:
    store = LineStore()
    assert store.feed(b"".join(line + b"\n" for line in lines), 1.0) == len(lines)
    assert lines_of(store) == lines


@given(st.integers(1, 30_000), st.integers(1, 5000))
def test_numbers_stay_with_their_lines_when_old_ones_are_dropped(count: int, chunk: int) -> None:
    store = LineStore(max_bytes=200_000)
    data = b"".join(b"%07d\n" % number for number in range(count))
    for start in range(0, len(data), chunk * 8):
        store.feed(data[start : start + chunk * 8], float(start))
    assert store.total == count
    assert store.held_bytes <= store.max_bytes + 4 * BLOCK_BYTES
    for number in {store.first, (store.first + store.total) // 2, store.total - 1}:
        assert store.line(number) == b"%07d" % number
    with pytest.raises(IndexError):
        store.line(store.total)
    if store.first:
        with pytest.raises(IndexError, match="is not held"):
            store.line(store.first - 1)


@given(
    st.lists(st.tuples(st.integers(1, 20_000), st.sampled_from([b"", b"\n", b"\r", b"\r\n"])), min_size=5, max_size=12),
    st.sampled_from([5000, 64_000, 100_000, 300_000]),
    st.integers(0, 1000),
)
def test_where_the_oldest_line_held_begins_is_known_however_lines_were_cut(
    parts: list[tuple[int, bytes]], chunk: int, begin: int
) -> None:
    words = BytesIO(WORDS)
    data = b"".join(words.read(8 * count) + end for count, end in parts)
    store = LineStore(max_bytes=1)
    store.skip_to(begin)
    for start in range(0, len(data), chunk):
        store.feed(data[start : start + chunk], 1.0)
    assert store.position == begin + len(data)
    if store.end > store.first:
        line = data[store.first_position - begin :].split(b"\n", 1)[0].removesuffix(b"\r")
        # Of the line, the last redraw or the first piece is held.
        held = store.line(store.first).removesuffix(b"\r")
        assert held in line
        assert line.startswith(held) or b"\r" in line


def test_each_line_knows_when_it_was_completed() -> None:
    store = LineStore()
    store.feed(b"a\nb\nc", 10.0)
    store.feed(b"c\n", 20.0)
    store.feed(b"d\ne", 30.0)
    assert [store.time_of(number) for number in range(5)] == [10.0, 10.0, 20.0, 30.0, 30.0]


def test_times_survive_the_sealing_and_dropping_of_blocks() -> None:
    store = LineStore(max_bytes=1 << 20)
    for second in range(100):
        store.feed(b"x" * 99 + b"\n" + b"y" * 30_000 + b"\n", float(second))
    assert store.first > 0
    assert all(store.time_of(number) == number // 2 for number in range(store.first, store.total))


def test_redraws_of_a_progress_bar_do_not_pile_up() -> None:
    store = LineStore()
    for step in range(20_000):
        store.feed(b"\r%5d/20000 it" % step, 1.0)
    assert store.end == 1
    assert len(store.line(0)) <= REDRAW_BYTES + 20
    store.feed(b"\n", 1.0)
    assert store.line(0).endswith(b"19999/20000 it")


def test_an_endless_line_is_cut_at_characters() -> None:
    store = LineStore()
    for _ in range(10):
        store.feed("日".encode() * 10_000, 1.0)
    assert store.total == 4
    assert all(LINE_BYTES - 3 <= len(store.line(number)) <= LINE_BYTES for number in range(4))
    assert "".join(line.decode() for line in lines_of(store)) == "日" * 100_000


def test_lines_before_a_line_reach_over_a_block_border() -> None:
    store = LineStore()
    line = b"%05d" + b"x" * 94 + b"\n"
    store.feed(b"".join(line % number for number in range(3000)), 1.0)
    border = next(iter(list(store.blocks_before(store.total))[-2:-1])).first
    before = store.before(border + 2, 5).splitlines()
    assert [int(found[:5]) for found in before] == list(range(border - 3, border + 2))
    assert store.before(0, 5) == b""
