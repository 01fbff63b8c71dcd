"""All logs in this process: which are shown, which are behind, and the byte budget they share.

Only shown logs are subscribed to. A hidden one costs nothing, and catches up from its file when it is shown again.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Protocol

from tui_runner.control.protocol import Chunk
from tui_runner.model.task import TaskId
from tui_runner.tui.log_feed import LogFeed
from tui_runner.tui.merged_log import MergedLog

BUDGET_BYTES = 256 << 20
SLICE_SECONDS = 0.004
"""How long one `pump` may take, roughly: keys wait no longer."""
_MERGED_SHARE = 8
"""A merged log may hold one part in so many of the budget; there are four at most."""
Group = tuple[TaskId, ...]
"""Tasks whose logs are shown as one."""


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
        self._merged: dict[Group, MergedLog] = {}
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

    def merged(self, group: Group) -> MergedLog:
        """Return the merged log of tasks that are shown together.

        Raises:
            KeyError: they are not.
        """
        return self._merged[group]

    def show(self, tasks: Iterable[TaskId], groups: Iterable[Group] = ()) -> None:
        """Show exactly these tasks, and these groups of them merged; each must have a feed."""
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
        self._merge(frozenset(groups))
        self._keep_budget()

    def _merge(self, groups: frozenset[Group]) -> None:
        for group in self._merged.keys() - groups:
            self._merged.pop(group).close()
        for group in sorted(groups - self._merged.keys()):
            feeds = {task: self._feeds[task] for task in group}
            self._merged[group] = MergedLog(feeds, self._budget // _MERGED_SHARE)

    def _merged_with(self, task: TaskId) -> Iterator[MergedLog]:
        return (merged for group, merged in self._merged.items() if task in group)

    def take(self, chunk: Chunk) -> bool:
        """Take a chunk and tell whether a shown log grew."""
        feed = self._feeds.get(chunk.task)
        # What was on its way when the task was hidden is dropped: it comes from the file later.
        if feed is None or chunk.task not in self._shown:
            return False
        told_when = chunk.time > 0
        time = chunk.time if told_when else self._clock()
        grew = feed.take(chunk.offset, chunk.data, time, chunk.stream, attempt=chunk.attempt, told_when=told_when)
        for merged in self._merged_with(chunk.task):
            if feed.behind:
                merged.hold(chunk.task)
            until = self._ticks() + SLICE_SECONDS
            merged.release(lambda: self._ticks() >= until)  # noqa: B023 - used up before the next turn
        if grew:
            self._keep_budget()
        return grew

    @property
    def behind(self) -> bool:
        """Tell whether a shown log has to read its file, or to be merged: call `pump` soon."""
        return any(self._feeds[task].behind for task in self._shown) or any(
            merged.ready for merged in self._merged.values()
        )

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
        grown += [group[0] for group, merged in self._merged.items() if merged.release(lambda: self._ticks() >= until)]
        self._keep_budget()
        return tuple(grown)

    def close(self) -> None:
        """Close all files."""
        self._merge(frozenset())
        for feed in self._feeds.values():
            feed.close()

    def _keep_budget(self) -> None:
        budget = self._budget - sum(merged.store.held_bytes for merged in self._merged.values())
        if sum(feed.held for feed in self._feeds.values()) <= budget:
            return
        for task, feed in self._feeds.items():
            if task not in self._shown and feed.held:
                feed.forget()
                if sum(other.held for other in self._feeds.values()) <= budget:
                    return
        # Only shown logs are left and they are too many bytes: each gets its share.
        for task in self._shown:
            self._feeds[task].keep(budget // len(self._shown))
