"""One store with the lines of several logs in the order of their times.

What the logs hold already is merged first, in slices; then lines come in as they are printed. A log that has to catch up
from its file holds the others back, so that its older lines come before their newer ones. Lines come whole: what a task
has begun and not finished is not here yet.
"""

from collections import deque
from collections.abc import Callable, Iterator
from heapq import heappop, heappush
from typing import NamedTuple

from tui_runner.model.output import Stream
from tui_runner.model.task import TaskId
from tui_runner.tui.log_feed import LogFeed
from widgets.line_cut import settle
from widgets.line_origin import origin_of, stream_of
from widgets.line_store import LineStore


class _Lines(NamedTuple):
    """Whole lines of one task, printed at one time."""

    data: bytes
    time: float
    stream: Stream


class _Source:
    """What of one log waits for its turn."""

    __slots__ = ("_first", "_queue", "_seed", "_tail", "_tail_stream", "feed")

    def __init__(self, feed: LogFeed, most: int) -> None:
        self.feed = feed
        self._seed: Iterator[_Lines] | None = _held(feed.store, most)
        self._first: _Lines | None = None
        self._queue: deque[_Lines] = deque()
        self._tail = feed.store.unfinished
        self._tail_stream = stream_of(feed.store.origin_of(feed.store.total)) if self._tail else Stream.STDOUT

    @property
    def first(self) -> _Lines | None:
        """The oldest lines that wait; None when there are none."""
        if self._seed is not None:
            if self._first is None:
                self._first = next(self._seed, None)
            if self._first is not None:
                return self._first
            self._seed = None
        return self._queue[0] if self._queue else None

    def drop_first(self) -> None:
        """Forget the oldest lines that wait."""
        if self._first is not None:
            self._first = None
        else:
            self._queue.popleft()

    def take(self, data: bytes, time: float, stream: Stream) -> int:
        """Let what the task has printed wait; return how many bytes of whole lines that are."""
        if self._tail and stream is not self._tail_stream and (end := data.find(b"\n") + 1):
            # What another stream had begun ends here: that line stays its own.
            begun, data = self._tail + data[:end], data[end:]
            self._queue.append(_Lines(begun, time, self._tail_stream))
            self._tail = b""
        if not self._tail:
            self._tail_stream = stream
        data = self._tail + data
        cut = data.rfind(b"\n") + 1
        pieces, self._tail = settle(data[cut:])
        lines = data[:cut] + b"".join([piece + b"\n" for piece in pieces])
        if lines:
            self._queue.append(_Lines(lines, time, self._tail_stream))
            self._tail_stream = stream
        return len(lines)


class MergedLog:
    """The merged lines of some tasks; `close` it when nobody looks any more."""

    def __init__(self, feeds: dict[TaskId, LogFeed], most: int) -> None:
        """Merge these logs, at most the last `most` bytes of what they hold, and keep as much."""
        self.tasks = tuple(feeds)
        self.store = LineStore(most)
        self._most = most
        self._queued = 0
        shares = _shares([feed.held for feed in feeds.values()], most)
        self._sources = [_Source(feed, share) for feed, share in zip(feeds.values(), shares, strict=True)]
        self._taps = [self._tap(number) for number in range(len(self._sources))]
        for source, tap in zip(self._sources, self._taps, strict=True):
            source.feed.taps.append(tap)
        self._held = set(range(len(self._sources)))
        """Sources that may have to catch up."""
        self._heads: list[tuple[float, int]] = []
        self._waiting: set[int] = set()
        for number in range(len(self._sources)):
            self._line_up(number)

    @property
    def ready(self) -> bool:
        """Tell whether lines wait that may come in now: call `release`."""
        return bool(self._heads) and not self._held_back()

    def hold(self, task: TaskId) -> None:
        """Note that this task has to catch up: the others wait for it."""
        self._held.add(self.tasks.index(task))

    def release(self, out_of_time: Callable[[], bool] = lambda: False) -> bool:
        """Let in what may come in until time is out; tell whether the store grew."""
        before = self.store.total
        while self._heads and not self._held_back():
            _, number = heappop(self._heads)
            self._waiting.discard(number)
            source = self._sources[number]
            lines = source.first
            if lines is not None:
                source.drop_first()
                self._queued = max(0, self._queued - len(lines.data))
                self.store.feed(lines.data, lines.time, origin_of(lines.stream, number))
                self._line_up(number)
            if out_of_time():
                break
        return self.store.total > before

    def close(self) -> None:
        """Take nothing any more."""
        for source, tap in zip(self._sources, self._taps, strict=True):
            source.feed.taps.remove(tap)
        self._sources, self._taps, self._heads = [], [], []

    def _held_back(self) -> bool:
        if not self._held or self._queued > self._most:
            return False
        self._held = {number for number in self._held if self._sources[number].feed.behind}
        return not self._held <= self._waiting

    def _tap(self, number: int) -> Callable[[bytes, float, Stream], None]:
        def take(data: bytes, time: float, stream: Stream) -> None:
            self._queued += self._sources[number].take(data, time, stream)
            if number not in self._waiting:
                self._line_up(number)

        return take

    def _line_up(self, number: int) -> None:
        lines = self._sources[number].first
        if lines is not None:
            heappush(self._heads, (lines.time, number))
            self._waiting.add(number)


def _held(store: LineStore, most: int) -> Iterator[_Lines]:
    """Yield what a store holds now, its last `most` bytes or a block more."""
    total = store.total
    size, start = 0, total
    for block in store.blocks_before(total):
        if size >= most:
            break
        size += len(block.data)
        start = block.first
    for block in list(store.blocks_from(start)):
        for run in block.runs():
            if run.first >= total:
                return
            yield _Lines(block.slice(run.first, min(run.past, total)), run.time, stream_of(run.origin))


def _shares(sizes: list[int], most: int) -> list[int]:
    """Return how many bytes of each log fit: small ones whole, the others alike."""
    shares = [0] * len(sizes)
    order = sorted(range(len(sizes)), key=sizes.__getitem__)
    for done, number in enumerate(order):
        shares[number] = min(sizes[number], most // (len(order) - done))
        most -= shares[number]
    return shares
