"""Every line of one log, as bytes, with line numbers that never change."""


class LineStore:
    """Append-only store of the lines of one log, bounded by a byte budget."""

    def __init__(self, max_bytes: int = 256 << 20) -> None:
        self.max_bytes = max_bytes
        self.first = 0
        self.total = 0

    @property
    def end(self) -> int:
        """One past the last line; the unfinished last line counts."""
        raise NotImplementedError

    def feed(self, data: bytes, time: float) -> int:
        """Append what was read at this time; returns how many lines it completed."""
        raise NotImplementedError

    def line(self, number: int) -> bytes:
        """Return a line without its newline."""
        raise NotImplementedError

    def time_of(self, number: int) -> float:
        """Return when a line was completed, in seconds since the epoch."""
        raise NotImplementedError
