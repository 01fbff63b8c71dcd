"""The last lines of a log: read from its end, plain, without what the teardown said."""

import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.model.output import Stream
from tui_runner.process.log_file import LogFile
from tui_runner.process.log_tail import MOST_BYTES, last_lines, last_lines_of


def written(path: Path, *parts: tuple[Stream, bytes]) -> Path:
    """Return the file of a log with these chunks in it."""
    log = LogFile(path)
    for stream, data in parts:
        log.append(data, stream, 1, 1.0)
    log.release()
    return path


def test_the_last_lines_come_in_order_as_plain_text(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(b"".join(b"\x1b[1mline %d\x1b[0m\r\n" % number for number in range(10_000)))
    assert last_lines(log, 3) == ("line 9997", "line 9998", "line 9999")
    assert last_lines(str(log), 5_000)[0] == "line 5000"


@pytest.mark.parametrize("count", [0, -1])
def test_no_lines_are_wanted_and_none_are_given(tmp_path: Path, count: int) -> None:
    assert last_lines(written(tmp_path / "x.log", (Stream.STDOUT, b"a\nb\n")), count) == ()


def test_a_line_that_was_written_over_is_told_as_it_was_seen_last(tmp_path: Path) -> None:
    bar = b"".join(b"\r%3d %%" % step for step in range(101))
    log = written(tmp_path / "x.log", (Stream.STDOUT, b"begin\n" + bar + b"\nend\n"))
    assert last_lines(log, 3) == ("begin", "100 %", "end")


def test_empty_lines_inside_stay_and_those_at_the_end_do_not_count(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    log.write_bytes(b"one\n\ntwo\n" + b"\n \n" * 20_000)
    assert last_lines(log, 3) == ("one", "", "two")
    log.write_bytes(b"\n\n \n")
    assert last_lines(log) == ()


def test_a_last_line_without_end_is_a_line(tmp_path: Path) -> None:
    assert last_lines(written(tmp_path / "x.log", (Stream.STDOUT, b"one\nmysql> "))) == ("one", "mysql>")


def test_letters_and_sequences_cut_by_chunks_are_whole(tmp_path: Path) -> None:
    text = "grüße \x1b[31m€\x1b[0m".encode()
    log = written(tmp_path / "x.log", *((Stream.STDOUT, bytes([byte])) for byte in text))
    assert last_lines(log) == ("grüße €",)


def test_what_is_no_text_is_replaced(tmp_path: Path) -> None:
    assert last_lines(written(tmp_path / "x.log", (Stream.STDOUT, b"caf\xe9\n"))) == ("caf\ufffd",)


def test_what_a_teardown_printed_is_left_out_and_our_notes_are_not(tmp_path: Path) -> None:
    log = written(
        tmp_path / "x.log",
        (Stream.STDOUT, b"one\n"),
        (Stream.STDERR, b"Traceback\n"),
        (Stream.TEARDOWN, b"removing\n" * 30_000),
        (Stream.NOTE, b"-- killed --\n"),
        (Stream.TEARDOWN, b"removed\n"),
    )
    assert last_lines(log) == ("one", "Traceback", "-- killed --")


def test_without_an_index_everything_counts(tmp_path: Path) -> None:
    log = written(tmp_path / "x.log", (Stream.STDOUT, b"one\n"), (Stream.TEARDOWN, b"down\n"))
    (tmp_path / "x.log.idx").unlink()
    assert last_lines(log) == ("one", "down")


@pytest.mark.parametrize("garbage", [b"", b"short", b"\xff" * 24 * 5, b"\0" * 24 * 70_000])
def test_an_index_that_makes_no_sense_does_no_harm(tmp_path: Path, garbage: bytes) -> None:
    log = written(tmp_path / "x.log", (Stream.STDOUT, b"one\ntwo\n"))
    (tmp_path / "x.log.idx").write_bytes(garbage)
    assert last_lines(log, 1) == ("two",)


def test_a_huge_file_is_read_from_its_end_only(tmp_path: Path) -> None:
    log = tmp_path / "x.log"
    with log.open("wb") as file:
        file.truncate(1 << 40)  # a hole of a terabyte
        file.seek(0, os.SEEK_END)
        file.write(b"\none\ntwo\n")
    assert last_lines(log, 2) == ("one", "two")
    assert [len(line) < MOST_BYTES for line in last_lines(log, 3)[1:]] == [True, True]


def test_of_a_line_without_end_the_last_megabyte_is_told(tmp_path: Path) -> None:
    log = written(tmp_path / "x.log", (Stream.STDOUT, b"a" * 3_000_000 + b"end"))
    (line,) = last_lines(log)
    assert line.endswith("aend")
    assert len(line) == MOST_BYTES
    assert last_lines(log, most_bytes=1000) == (("a" * 1000 + "end")[-1000:],)


def test_what_cannot_be_read_has_no_lines(tmp_path: Path) -> None:
    log = written(tmp_path / "x.log", (Stream.STDOUT, b"one\n"))
    (tmp_path / "link.log").symlink_to(log)
    os.mkfifo(tmp_path / "pipe.log")
    for name in ("missing", "link.log", "pipe.log", "."):
        assert last_lines(tmp_path / name) == ()


def test_chunks_in_memory_give_the_same_as_their_file(tmp_path: Path) -> None:
    log = LogFile(None)
    kept = LogFile(tmp_path / "x.log")
    for one in (log, kept):
        for number in range(500):
            one.append(b"line %d\nhalf" % number, Stream.STDOUT, 1, 1.0)
            one.append(b"down\n", Stream.TEARDOWN, 1, 1.0)
        one.release()
    assert last_lines_of(log.tail, 30) == last_lines(tmp_path / "x.log", 30)
    assert last_lines_of((), 30) == ()


@given(
    parts=st.lists(
        st.tuples(st.sampled_from([Stream.STDOUT, Stream.STDERR, Stream.NOTE, Stream.TEARDOWN]), st.text("ab\n \r")),
        max_size=30,
    ),
    count=st.integers(0, 12),
)
def test_the_file_and_the_chunks_in_memory_always_agree(
    tmp_path_factory: pytest.TempPathFactory, parts: list[tuple[Stream, str]], count: int
) -> None:
    directory = tmp_path_factory.mktemp("logs")
    memory = LogFile(None)
    file = LogFile(directory / "x.log")
    for one in (memory, file):
        for stream, text in parts:
            if text:
                one.append(text.encode(), stream, 1, 1.0)
        one.release()
    found = last_lines(directory / "x.log", count)
    assert found == last_lines_of(memory.tail, count)
    assert len(found) <= count
    told = "".join(text for stream, text in parts if stream is not Stream.TEARDOWN)
    lines = [line.rstrip("\r").rpartition("\r")[2] for line in told.rstrip().split("\n")]
    if "\r" not in told and count:
        assert list(found) == [line.rstrip() for line in lines if told.strip()][-count:]
