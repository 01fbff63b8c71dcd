"""Feeds the emulator of one task: with the end of its log first, then with whatever the log gets.

The log is the truth here too, so a terminal can be built again at any time, from the last part of it. Of what lies before
that part only the modes count that programs switch on once, such as having the whole screen. Everything is done in slices.
"""

from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from tui_runner.errors.render import printable
from tui_runner.model.output import Stream
from tui_runner.model.window_size import WindowSize
from tui_runner.process.log_reader import LogIndex, LogReader
from tui_runner.tui.log_feed import LogFeed
from tui_runner.tui.log_index import Piece, attempt_start, pieces
from tui_runner.tui.mode_changes import ModeChanges
from tui_runner.tui.terminal_separator import separator
from widgets.emulator import Emulator

REPLAY_BYTES: Final = 2 << 20
"""How much of the end of the log is shown again; more than what an emulator keeps of plain text."""
SCANNED_BYTES: Final = 64 << 20
"""How much before that is searched for modes."""
ANSWER_S: Final = 2.0
"""What was asked longer ago is not answered: nobody waits for it any more, and it would be taken for typing."""
_SLICE_BYTES: Final = 4096
"""Fed at once. Text takes microseconds; the worst that a program can make of it, a tenth of a second."""
_READ_BYTES: Final = 256 << 10
_MOST_QUEUED: Final = 8 << 20
"""More than that waits only if a program keeps the emulator busy on purpose: it is begun again near the end."""

OutOfTime = Callable[[], bool]


class _Part(NamedTuple):
    """What waits to be fed."""

    offset: int
    piece: Piece


