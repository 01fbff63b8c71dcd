import os
import sys
from pathlib import Path

import pytest

from tui_runner.model.output import Stream
from tui_runner.process.guardian.activation import open_log
from tui_runner.process.log_file import TAIL_BYTES, LogFile
from tui_runner.process.log_record import INDEX_RECORD, STREAMS


def test_a_log_appears_with_its_first_output_and_is_private(tmp_path: Path) -> None:
    path = tmp_path / "logs" / "a.log"
    log = LogFile(path)
    assert not path.exists()
    log.append(b"hello\n", Stream.STDOUT, 1, 10.0)
    assert path.read_bytes() == b"hello\n"
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    log.release()


def test_the_index_tells_where_when_and_whence_each_chunk_came(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "a.log")
    log.append(b"one\n", Stream.STDOUT, 1, 10.5)
    log.append(b"two\n", Stream.STDERR, 2, 11.5)
    assert log.pending
    log.flush()
    assert not log.pending
    assert log.index_path is not None
    records = list(INDEX_RECORD.iter_unpack(log.index_path.read_bytes()))
    assert records == [(0, 10.5, 1, 0), (4, 11.5, 2, 1)]
    assert INDEX_RECORD.size == 24
    assert STREAMS[1] is Stream.STDERR
    assert log.index_path.stat().st_mode & 0o777 == 0o600
    log.release()


def test_offsets_go_on_where_an_earlier_log_ended(tmp_path: Path) -> None:
    first = LogFile(tmp_path / "a.log")
    first.append(b"old\n", Stream.STDOUT, 1, 1.0)
    first.release()
    second = LogFile(tmp_path / "a.log")
    assert second.append(b"new\n", Stream.STDOUT, 1, 2.0).offset == 4
    second.release()
    assert (tmp_path / "a.log").read_bytes() == b"old\nnew\n"


def test_the_tail_is_bounded_and_older_bytes_come_from_the_file(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "a.log")
    for number in range(40):
        log.append(bytes([number]) * 65536, Stream.STDOUT, 1, 1.0)
    assert sum(len(chunk.data) for chunk in log.tail) <= TAIL_BYTES
    assert log.end == 40 * 65536
    assert log.read(65530, 12) == b"\x00" * 6 + b"\x01" * 6
    assert log.read(39 * 65536 - 2, 4) == bytes([38, 38, 39, 39])
    assert log.read(log.end - 1, 100) == bytes([39])
    assert log.read(log.end, 10) == b""
    assert log.read(-1, 10) == b""
    log.release()


def test_the_tail_of_a_task_that_prints_single_bytes_takes_no_more_memory_than_any_other() -> None:
    log = LogFile(None)
    for number in range(30_000):
        log.append(b"x", Stream.STDOUT, 1, float(number))
    taken = sum(
        map(sys.getsizeof, (part for chunk in log.tail for part in (chunk, chunk.data, chunk.time, chunk.offset)))
    )
    assert TAIL_BYTES // 4 < taken <= TAIL_BYTES
    assert log.tail[-1].offset == 29_999


def test_a_log_without_a_file_keeps_its_tail() -> None:
    log = LogFile(None)
    log.append(b"hello ", Stream.STDOUT, 1, 1.0)
    log.append(b"world", Stream.STDOUT, 1, 1.0)
    assert log.read(3, 6) == b"lo wor"
    assert log.failed is None
    assert not log.pending


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
def test_a_full_disk_is_remembered_and_the_tail_stays(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "a.log")
    log._fd = os.open("/dev/full", os.O_WRONLY)
    log.append(b"lost\n", Stream.STDOUT, 1, 1.0)
    assert log.failed is not None
    assert "No space left on device" in log.failed
    chunk = log.append(b"more\n", Stream.STDOUT, 1, 1.0)
    assert chunk.offset == 5
    assert log.read(0, 100) == b"lost\nmore\n"
    log.release()


def test_a_planted_link_is_not_followed(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    (tmp_path / "a.log").symlink_to(victim)
    log = LogFile(tmp_path / "a.log")
    log.append(b"hello\n", Stream.STDOUT, 1, 1.0)
    assert not victim.exists()
    assert log.failed is not None


@pytest.mark.parametrize("listened_to", [False, True])
def test_a_pipe_in_the_place_of_a_log_is_not_waited_for_and_not_written_to(tmp_path: Path, listened_to: bool) -> None:
    path = tmp_path / "a.log"
    os.mkfifo(path)
    reader = os.open(path, os.O_RDONLY | os.O_NONBLOCK) if listened_to else None
    log = LogFile(path)
    log.append(b"hello\n", Stream.STDOUT, 1, 1.0)
    assert log.failed == f"cannot write {path}: it is not a regular file; only the latest output is kept, in memory"
    assert log.read(0, 100) == b"hello\n"
    log.release()
    if reader is not None:
        assert os.read(reader, 100) == b""
        os.close(reader)


def test_a_pipe_in_the_place_of_an_index_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.log.idx")
    log = LogFile(tmp_path / "a.log")
    log.append(b"hello\n", Stream.STDOUT, 1, 1.0)
    log.release()
    assert log.failed is not None
    assert "a.log.idx: it is not a regular file" in log.failed


def test_a_log_that_became_a_pipe_is_not_waited_for_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    log = LogFile(path)
    log.append(b"x" * TAIL_BYTES, Stream.STDOUT, 1, 1.0)
    log.append(b"y" * TAIL_BYTES, Stream.STDOUT, 1, 1.0)
    path.unlink()
    os.mkfifo(path)
    assert log.read(0, 10) == b""
    log.release()


def test_the_guardian_does_not_wait_for_a_pipe_in_the_place_of_a_log(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "a.log")
    assert open_log(str(tmp_path / "a.log")) is None


def test_a_released_log_opens_again_by_itself(tmp_path: Path) -> None:
    log = LogFile(tmp_path / "a.log")
    for _ in range(3):
        log.append(b"x", Stream.NOTE, 1, 1.0)
        log.release()
    assert (tmp_path / "a.log").read_bytes() == b"xxx"
