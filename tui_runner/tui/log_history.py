"""A window on the part of a log file that is too old to be held in memory."""

from tui_runner.tui.log_file import LogFile
from tui_runner.tui.log_index import pieces
from widgets.line_origin import origin_of
from widgets.line_store import LineStore

WINDOW_BYTES = 16 << 20
"""Read at once; some twenty milliseconds."""


class LogHistory:
    """Whole lines of one log from `start` up to but not including `end`, offsets in its file."""

    __slots__ = ("end", "path", "start", "store")

    def __init__(self, path: str, start: int, end: int, now: float) -> None:
        """Read them. `now` is the time of lines whose time is not known."""
        self.path = path
        self.start = start
        self.end = end
        self.store = LineStore(2 * max(WINDOW_BYTES, end - start))
        with LogFile(path) as file, LogFile(path and f"{path}.idx") as index:
            data = file.read(start, end - start)
            for piece in pieces(index, start, data, now):
                self.store.feed(piece.data, piece.time, origin_of(piece.stream))

    @staticmethod
    def before(path: str, end: int, now: float, window: int = WINDOW_BYTES) -> "LogHistory | None":
        """Return the lines before an offset, which is the start of a line; None when there are none."""
        with LogFile(path) as file:
            if end <= 0 or file.size() < end:
                return None
            start = max(0, end - window)
            if start:
                # A line that is cut begins with the next window.
                start += file.read(start - 1, window).find(b"\n")
        return LogHistory(path, start, end, now) if start < end else None

    def newer(self, limit: int, now: float, window: int = WINDOW_BYTES) -> "LogHistory | None":
        """Return the window after this one, up to `limit` at most; None when there is nothing between."""
        end = min(limit, self.end + window)
        with LogFile(self.path) as file:
            if end < limit:
                end = self.end + file.read(self.end, end - self.end).rfind(b"\n") + 1
        return LogHistory(self.path, self.end, end, now) if end > self.end else None
