"""The index beside a log file says who printed what and when, as far as it makes sense."""

from pathlib import Path
from tempfile import NamedTemporaryFile

from hypothesis import given, settings
from hypothesis import strategies as st

from tui_runner.model.output import Stream
from tui_runner.process.log_file import LogFile
from tui_runner.process.log_reader import LogIndex
from tui_runner.process.log_record import INDEX_RECORD
from tui_runner.tui.log_feed import LogFeed
from tui_runner.tui.log_index import pieces
from widgets.line_origin import stream_of
from widgets.line_store import LineStore

NOW = 1_700_000_000.0


def told(store: LineStore) -> list[tuple[bytes, float, Stream]]:
    return [(store.line(n), store.time_of(n), stream_of(store.origin_of(n))) for n in range(store.first, store.end)]


def written(path: Path, *chunks: tuple[bytes, Stream, float]) -> LogFeed:
    log = LogFile(path)
    for data, stream, time in chunks:
        log.append(data, stream, 1, time)
    log.release()
    feed = LogFeed(str(path), 1 << 20)
    feed.look()
    return feed


def test_lines_read_from_a_file_know_their_time_and_stream(tmp_path: Path) -> None:
    feed = written(
        tmp_path / "api.log",
        (b"one\n", Stream.STDOUT, 10.0),
        (b"two\n", Stream.STDERR, 11.0),
        (b"three\nhal", Stream.STDOUT, 12.0),
        (b"\n-- again --\n", Stream.NOTE, 13.0),
        (b"four\n", Stream.STDOUT, 14.0),
    )
    assert feed.read(lambda: False, NOW)
    assert told(feed.store) == [
        (b"one", 10.0, Stream.STDOUT),
        (b"two", 11.0, Stream.STDERR),
        (b"three", 12.0, Stream.STDOUT),
        (b"hal", 13.0, Stream.STDOUT),
        (b"-- again --", 13.0, Stream.NOTE),
        (b"four", 14.0, Stream.STDOUT),
    ]


def test_what_follows_a_note_and_is_not_in_the_index_yet_is_no_note(tmp_path: Path) -> None:
    path = tmp_path / "api.log"
    feed = written(path, (b"-- started --\n", Stream.NOTE, 13.0))
    with path.open("ab") as file:
        file.write(b"hello\n")
    feed.look()
    feed.read(lambda: False, NOW)
    assert told(feed.store) == [(b"-- started --", 13.0, Stream.NOTE), (b"hello", NOW, Stream.STDOUT)]


def test_a_chunk_that_does_not_say_when_is_read_from_the_file(tmp_path: Path) -> None:
    feed = written(tmp_path / "api.log", (b"old\n", Stream.STDERR, 10.0))
    assert not feed.take(0, b"old\n", NOW, told_when=False)
    feed.read(lambda: False, NOW)
    assert told(feed.store) == [(b"old", 10.0, Stream.STDERR)]
    feed.close()


def test_a_chunk_that_does_not_say_when_is_taken_where_there_is_no_file() -> None:
    feed = LogFeed("", 1 << 20)
    assert feed.take(0, b"old\n", NOW, told_when=False)
    assert told(feed.store) == [(b"old", NOW, Stream.STDOUT)]


@settings(deadline=None)
@given(
    data=st.binary(max_size=300),
    offset=st.integers(0, 50),
    records=st.lists(
        st.tuples(st.integers(0, 400), st.floats(), st.integers(0, 2**32 - 1), st.integers(0, 255)), max_size=30
    ),
    rest=st.binary(max_size=23),
)
def test_an_index_that_lies_loses_no_byte(
    data: bytes, offset: int, records: list[tuple[int, float, int, int]], rest: bytes
) -> None:
    with NamedTemporaryFile(suffix=".idx") as file:
        file.write(b"".join(INDEX_RECORD.pack(*record) for record in records) + rest)
        file.flush()
        with LogIndex(file.name.removesuffix(".idx")) as index:
            assert b"".join(piece.data for piece in pieces(index, offset, data, NOW)) == data