class TerminalFeed:
    """The terminal of one task in this process."""

    def __init__(
        self,
        log: LogFeed,
        make: Callable[[WindowSize], Emulator],
        size: WindowSize,
        *,
        clock: Callable[[], float],
        answer: Callable[[bytes], None],
        answered_to: int = 0,
    ) -> None:
        """`answer` gets what programs are to be told; questions before the offset `answered_to` have been answered."""
        self.emulator = make(size)
        """What is shown; another one when the terminal has to be built again."""
        self.answered_to = answered_to
        self._log = log
        self._make = make
        self._size = size
        self._clock = clock
        self._answer = answer
        self._attempt = 0
        self._note = ""
        self._past: deque[_Part] = deque()
        """What was read from the file."""
        self._queue: deque[_Part] = deque()
        """What came meanwhile."""
        self._queued = 0
        self._end = 0
        """Offset after the last byte that was queued, or is read from the file before the queue's turn."""
        self._scan: ModeChanges | None = None
        self._scan_at = self._read_at = self._read_to = 0
        self._begin()
        log.taps.append(self._tap)

    def close(self) -> None:
        """Take nothing any more."""
        self._log.taps.remove(self._tap)
        self._forget()

    def _forget(self) -> None:
        self._past.clear()
        self._queue.clear()
        self._queued = 0
        self._read_at = self._read_to

    @property
    def busy(self) -> bool:
        """Tell whether there is something to feed: call `work` soon."""
        return self._read_at < self._read_to or bool(self._past or self._queue)

    @property
    def far_behind(self) -> bool:
        """Tell whether the log has so much more that it is better to begin again near its end."""
        return self._log.known - self._end > REPLAY_BYTES

    def resize(self, size: WindowSize) -> None:
        """Take the size that the terminal of the task has now."""
        if size != self._size:
            self._size = size
            self._say(self.emulator.resize(size.columns, size.rows))

    def begin_again(self) -> None:
        """Build the terminal again, from the end of the log."""
        self.emulator = self._make(self._size)
        self._attempt, self._note = 0, ""
        self._forget()
        self._begin()

    def _begin(self) -> None:
        """Find out where in the log to begin."""
        with LogReader(self._log.path) as file, LogIndex(self._log.path) as index:
            self._end = self._read_to = max(self._log.end, file.size())
            cut = max(0, self._end - REPLAY_BYTES)
            if cut:
                # From the start of a line on, if there are lines.
                cut += file.read(cut, _SLICE_BYTES).find(b"\n") + 1
            begun = min(attempt_start(index), self._end)
        self._read_at = cut
        self._scan_at = max(begun, cut - SCANNED_BYTES)
        self._scan = ModeChanges() if self._scan_at < cut else None

    def work(self, out_of_time: OutOfTime) -> bool:
        """Feed what waits until time is out, one slice at least; tell whether the terminal may look different."""
        worked = False
        while self.busy:
            worked = True
            if self._scan is not None:
                self._scan_on(self._scan)
            elif self._past:
                self._feed_first(self._past)
            elif self._read_at < self._read_to:
                self._read_on()
            else:
                self._queued -= self._feed_first(self._queue)
            if out_of_time():
                break
        return worked

    def _scan_on(self, scan: ModeChanges) -> None:
        most = min(_READ_BYTES, self._read_at - self._scan_at)
        with LogReader(self._log.path) as file:
            data = file.read(self._scan_at, most) if most > 0 else b""
        if data:
            self._scan_at += len(data)
            scan.take(data)
        else:
            self._scan = None
            self.emulator.feed(scan.sequences)

    def _read_on(self) -> None:
        with LogReader(self._log.path) as file, LogIndex(self._log.path) as index:
            data = file.read(self._read_at, min(_READ_BYTES, self._read_to - self._read_at))
            for piece in pieces(index, self._read_at, data, self._clock()) if data else ():
                self._past.append(_Part(self._read_at, piece))
                self._read_at += len(piece.data)
            if not data:
                # Missing, cut short or removed: what is gone cannot be had.
                first = file.first_from(self._read_at)
                self._read_at = first if self._read_at < first < self._read_to else self._read_to

    def _tap(self, data: bytes, time: float, stream: Stream) -> None:
        """Take what the log got; without anything in its way a little of it is fed at once, so that typing is seen."""
        offset = self._log.end - len(data)
        if self._log.end <= self._end:
            return  # held already: the log was read again
        if offset < self._end:
            data, offset = data[self._end - offset :], self._end
        self._end = offset + len(data)
        piece = Piece(data, time, stream, self._log.attempt)
        if not self.busy and len(data) <= _SLICE_BYTES:
            self._feed(offset, piece)
            return
        self._queued += len(data)
        if self._queued > _MOST_QUEUED:
            self.begin_again()
        else:
            self._queue.append(_Part(offset, piece))

    def _feed_first(self, queue: deque[_Part]) -> int:
        """Feed one slice of what waits longest; return how long it is."""
        offset, piece = queue.popleft()
        now, later = piece.data[:_SLICE_BYTES], piece.data[_SLICE_BYTES:]
        if later:
            queue.appendleft(_Part(offset + len(now), piece._replace(data=later)))
        self._feed(offset, piece._replace(data=now))
        return len(now)

    def _feed(self, offset: int, piece: Piece) -> None:
        match piece.stream:
            case Stream.NOTE:
                # It may come while a program draws: it is shown where an attempt ends.
                self._note = piece.data.decode("utf-8", "replace").strip("─ \r\n")
            case Stream.STDOUT:
                if piece.attempt and piece.attempt != self._attempt:
                    self._begin_attempt(piece)
                answers = self.emulator.feed(piece.data)
                if answers and offset >= self.answered_to and self._clock() - piece.time < ANSWER_S:
                    self._say(answers)
                self.answered_to = max(self.answered_to, offset + len(piece.data))
            case _:
                pass  # what stop commands and teardowns print is in the log

    def _begin_attempt(self, piece: Piece) -> None:
        """Part what the task printed before it was started again from what comes."""
        if self._attempt:
            self.emulator.feed(separator(self.emulator, piece.time, printable(self._note)))
        self._attempt, self._note = piece.attempt, ""

    def _say(self, answers: bytes) -> None:
        if answers:
            self._answer(answers)
