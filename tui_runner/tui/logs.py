"""All logs in this process: which are shown, which are behind, and the byte budget they share.

Only shown logs are subscribed to. A hidden one costs nothing, and catches up from its file when it is shown again.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from tui_runner.control.protocol import Chunk
from tui_runner.model.task import TaskId
from tui_runner.tui.log_feed import LogFeed

BUDGET_BYTES = 256 << 20
SLICE_SECONDS = 0.004
"""How long one `pump` may take, roughly: keys wait no longer."""


class Subscriptions(Protocol):
    """What asks the supervisor for output; the control client is one."""

    def subscribe(self, task: TaskId, start: int | None) -> None:
        """Ask for the output of a task from this offset on."""

    def unsubscribe(self, task: TaskId) -> None:
        """Ask for no more of it."""


class Logs:
    """The feeds of all tasks that were ever shown."""

    def __init__(
        self,
        *,
        clock: Callable[[], float],
        ticks: Callable[[], float],
        budget: int = BUDGET_BYTES,
    ) -> None:
        self._clock = clock
        self._ticks = ticks
        self._budget = budget
        self._feeds: dict[TaskId, LogFeed] = {}
        """Least recently shown first."""
        self._shown: frozenset[TaskId] = frozenset()
        self._wire: Subscriptions | None = None

    def connect(self, wire: Subscriptions) -> None:
        """Use this connection from now on and subscribe to what is shown."""
        self._wire = wire
        for task in self._shown:
            wire.subscribe(task, self._feeds[task].known)

    def feed(self, task: TaskId, path: str = "") -> LogFeed:
        """Return the feed of a task; `path` is its log file, empty when not known yet."""
        feed = self._feeds.get(task)
        if feed is None:
            feed = self._feeds[task] = LogFeed(path, self._budget)
        return feed

    def set_path(self, task: TaskId, path: str) -> None:
        """Note where the log of a task is; nothing happens if it was never shown."""
        if path and (feed := self._feeds.get(task)) is not None:
            feed.path = path

    def show(self, tasks: Iterable[TaskId]) -> None:
        """Show exactly these tasks; each must have a feed."""
        shown = frozenset(tasks)
        for task in sorted(self._shown - shown):
            self._feeds[task].close()
            if self._wire is not None:
                self._wire.unsubscribe(task)
        for task in sorted(shown - self._shown):
            feed = self._feeds[task] = self._feeds.pop(task)
            feed.look()
            if self._wire is not None:
                self._wire.subscribe(task, feed.known)
        self._shown = shown
        self._keep_budget()

    def take(self, chunk: Chunk) -> bool:
        """Take a chunk and tell whether a shown log grew."""
        feed = self._feeds.get(chunk.task)
        # What was on its way when the task was hidden is dropped: it comes from the file later.
        if feed is None or chunk.task not in self._shown:
            return False
        told_when = chunk.time > 0
        time = chunk.time if told_when else self._clock()
        grew = feed.take(chunk.offset, chunk.data, time, chunk.stream, told_when=told_when)
        if grew:
            self._keep_budget()
        return grew

    @property
    def behind(self) -> bool:
        """Tell whether a shown log has to read its file: call `pump` soon."""
        return any(self._feeds[task].behind for task in self._shown)

    def pump(self) -> tuple[TaskId, ...]:
        """Read on from the files of shown logs for a few milliseconds; return those that grew."""
        until = self._ticks() + SLICE_SECONDS
        grown: list[TaskId] = []
        for task in sorted(self._shown):
            feed = self._feeds[task]
            if feed.behind and feed.read(lambda: self._ticks() >= until, self._clock()):
                grown.append(task)
            if self._ticks() >= until:
                break
        self._keep_budget()
        return tuple(grown)

    def close(self) -> None:
        """Close all files."""
        for feed in self._feeds.values():
            feed.close()

    def _keep_budget(self) -> None:
        if sum(feed.held for feed in self._feeds.values()) <= self._budget:
            return
        for task, feed in self._feeds.items():
            if task not in self._shown and feed.held:
                feed.forget()
                if sum(other.held for other in self._feeds.values()) <= self._budget:
                    return
        # Only shown logs are left and they are too many bytes: each gets its share.
        for task in self._shown:
            self._feeds[task].keep(self._budget // len(self._shown))
