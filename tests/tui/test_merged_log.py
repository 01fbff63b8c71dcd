"""Several logs as one: every line once, whole, in the order of time, whatever was held, missed or read from files."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_runner.control.protocol import Chunk
from tui_runner.model.output import Stream
from tui_runner.process.log_file import LogFile
from tui_runner.tui.logs import Logs
from widgets.line_origin import source_of, stream_of
from widgets.line_store import LineStore

GROUP = ("api", "db")
BUDGET = 8 << 20


def lines_of(store: LineStore) -> list[tuple[int, bytes]]:
    return [(source_of(store.origin_of(n)), store.line(n)) for n in range(store.first, store.end)]


def opened(tmp_path: Path) -> Logs:
    ticks = iter(range(10**9))
    logs = Logs(clock=lambda: 5000.0, ticks=lambda: next(ticks) / 1000, budget=BUDGET)
    for task in GROUP:
        logs.feed(task, str(tmp_path / f"{task}.log"))
    return logs


def chunk(task: str, offset: int, data: bytes, time: float, stream: Stream = Stream.STDOUT) -> Chunk:
    return Chunk(task=task, offset=offset, data=data, time=time, stream=stream, attempt=1)


def settle(logs: Logs) -> None:
    while logs.behind:
        logs.pump()


def test_what_files_hold_is_merged_by_time(tmp_path: Path) -> None:
    for task, times in (("api", (1.0, 4.0, 5.0)), ("db", (2.0, 3.0, 6.0))):
        log = LogFile(tmp_path / f"{task}.log")
        for time in times:
            log.append(f"{task} at {time:.0f}\n".encode(), Stream.STDERR, 1, time)
        log.release()
    logs = opened(tmp_path)
    logs.show(GROUP, (GROUP,))
    settle(logs)
    store = logs.merged(GROUP).store
    assert lines_of(store) == [
        (0, b"api at 1"),
        (1, b"db at 2"),
        (1, b"db at 3"),
        (0, b"api at 4"),
        (0, b"api at 5"),
        (1, b"db at 6"),
    ]
    assert [store.time_of(n) for n in range(6)] == [1.0, 2.0, 3.0, 4.0, 5.0, 6.0]
    assert stream_of(store.origin_of(0)) is Stream.STDERR
    logs.close()


def test_what_is_held_already_is_merged_before_what_comes(tmp_path: Path) -> None:
    logs = opened(tmp_path)
    logs.show(GROUP)
    logs.take(chunk("db", 0, b"first\nsec", 1.0))
    logs.take(chunk("api", 0, b"second\n", 2.0))
    logs.show(GROUP, (GROUP,))
    logs.take(chunk("api", 7, b"third\n", 3.0))
    logs.take(chunk("db", 9, b"ond\n", 4.0))
    settle(logs)
    assert lines_of(logs.merged(GROUP).store) == [(1, b"first"), (0, b"second"), (0, b"third"), (1, b"second")]
    logs.close()


def test_a_line_is_not_cut_by_what_another_task_prints_meanwhile(tmp_path: Path) -> None:
    logs = opened(tmp_path)
    logs.show(GROUP, (GROUP,))
    logs.take(chunk("api", 0, b"half", 1.0))
    logs.take(chunk("db", 0, b"whole\n", 2.0))
    logs.take(chunk("api", 4, b" and half\n", 3.0))
    assert lines_of(logs.merged(GROUP).store) == [(1, b"whole"), (0, b"half and half")]
    logs.close()


def test_a_note_ends_an_unfinished_line_and_stays_a_note(tmp_path: Path) -> None:
    logs = opened(tmp_path)
    logs.show(GROUP, (GROUP,))
    logs.take(chunk("api", 0, b"half", 1.0))
    logs.take(chunk("api", 4, b"\n-- again --\n", 2.0, Stream.NOTE))
    store = logs.merged(GROUP).store
    assert [(store.line(n), stream_of(store.origin_of(n))) for n in range(2)] == [
        (b"half", Stream.STDOUT),
        (b"-- again --", Stream.NOTE),
    ]
    logs.close()


def test_others_wait_for_a_log_that_has_to_catch_up(tmp_path: Path) -> None:
    logs = opened(tmp_path)
    logs.show(GROUP, (GROUP,))
    log = LogFile(tmp_path / "api.log")
    log.append(b"missed\n", Stream.STDOUT, 1, 1.0)
    log.append(b"seen\n", Stream.STDOUT, 1, 3.0)
    log.release()
    logs.take(chunk("api", 7, b"seen\n", 3.0))
    logs.take(chunk("db", 0, b"between\n", 2.0))
    settle(logs)
    assert lines_of(logs.merged(GROUP).store) == [(0, b"missed"), (1, b"between"), (0, b"seen")]
    logs.close()


def test_a_merged_log_keeps_within_its_part_of_the_budget(tmp_path: Path) -> None:
    logs = opened(tmp_path)
    logs.show(GROUP, (GROUP,))
    line = b"x" * 99 + b"\n"
    for number in range(200):
        logs.take(chunk("api", number * 100_000, line * 1000, float(number)))
    held = logs.merged(GROUP).store.held_bytes
    assert held <= BUDGET // 8 + (256 << 10)
    assert held + sum(logs.feed(task).held for task in GROUP) <= BUDGET + (512 << 10)
    assert logs.merged(GROUP).store.line(logs.merged(GROUP).store.total - 1) == line[:-1]
    logs.close()


def test_a_group_that_is_shown_no_more_takes_nothing_any_more(tmp_path: Path) -> None:
    logs = opened(tmp_path)
    logs.show(GROUP, (GROUP,))
    logs.show(GROUP)
    assert [logs.feed(task).taps for task in GROUP] == [[], []]
    with pytest.raises(KeyError):
        logs.merged(GROUP)
    logs.close()


@settings(deadline=None, max_examples=60)
@given(
    chunks=st.lists(
        st.tuples(st.sampled_from(GROUP), st.lists(st.sampled_from([b"a", b"b\n", b"c\nd", b"\n"]), max_size=4)),
        max_size=25,
    ),
    lost=st.sets(st.integers(0, 24)),
    shown_at=st.integers(0, 25),
)
def test_every_line_comes_once_and_each_log_keeps_its_order(
    tmp_path_factory: pytest.TempPathFactory,
    chunks: list[tuple[str, list[bytes]]],
    lost: set[int],
    shown_at: int,
) -> None:
    tmp_path = tmp_path_factory.mktemp("merged")
    logs = opened(tmp_path)
    files = {task: LogFile(tmp_path / f"{task}.log") for task in GROUP}
    logs.show(GROUP, (GROUP,) if shown_at == 0 else ())
    for number, (task, parts) in enumerate(chunks, 1):
        if data := b"".join(parts):
            out = files[task].append(data, Stream.STDOUT, 1, float(number))
            files[task].flush()
            if number not in lost:
                logs.take(chunk(task, out.offset, data, out.time))
        if number == shown_at:
            logs.show(GROUP, (GROUP,))
    logs.show((), ())
    logs.show(GROUP, (GROUP,))
    settle(logs)
    merged = lines_of(logs.merged(GROUP).store)
    for source, task in enumerate(GROUP):
        printed = b"".join(b"".join(parts) for name, parts in chunks if name == task)
        assert [line for number, line in merged if number == source] == printed.split(b"\n")[:-1]
    for log in files.values():
        log.release()
    logs.close()
