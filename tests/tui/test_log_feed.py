"""Logs arrive whole and in order, whatever the socket leaves out."""

import itertools
import os
import sys
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_runner.process.log_record import INDEX_RECORD
from tui_runner.tui.log_feed import LogFeed
from tui_runner.tui.log_file import LogFile, last_bytes
from widgets.line_store import LineStore

BUDGET = 1 << 20
AT = 1_700_000_000.0


def lines_of(store: LineStore) -> list[bytes]:
    return [store.line(number) for number in range(store.first, store.end)]


def open_descriptors() -> int:
    return sum(1 for _ in Path("/dev/fd").iterdir())


def read_all(feed: LogFeed) -> None:
    while feed.behind:
        feed.read(lambda: True, AT)


def test_live_chunks_in_order_need_no_file() -> None:
    feed = LogFeed("", BUDGET)
    assert feed.take(0, b"one\ntw", AT)
    assert feed.take(6, b"o\n", AT)
    assert lines_of(feed.store) == [b"one", b"two"]
    assert not feed.behind


def test_a_gap_is_read_from_the_file(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_bytes(b"one\ntwo\nthree\n")
    feed = LogFeed(str(path), BUDGET)
    feed.take(0, b"one\n", AT)
    assert not feed.take(8, b"three\n", AT)
    assert feed.behind
    read_all(feed)
    assert lines_of(feed.store) == [b"one", b"two", b"three"]


def test_what_is_known_already_is_not_repeated() -> None:
    feed = LogFeed("", BUDGET)
    feed.take(0, b"one\ntwo\n", AT)
    assert not feed.take(4, b"two\n", AT)
    assert feed.take(4, b"two\nthree\n", AT)
    assert lines_of(feed.store) == [b"one", b"two", b"three"]


def test_looking_at_the_file_catches_up_with_all_of_it(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_bytes(b"x" * 99 + b"\n" + b"last\n")
    feed = LogFeed(str(path), BUDGET)
    feed.look()
    read_all(feed)
    assert lines_of(feed.store) == [b"x" * 99, b"last"]


def test_of_a_file_larger_than_the_budget_the_end_is_read_from_the_start_of_a_line(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_bytes(b"".join(b"line %06d\n" % number for number in range(1000)))
    feed = LogFeed(str(path), 1205)
    feed.look()
    read_all(feed)
    assert lines_of(feed.store)[0] == b"line 000900"
    assert lines_of(feed.store)[-1] == b"line 000999"


def test_one_slice_is_read_when_time_is_out_and_the_rest_later(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_bytes(b"x" * 79 + b"\n" * 1 + (b"y" * 79 + b"\n") * 10_000)
    feed = LogFeed(str(path), BUDGET)
    feed.look()
    assert feed.read(lambda: True, AT)
    assert feed.behind
    read_all(feed)
    assert feed.store.total == 10_001


@pytest.mark.skipif(sys.platform != "linux", reason="there is no telling what is in memory")
def test_a_log_that_only_the_disk_holds_is_fetched_without_standing_still(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    lines = [b"%06d" % number + b"x" * 100 for number in range(5000)]
    index = b"".join(INDEX_RECORD.pack(number * 107, AT + number, 1, 0) for number in range(5000))
    for place, data in ((path, b"\n".join(lines) + b"\n"), (tmp_path / "api.log.idx", index)):
        with place.open("wb") as file:
            file.write(data)
            os.fsync(file.fileno())
            os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)
    feed = LogFeed(str(path), BUDGET)
    feed.known = path.stat().st_size
    read_all(feed)
    assert lines_of(feed.store) == lines
    assert feed.store.time_of(4999) == AT + 4999


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="nobody tells which descriptors are open")
def test_no_file_stays_open_when_all_was_read(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_bytes(b"one\ntwo\n")
    before = open_descriptors()
    feed = LogFeed(str(path), BUDGET)
    feed.look()
    feed.read(lambda: True, AT)
    assert not feed.behind
    assert open_descriptors() == before
    path.write_bytes(b"one\ntwo\nthree\nfour\n")
    assert not feed.take(14, b"four\n", AT)
    assert feed.take(8, b"three\nfour\n", AT)
    assert not feed.behind
    assert open_descriptors() == before


def test_without_the_file_a_gap_is_given_up_and_live_output_goes_on(tmp_path: Path) -> None:
    feed = LogFeed(str(tmp_path / "missing.log"), BUDGET)
    feed.take(0, b"one\n", AT)
    assert feed.take(100, b"much later\n", AT)
    assert lines_of(feed.store) == [b"one", b"much later"]


def test_a_file_that_was_cut_short_does_not_keep_the_screen_waiting(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_bytes(b"one\ntwo\n")
    feed = LogFeed(str(path), BUDGET)
    feed.look()
    path.write_bytes(b"")
    read_all(feed)
    assert not feed.behind


def test_symbolic_links_pipes_and_directories_are_not_read(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_text("secret")
    link = tmp_path / "link.log"
    link.symlink_to(secret)
    pipe = tmp_path / "pipe.log"
    os.mkfifo(pipe)
    for path in (link, pipe, tmp_path, tmp_path / "nothing", "nul\0byte"):
        with LogFile(str(path)) as file:
            assert not file.readable
            assert file.size() == 0
            assert file.read(0, 10) == b""
        assert last_bytes(str(path), 10) == b""


def test_the_last_lines_are_quoted_without_line_ends(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_bytes(b"one\ntwo\nthree\r\n")
    assert LogFeed(str(path), BUDGET).last_lines(2) == (b"two", b"three")
    path.write_bytes(b"\n\n")
    assert LogFeed(str(path), BUDGET).last_lines(2) == ()


def test_a_forgotten_log_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    path.write_bytes(b"one\ntwo\n")
    feed = LogFeed(str(path), BUDGET)
    feed.look()
    read_all(feed)
    feed.forget()
    assert lines_of(feed.store) == []
    feed.look()
    read_all(feed)
    assert lines_of(feed.store) == [b"one", b"two"]


@settings(max_examples=200, deadline=None)
@given(
    text=st.binary(min_size=1, max_size=400),
    cuts=st.lists(st.integers(0, 400), max_size=12),
    order=st.randoms(use_true_random=False),
    lost=st.sets(st.integers(0, 12)),
)
def test_chunks_in_any_order_with_some_lost_give_the_file_in_the_end(
    tmp_path_factory: pytest.TempPathFactory, text: bytes, cuts: list[int], order: Random, lost: set[int]
) -> None:
    path = tmp_path_factory.mktemp("logs") / "api.log"
    path.write_bytes(text)
    marks = sorted({0, len(text), *(cut for cut in cuts if cut < len(text))})
    chunks = [(start, text[start:stop]) for start, stop in itertools.pairwise(marks)]
    sent = [chunk for index, chunk in enumerate(chunks) if index not in lost]
    order.shuffle(sent)
    feed = LogFeed(str(path), BUDGET)
    for offset, data in sent:
        feed.take(offset, data, AT)
        if order.random() < 0.5:
            feed.read(lambda: True, AT)
    feed.look()
    read_all(feed)
    expected = LineStore(BUDGET)
    expected.feed(text, AT)
    assert feed.end == len(text)
    assert lines_of(feed.store) == lines_of(expected)
