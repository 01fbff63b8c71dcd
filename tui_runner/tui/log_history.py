"""A window on the part of a log file that is too old to be held in memory."""

from tui_runner.process.log_reader import LogIndex, LogReader
from tui_runner.tui.log_index import pieces
from widgets.line_origin import origin_of
from widgets.line_store import LineStore

WINDOW_BYTES = 16 << 20
"""Read at once; some twenty milliseconds."""


class LogHistory:
    """Lines of one log from `start` up to but not including `end`, offsets in its file.

    Whole ones, but for a line longer than a window: each window holds a piece of it.
    """

    __slots__ = ("end", "path", "start", "store")

    def __init__(self, path: str, start: int, end: int, now: float) -> None:
        """Read them. `now` is the time of lines whose time is not known."""
        self.path = path
        self.start = start
        self.end = end
        self.store = LineStore(2 * max(WINDOW_BYTES, end - start))
        with LogReader(path) as file, LogIndex(path) as index:
            data = file.read(start, end - start)
            for piece in pieces(index, start, data, now):
                self.store.feed(piece.data, piece.time, origin_of(piece.stream))

    @staticmethod
    def before(path: str, end: int, now: float, window: int = WINDOW_BYTES) -> "LogHistory | None":
        """Return the lines before an offset, which is where a window or the memory begins; None when all of them are gone."""
        with LogReader(path) as file:
            stretch = file.stretch_before(end) if file.size() >= end else None
            if stretch is None:
                return None
            end = stretch.end
            start = max(stretch.start, end - window)
            if start > stretch.start:
                # A line that is cut begins with the next window, if it fits into one.
                start += max(0, file.read(start - 1, end - start).find(b"\n"))
            elif start:
                start += file.read(start, end - start).find(b"\n") + 1  # its beginning was removed
        return LogHistory(path, start, end, now) if start < end else None

    def newer(self, limit: int, now: float, window: int = WINDOW_BYTES) -> "LogHistory | None":
        """Return the window after this one, up to `limit` at most; None when there is nothing between."""
        with LogReader(self.path) as file:
            start = file.first_from(self.end)
            end = min(limit, start + window)
            data = file.read(start, end - start)
            # At a gap the line that is cut ends there.
            at_gap = len(data) < end - start
            whole = data.rfind(b"\n") + 1
            end = start + (len(data) if at_gap or end == limit or not whole else whole)
        return LogHistory(self.path, start, end, now) if end > start else None
