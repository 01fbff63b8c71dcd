"""Fills the line store of one task: live from the socket, and from the log file wherever that leaves a gap.

Every byte has one place, its offset in the log file, so chunks may come late, twice or not at all. The file is the
truth: what a chunk announces beyond a gap is not kept but read, in slices that never hold the screen up.
"""

from collections.abc import Callable

from tui_runner.model.output import Stream
from tui_runner.process.log_reader import LogIndex, LogReader
from tui_runner.tui.log_index import pieces
from widgets.line_origin import origin_of
from widgets.line_store import LineStore

READ_BYTES = 256 << 10
"""One read of the file; about 0.1 ms when it is in the page cache."""


class LogFeed:
    """The log of one task in this process: a line store and how far it reaches."""

    __slots__ = ("_file", "_index", "_most", "attempt", "known", "path", "store", "taps")

    def __init__(self, path: str, most: int) -> None:
        self.path = path
        """Log file; may become known later, empty until then."""
        self.store = LineStore(most)
        self.known = 0
        """Offset up to which bytes are known to exist; above `end` while the file has to be read."""
        self.attempt = 0
        """Which attempt of the task printed what came last; 0 when that is not known."""
        self.taps: list[Callable[[bytes, float, Stream], None]] = []
        """Get all that the store gets, when it has got it."""
        self._most = most
        self._file: LogReader | None = None
        self._index: LogIndex | None = None

    @property
    def end(self) -> int:
        """Offset of the first byte that is not in the store yet."""
        return self.store.position

    @property
    def held(self) -> int:
        """Bytes in the store."""
        return self.store.held_bytes

    @property
    def first_offset(self) -> int:
        """Where in the file the oldest line held begins."""
        return self.store.first_position

    @property
    def behind(self) -> bool:
        """Tell whether there is something to read from the file."""
        return self.known > self.end

    def take(
        self,
        offset: int,
        data: bytes,
        time: float,
        stream: Stream = Stream.STDOUT,
        *,
        attempt: int = 0,
        told_when: bool = True,
    ) -> bool:
        """Take a chunk from the socket, read at `time`; tell whether the store grew.

        What is held already is ignored. A chunk beyond a gap only says that the file has more, unless the file does
        not have it: then the gap is lost and live output goes on. So does one that does not say when it was printed
        (`told_when`): the index of the file does.
        """
        stop = offset + len(data)
        self.known = max(self.known, stop)
        if stop <= self.end:
            return False
        if offset > self.end or not told_when:
            if self._opened().size() >= stop:
                return False
            self.close()
            self.store.skip_to(max(self.end, offset))
        self._feed(data[self.end - offset :] if offset < self.end else data, time, stream, attempt)
        if not self.behind:
            self.close()
        return True

    def look(self) -> None:
        """Note how long the log file is, so that `read` catches up with it.

        Of a file larger than the byte budget only the last part is read, from the start of a line.
        """
        with LogReader(self.path) as file:
            self.known = max(self.known, self.end, file.size())
            if self.end == 0 and self.known > self._most:
                start = self.known - self._most
                self.store.skip_to(start + file.read(start, READ_BYTES).find(b"\n") + 1)

    def read(self, out_of_time: Callable[[], bool], time: float) -> bool:
        """Read on from the file until it is caught up or time is out, one slice at least; tell whether the store grew.

        What has to come from the disk first is left for the next call.
        `time` is what lines are stamped with that the index of the file does not know, in seconds since the epoch.
        """
        grew = self._read_on(out_of_time, time)
        if not self.behind:
            self.close()
        return grew

    def _read_on(self, out_of_time: Callable[[], bool], time: float) -> bool:
        grew = False
        while self.behind:
            try:
                data = self._opened().read_held(self.end, READ_BYTES)
                found = list(pieces(self._index_opened(), self.end, data, time))
            except BlockingIOError:
                return grew
            if not data:
                # Missing, cut short or removed: what is gone cannot be had.
                first = self._opened().first_from(self.end)
                self.store.skip_to(first if self.end < first < self.known else self.known)
                continue
            for piece in found:
                self._feed(*piece)
            self.known = max(self.known, self.end)
            grew = True
            if out_of_time():
                break
        return grew

    def last_lines(self, count: int) -> tuple[bytes, ...]:
        """Return the last lines of the log as raw bytes, without line ends, oldest first."""
        with LogReader(self.path) as log:
            stretch = log.stretch_before(log.size())
            tail = (
                b"" if stretch is None else log.read(max(stretch.start, stretch.end - READ_BYTES // 4), READ_BYTES // 4)
            )
        return tuple(tail.rstrip(b"\r\n").split(b"\n")[-count:]) if tail.strip() else ()

    def keep(self, most: int) -> None:
        """Keep at most this many bytes from now on; the oldest lines go first."""
        self._most = most
        self.store.max_bytes = most

    def forget(self) -> None:
        """Drop all lines; they can be read from the file again."""
        self.close()
        self.store = LineStore(self._most)

    def close(self) -> None:
        """Close the file if it is open; again is fine."""
        if self._file is not None:
            self._file.close()
            self._file = None
        if self._index is not None:
            self._index.close()
            self._index = None

    def _index_opened(self) -> LogIndex:
        if self._index is None:
            self._index = LogIndex(self.path, held=True)
        return self._index

    def _opened(self) -> LogReader:
        if self._file is None:
            self._file = LogReader(self.path)
        return self._file

    def _feed(self, data: bytes, time: float, stream: Stream, attempt: int) -> None:
        self.store.feed(data, time, origin_of(stream))
        self.attempt = attempt
        for tap in self.taps:
            tap(data, time, stream)
