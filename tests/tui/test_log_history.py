"""What is too old for memory is read from the file, window by window, and no line is lost between them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.model.output import Stream
from tui_runner.model.retention import LogLimits
from tui_runner.process.log_file import LogFile
from tui_runner.tui.log_feed import LogFeed
from tui_runner.tui.log_history import LogHistory

NOW = 1_700_000_000.0


def a_log(tmp_path_factory: pytest.TempPathFactory, sizes: list[int]) -> tuple[Path, list[bytes]]:
    """Write lines of these sizes, each with its number before it; return the file and the lines."""
    lines = [b"%d:" % number + b"x" * size for number, size in enumerate(sizes)]
    path = tmp_path_factory.mktemp("history") / "api.log"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    return path, lines


def lines_of(history: LogHistory) -> list[bytes]:
    store = history.store
    return [store.line(n) for n in range(store.first, store.end)]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.integers(40, 200))
def test_windows_going_back_and_on_hold_every_line_once(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], window: int
) -> None:
    path, lines = a_log(tmp_path_factory, sizes)
    end = path.stat().st_size
    history = LogHistory.before(str(path), end, NOW, window)
    seen: list[bytes] = []
    oldest = history
    while history is not None:
        seen = lines_of(history) + seen
        oldest = history
        history = LogHistory.before(str(path), history.start, NOW, window)
    assert seen == lines
    again: list[bytes] = []
    history = oldest
    while history is not None:
        again += lines_of(history)
        history = history.newer(end, NOW, window)
    assert again == lines


@given(st.lists(st.integers(0, 400), min_size=1, max_size=12), st.integers(40, 200))
def test_a_line_longer_than_a_window_is_shown_in_pieces_and_nothing_is_left_out(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], window: int
) -> None:
    path, lines = a_log(tmp_path_factory, sizes)
    end = path.stat().st_size
    older: list[bytes] = []
    history = oldest = LogHistory.before(str(path), end, NOW, window)
    while history is not None:
        older = lines_of(history) + older
        oldest = history
        history = LogHistory.before(str(path), history.start, NOW, window)
    assert b"".join(older) == b"".join(lines)
    newer: list[bytes] = []
    history = oldest
    while history is not None:
        newer += lines_of(history)
        history = history.newer(end, NOW, window)
    assert b"".join(newer) == b"".join(lines)
    assert {line for line in lines if len(line) < window // 2} <= set(older) & set(newer)


def test_what_a_store_has_dropped_can_be_read_again(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    lines = [b"line %06d" % number for number in range(100_000)]
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    feed = LogFeed(str(path), 512 << 10)
    feed.look()
    while feed.behind:
        feed.read(lambda: False, NOW)
    history = LogHistory.before(str(path), feed.first_offset, NOW)
    assert history is not None
    held = [feed.store.line(number) for number in range(feed.store.first, feed.store.end)]
    assert lines_of(history) + held == lines


@pytest.mark.parametrize(
    "long",
    [b"x" * 70_000, b"\r".join(b"progress %05d" % number for number in range(9000)), b"y" * 300_000],
    ids=["long line", "progress", "very long line"],
)
def test_what_comes_before_the_memory_ends_where_the_memory_begins(tmp_path: Path, long: bytes) -> None:
    path = tmp_path / "api.log"
    lines = [b"line %06d" % number for number in range(50_000)]
    text = b"".join(line + b"\n" for line in lines[:40_000]) + (long + b"\n") * 3
    path.write_bytes(text + b"".join(line + b"\n" for line in lines[40_000:]))
    feed = LogFeed(str(path), 512 << 10)
    feed.look()
    while feed.behind:
        feed.read(lambda: False, NOW)
    history = LogHistory.before(str(path), feed.first_offset, NOW)
    assert history is not None
    seen = lines_of(history) + [feed.store.line(number) for number in range(feed.store.first, feed.store.end)]
    assert [line for line in seen if line.startswith(b"line")] == lines
    others = [line for line in seen if not line.startswith(b"line")]
    # Of progress, only the last redraws are held.
    assert all(line in long for line in others) if b"\r" in long else b"".join(others) == long * 3


def test_there_is_nothing_before_the_beginning_and_nothing_without_a_file(tmp_path: Path) -> None:
    assert LogHistory.before("", 100, NOW) is None
    assert LogHistory.before(str(tmp_path / "none"), 100, NOW) is None
    assert LogHistory.before(str(tmp_path), 0, NOW) is None


def test_going_back_ends_at_the_first_whole_line_that_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    log = LogFile(path, LogLimits(piece=1000, log=5000, run=1 << 30))
    lines = [b"line %06d" % number for number in range(1000)]
    for number in range(0, len(lines), 3):
        # Pieces begin in the middle of a line.
        text = b"".join(line + b"\n" for line in lines[number : number + 3])
        log.append(text[:20], Stream.STDOUT, 1, NOW)
        log.append(text[20:], Stream.STDOUT, 1, NOW)
    log.release()
    history = LogHistory.before(str(path), log.end, NOW, 500)
    seen: list[bytes] = []
    oldest = history
    while history is not None:
        seen = lines_of(history) + seen
        oldest = history
        history = LogHistory.before(str(path), history.start, NOW, 500)
    assert 100 < len(seen) < 400
    assert seen == lines[-len(seen) :]
    assert oldest is not None
    newer = oldest.newer(log.end, NOW, 1 << 20)
    assert newer is not None
    assert lines_of(oldest) + lines_of(newer) == seen


def test_a_store_that_was_behind_goes_on_after_what_was_removed(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    log = LogFile(path, LogLimits(piece=1000, log=3000, run=1 << 30))
    feed = LogFeed(str(path), 1 << 20)
    chunk = log.append(b"first\n", Stream.STDOUT, 1, NOW)
    assert feed.take(chunk.offset, chunk.data, NOW)
    for number in range(500):
        chunk = log.append(b"line %06d\n" % number, Stream.STDOUT, 1, NOW)
    log.release()
    assert not feed.take(chunk.offset, chunk.data, NOW)
    while feed.behind:
        feed.read(lambda: False, NOW)
    assert feed.end == log.end
    assert feed.first_offset == 0
    held = [feed.store.line(number) for number in range(feed.store.first, feed.store.end)]
    assert held[0] == b"first"
    assert held[-1] == b"line 000499"
    assert len(held) < 300
