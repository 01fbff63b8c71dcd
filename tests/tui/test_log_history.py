"""What is too old for memory is read from the file, window by window, and no line is lost between them."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.tui.log_feed import LogFeed
from tui_runner.tui.log_history import LogHistory

NOW = 1_700_000_000.0


def lines_of(history: LogHistory) -> list[bytes]:
    store = history.store
    return [store.line(n) for n in range(store.first, store.end)]


@given(st.lists(st.integers(0, 30), min_size=1, max_size=40), st.integers(40, 200))
def test_windows_going_back_and_on_hold_every_line_once(
    tmp_path_factory: pytest.TempPathFactory, sizes: list[int], window: int
) -> None:
    lines = [b"%d:" % number + b"x" * size for number, size in enumerate(sizes)]
    path = tmp_path_factory.mktemp("history") / "api.log"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
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


def test_there_is_nothing_before_the_beginning_and_nothing_without_a_file(tmp_path: Path) -> None:
    assert LogHistory.before("", 100, NOW) is None
    assert LogHistory.before(str(tmp_path / "none"), 100, NOW) is None
    assert LogHistory.before(str(tmp_path), 0, NOW) is None
