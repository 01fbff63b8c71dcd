"""Lines say how serious they are in many ways; what says nothing belongs to the line before it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from widgets.level import Level, LevelSearch, level_of
from widgets.line_store import BLOCK_BYTES, LineStore

LINES = st.lists(
    st.sampled_from(
        [
            b"ERROR one",
            b"plain",
            b"  at f (x.js:1)",
            b"WARN two",
            b"DEBUG INFO three",
            b'{"level":"error"}',
            b"",
            b"INFO",
        ]
    ),
    max_size=60,
)


@pytest.mark.parametrize(
    ("line", "level"),
    [
        (b"2026-01-01 INFO  up", Level.INFO),
        (b"\x1b[31mERROR\x1b[0m no", Level.ERROR),
        (b'{"level":"warn","msg":"x"}', Level.WARN),
        (b'{"msg":"x", "severity": "Critical"}', Level.ERROR),
        (b'{"time":1,"level":50}', Level.ERROR),
        (b"level=debug msg=x", Level.DEBUG),
        (b"[warning] old", Level.WARN),
        (b"error[E0308]: mismatched types", Level.ERROR),
        (b"src/a.ts(3,5): error TS2322: no", Level.ERROR),
        (b"Traceback (most recent call last):", Level.ERROR),
        (b"INFO no ERROR here", Level.INFO),
        (b"0 errors, 0 warnings", Level.NONE),
        (b"terrorists", Level.NONE),
        (b"the info desk", Level.NONE),
        (b"", Level.NONE),
    ],
)
def test_the_first_level_a_line_names_counts(line: bytes, level: Level) -> None:
    assert level_of(line) is level


def expected(lines: list[bytes], least: Level, *, inherit: bool) -> list[int]:
    hits, level = [], Level.NONE
    for number, line in enumerate(lines):
        own = level_of(line)
        level = (own or level) if inherit else own
        if level >= least:
            hits.append(number)
    return hits


@given(LINES, st.sampled_from([Level.ERROR, Level.WARN, Level.INFO]), st.booleans())
def test_searching_a_block_finds_what_looking_at_each_line_finds(
    lines: list[bytes], least: Level, inherit: bool
) -> None:
    store = LineStore()
    store.feed(b"".join(line + b"\n" for line in lines), 1.0)
    wanted = expected(lines, least, inherit=inherit)
    in_blocks = LevelSearch(store, least, inherit=inherit)
    assert [n for block in store.blocks_from(0) for n in in_blocks.in_block(block)] == wanted
    one_by_one = LevelSearch(store, least, inherit=inherit)
    assert [number for number in range(store.total) if one_by_one.matches(number)] == wanted


def test_a_traceback_across_two_blocks_stays_with_its_error() -> None:
    store = LineStore()
    store.feed(b"INFO " + b"x" * (BLOCK_BYTES - 5000) + b"\nplain\n" * 1000 + b"ERROR boom\n", 1.0)
    while len(list(store.blocks_from(0))) < 2:
        store.feed(b"  at here\n" * 10, 1.0)
    store.feed(b"  at there\nINFO fine\n", 1.0)
    last = list(store.blocks_from(0))[-1]
    found = LevelSearch(store, Level.ERROR).in_block(last)
    assert found == list(range(last.first, store.total - 1))
    assert store.line(found[-1]) == b"  at there"
