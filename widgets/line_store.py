"""Every line of one log, as bytes, with line numbers that never change.

Nothing is decoded, split or parsed when bytes come in. Bytes are kept in blocks of about 128 KiB; the oldest blocks go when
the byte budget is used up. Pure: no widgets, no clock, no files.
"""

from bisect import bisect_right
from collections.abc import Iterator

from widgets.line_block import LineBlock
from widgets.line_cut import settle, settle_lines

BLOCK_BYTES = 128 << 10
"""A block this large is sealed and another begun."""


class LineStore:
    """Append-only store of the lines of one log, bounded by a byte budget.

    Lines are numbered from 0 on in the order they came; a number stays with its line for good, also when older lines
    are dropped. The newest line may be unfinished; it counts and has a number.
    """

    def __init__(self, max_bytes: int = 256 << 20) -> None:
        self.max_bytes = max_bytes
        """Budget for bytes of lines; the index costs about 4 bytes more for each line that was looked at."""
        self.first = 0
        """Number of the oldest line still held."""
        self.total = 0
        """Finished lines ever seen; also the number of the unfinished line."""
        self.held_bytes = 0
        """Bytes of finished lines still held."""
        self.position = 0
        """Where in what is fed the next byte has its place."""
        self._blocks: list[LineBlock] = [LineBlock(0)]
        self._firsts = [0]
        self._positions = [0]
        """Where in what is fed each block begins: lines are not always held as long as they came."""
        self._tail = b""
        self._tail_time = 0.0
        self._tail_origin = 0

    def __len__(self) -> int:
        """Return how many lines are held, the unfinished one included."""
        return self.end - self.first

    @property
    def end(self) -> int:
        """One past the last line; the unfinished line counts once it has a byte."""
        return self.total + (1 if self._tail else 0)

    @property
    def unfinished(self) -> bytes:
        """What there is of the unfinished line; empty when there is none."""
        return self._tail

    @property
    def first_position(self) -> int:
        """Where in what is fed the oldest line held begins."""
        return self._positions[0]

    def skip_to(self, position: int) -> None:
        """Leave out what has its place before this one: what is fed next belongs here."""
        self.position = position
        if not self._tail and not self._blocks[-1].count:
            self._positions[-1] = position

    def feed(self, data: bytes, time: float, origin: int = 0) -> int:
        """Append what was read at this time (seconds since the epoch); returns how many lines it completed.

        Chunks may end anywhere, within a character too. `origin` says where it comes from (see `line_origin`); a line of
        several chunks belongs to the first of them.
        """
        before = self.total
        for start in range(0, len(data), BLOCK_BYTES):
            self._feed(data[start : start + BLOCK_BYTES], time, origin)
        return self.total - before

    def _feed(self, data: bytes, time: float, origin: int) -> None:
        self.position += len(data)
        begun = origin
        if self._tail:
            begun = self._tail_origin
            data = self._tail + data
        cut = data.rfind(b"\n") + 1
        if begun != origin and cut:
            # What another stream had begun ends here: that line stays its own.
            end = data.find(b"\n") + 1
            self._append(settle_lines(data[:end]), time, begun, len(data) - end)
            data, cut, begun = data[end:], cut - end, origin
        pieces, self._tail = settle(data[cut:])
        self._tail_time, self._tail_origin = time, begun
        lines = settle_lines(data[:cut])
        rest = len(data) - cut
        if pieces:
            lines += b"\n".join([*pieces, b""])
            rest = len(self._tail)
        if lines:
            self._append(lines, time, begun, rest)

    def _append(self, lines: bytes, time: float, origin: int, rest: int) -> None:
        """Keep finished lines; `rest` bytes of what was fed come after them."""
        count = lines.count(b"\n")
        block = self._blocks[-1]
        block.append(lines, count, time, origin)
        self.total += count
        self.held_bytes += len(lines)
        if len(block.data) >= BLOCK_BYTES:
            block.seal()
            self._blocks.append(LineBlock(self.total))
            self._firsts.append(self.total)
            self._positions.append(self.position - rest)
            self._evict()

    def _evict(self) -> None:
        gone = 0
        # The newest sealed block stays whatever the budget is: somebody may be looking at it.
        while self.held_bytes > self.max_bytes and gone < len(self._blocks) - 2:
            self.held_bytes -= len(self._blocks[gone].data)
            gone += 1
        del self._blocks[:gone], self._firsts[:gone], self._positions[:gone]
        self.first = self._firsts[0]

    def line(self, number: int) -> bytes:
        """Return a line without its newline.

        Raises:
            IndexError: it is not held (any more).
        """
        if number == self.total and self._tail:
            return self._tail
        return self._block_of(number).line(number)

    def time_of(self, number: int) -> float:
        """Return when a line was completed, or last grew if it is unfinished, in seconds since the epoch.

        Raises:
            IndexError: it is not held (any more).
        """
        if number == self.total and self._tail:
            return self._tail_time
        return self._block_of(number).time_of(number)

    def origin_of(self, number: int) -> int:
        """Return where a line comes from, see `line_origin`.

        Raises:
            IndexError: it is not held (any more).
        """
        if number == self.total and self._tail:
            return self._tail_origin
        return self._block_of(number).origin_of(number)

    def first_since(self, time: float) -> int:
        """Return the number of the first finished line that came at this time or later; `total` when there is none."""
        for block in self._blocks:
            if (number := block.first_since(time)) < block.first + block.count:
                return number
        return self.total

    def before(self, number: int, count: int) -> bytes:
        """Return up to `count` finished lines right before this number, newlines included; empty when there are none."""
        number = min(number, self.total)
        low = max(self.first, number - count)
        if low >= number:
            return b""
        index = bisect_right(self._firsts, number - 1) - 1
        block = self._blocks[index]
        data = block.slice(max(low, block.first), number)
        return self._blocks[index - 1].slice(low, block.first) + data if low < block.first and index else data

    def blocks_before(self, number: int) -> Iterator[LineBlock]:
        """Yield the blocks that hold finished lines before this number, newest first. Do not feed meanwhile."""
        for index in range(bisect_right(self._firsts, number - 1) - 1, -1, -1):
            yield self._blocks[index]

    def blocks_from(self, number: int) -> Iterator[LineBlock]:
        """Yield the blocks that hold finished lines from this number on, oldest first. Do not feed meanwhile."""
        for index in range(max(0, bisect_right(self._firsts, number) - 1), len(self._blocks)):
            yield self._blocks[index]

    def _block_of(self, number: int) -> LineBlock:
        if not self.first <= number < self.total:
            raise IndexError(f"line {number} is not held; lines {self.first} to {self.end - 1} are")
        return self._blocks[bisect_right(self._firsts, number) - 1]
