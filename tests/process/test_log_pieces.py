"""A log that grows is kept in pieces: offsets go on, the oldest output goes first, readers do not notice."""

import os
import shutil
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tui_runner.model.output import Stream
from tui_runner.model.retention import LogLimits
from tui_runner.process.log_file import LogFile
from tui_runner.process.log_pieces import LogPieces, older_pieces
from tui_runner.process.log_reader import LogIndex, LogReader
from tui_runner.process.log_record import INDEX_RECORD
from tui_runner.process.log_tail import last_lines

LIMITS = LogLimits(piece=1000, log=5000, run=1 << 30)


def numbered(first: int, count: int) -> list[bytes]:
    return [b"line %06d\n" % number for number in range(first, first + count)]


def put(log: LogFile, lines: list[bytes], at: float = 1.0) -> None:
    for line in lines:
        log.append(line, Stream.STDOUT, 1, at)
    log.flush()


def test_a_log_that_grows_keeps_its_newest_part_and_its_offsets(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    log = LogFile(path, LIMITS)
    lines = numbered(0, 1000)
    put(log, lines)
    log.release()
    whole = b"".join(lines)
    assert log.end == len(whole)
    on_disk = sum(file.stat().st_size for file in tmp_path.rglob("*") if file.is_file())
    assert 3000 <= on_disk <= 5000
    with LogReader(str(path)) as reader:
        assert reader.size() == len(whole)
        assert 0 < reader.start < len(whole)
        assert reader.read(reader.start, len(whole)) == whole[reader.start :]
        assert reader.read(0, 100) == b""
        assert reader.first_from(0) == reader.start
        assert b"".join(data for _, data in reader.blocks(0, len(whole), 64)) == whole[reader.start :]
    assert last_lines(path, 100) == tuple(line.decode().strip() for line in lines[-100:])


def test_the_index_of_all_pieces_reads_as_one(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    log = LogFile(path, LIMITS)
    put(log, numbered(0, 200))
    log.release()
    with LogIndex(str(path)) as index, LogReader(str(path)) as reader:
        records = list(INDEX_RECORD.iter_unpack(index.read(0, index.size())))
        assert records[0][0] == reader.start
        assert [offset for offset, *_ in records] == list(range(reader.start, reader.size(), 12))
        assert index.read(24 * 3, 48) == index.read(0, index.size())[72:120]


def test_a_reader_goes_on_while_the_log_turns_to_new_files(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    log = LogFile(path, LIMITS)
    lines = numbered(0, 300)
    seen = b""
    with LogReader(str(path)) as reader:
        for start in range(0, len(lines), 20):
            put(log, lines[start : start + 20])
            while data := reader.read(len(seen), 100):
                seen += data
    assert seen == b"".join(lines)
    log.release()


def test_a_new_writer_goes_on_where_the_pieces_end(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    first = LogFile(path, LIMITS)
    put(first, numbered(0, 100))
    first.release()
    second = LogFile(path, LIMITS)
    assert second.end == first.end
    put(second, numbered(100, 100))
    second.release()
    with LogReader(str(path)) as reader:
        assert reader.read(reader.start, 1 << 20) == b"".join(numbered(0, 200))[reader.start :]


def test_what_the_disk_did_not_take_is_a_gap_and_offsets_go_on(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    log = LogFile(path, LIMITS)
    put(log, [b"before\n"])
    log.release()
    log._fd = os.open("/dev/full", os.O_WRONLY)
    put(log, [b"lost one\n", b"lost two\n"])
    assert log.failed is not None
    assert log.resume() == 18
    assert log.failed is None
    put(log, [b"after\n"])
    log.release()
    with LogReader(str(path)) as reader:
        assert reader.size() == log.end == 7 + 18 + 6
        assert reader.read(0, 100) == b"before\n"
        assert reader.first_from(7) == 25
        assert reader.stretch_before(20) == (0, 7)
        assert reader.stretch_before(30) == (25, 30)
        assert b"".join(data for _, data in reader.blocks(0, 100, 10)) == b"before\nafter\n"
    assert last_lines(path) == ("before", "after")
    assert log.read(0, 100) == b"before\nlost one\nlost two\nafter\n"
    assert LogFile(path, LIMITS).end == log.end


def test_the_oldest_piece_can_go_though_it_says_where_the_next_begins(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    log = LogFile(path, LIMITS)
    put(log, numbered(0, 100))
    for _ in range(5):
        log.drop_oldest()
    put(log, [b"more\n"])
    log.release()
    assert log.older_size == 0
    assert len(older_pieces(str(path))) == 1
    with LogReader(str(path)) as reader:
        assert reader.size() == log.end
        assert reader.read(log.end - 5, 10) == b"more\n"
        assert reader.start == reader.stretch_before(log.end)[0]  # type: ignore[index]  # there is one


def test_a_link_in_place_of_the_older_pieces_is_not_followed(tmp_path: Path) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (elsewhere / "000000000000000000").write_bytes(b"secret")
    (tmp_path / "api.log.old").symlink_to(elsewhere)
    with LogReader(str(tmp_path / "api.log")) as reader:
        assert reader.read(0, 100) == b""
        assert reader.size() == 0


def test_a_log_whose_older_pieces_somebody_removes_stays_readable(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    log = LogFile(path, LIMITS)
    put(log, numbered(0, 100))
    shutil.rmtree(tmp_path / "api.log.old")
    put(log, numbered(100, 100))
    log.release()
    assert log.failed is None
    assert last_lines(path, 1) == ("line 000199",)


@settings(deadline=None, max_examples=60)
@given(
    chunks=st.lists(st.binary(min_size=1, max_size=400), max_size=60),
    steps=st.lists(st.sampled_from(["append", "drop", "skip", "reopen"]), max_size=60),
)
def test_whatever_happens_what_is_there_is_at_its_place(chunks: list[bytes], steps: list[str]) -> None:
    with tempfile.TemporaryDirectory() as directory:
        path = Path(directory) / "x.log"
        log = LogFile(path, LogLimits(piece=300, log=2000, run=1 << 30))
        whole = b""
        for step, data in zip(steps, chunks, strict=False):
            match step:
                case "append":
                    assert log.append(data, Stream.STDOUT, 1, 1.0).offset == len(whole)
                    whole += data
                case "drop":
                    log.drop_oldest()
                case "skip":
                    pieces = LogPieces(str(path))
                    log.release()
                    log.failed = "for the test"
                    log.append(data, Stream.STDOUT, 1, 1.0)
                    whole += data
                    assert log.resume() == len(data)
                    assert pieces.start <= len(whole)
                case _:
                    log.release()
                    log = LogFile(path, LogLimits(piece=300, log=2000, run=1 << 30))
            assert log.end == len(whole)
        log.release()
        with LogReader(str(path)) as reader:
            assert reader.size() == len(whole)
            position = 0
            while (position := reader.first_from(position)) < len(whole):
                data = reader.read(position, 1 << 20)
                assert data
                assert whole[position : position + len(data)] == data
                position += len(data)
