"""The terminals of tasks in this process: which are shown, how large they are, and what is typed into them.

Only shown ones are fed: the others catch up when they are shown again, and the least recently shown are forgotten.
"""

from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Final, Protocol

from tui_runner.model.task import TaskId
from tui_runner.model.window_size import WindowSize
from tui_runner.tui.logs import SLICE_SECONDS, Logs

if TYPE_CHECKING:
    from tui_runner.tui.terminal_feed import TerminalFeed
    from widgets.emulator import Emulator

MOST_KEPT: Final = 8
"""Terminals, each of some megabytes at most, that are kept while nobody sees them."""


class TerminalWire(Protocol):
    """What reaches the terminals of tasks; the control client is one."""

    def resize(self, task: TaskId, size: WindowSize, *, claim: bool = False) -> None:
        """Tell in how many cells a terminal is shown."""

    def type_into(self, task: TaskId, data: bytes, *, answer: bool = False) -> None:
        """Type into a terminal, or answer what a program asked it."""


class Terminals:
    """The feeds of the terminals that were shown lately."""

    def __init__(self, logs: Logs, *, clock: Callable[[], float], ticks: Callable[[], float]) -> None:
        self.make: Callable[[WindowSize], Emulator] | None = None
        """Makes emulators; None as long as there are none."""
        self._logs = logs
        self._clock = clock
        self._ticks = ticks
        self._wire: TerminalWire | None = None
        self._feeds: dict[TaskId, TerminalFeed] = {}
        """Least recently shown first."""
        self._shown: frozenset[TaskId] = frozenset()
        self._answered: dict[TaskId, int] = {}
        """Up to where questions were answered in terminals that are forgotten."""
        self._told: dict[TaskId, WindowSize] = {}

    def connect(self, wire: TerminalWire) -> None:
        """Use this connection from now on."""
        self._wire = wire
        for task, size in self._told.items():
            wire.resize(task, size)

    def show(self, sizes: dict[TaskId, WindowSize]) -> None:
        """Show the terminals of exactly these tasks, which have these sizes; their logs must be shown too."""
        if self.make is None:
            return
        for task, size in sizes.items():
            feed = self._feeds.pop(task, None)
            if feed is None:
                feed = self._open(task, size, self.make)
            elif task not in self._shown and feed.far_behind:
                feed.begin_again()
            feed.resize(size)
            self._feeds[task] = feed
        self._shown = frozenset(sizes)
        for task in [task for task in self._feeds if task not in sizes][:-MOST_KEPT]:
            gone = self._feeds.pop(task)
            self._answered[task] = gone.answered_to
            gone.close()

    def _open(self, task: TaskId, size: WindowSize, make: Callable[[WindowSize], "Emulator"]) -> "TerminalFeed":
        from tui_runner.tui.terminal_feed import TerminalFeed  # noqa: PLC0415 - many workspaces have no terminals

        def answer(data: bytes) -> None:
            if self._wire is not None:
                self._wire.type_into(task, data, answer=True)

        return TerminalFeed(
            self._logs.feed(task),
            make,
            size,
            clock=self._clock,
            answer=answer,
            answered_to=self._answered.pop(task, 0),
        )

    def emulator(self, task: TaskId) -> "Emulator | None":
        """Return what shows the terminal of a task now; None when it is not shown."""
        return self._feeds[task].emulator if task in self._shown and task in self._feeds else None

    def resized(self, task: TaskId, size: WindowSize) -> None:
        """Note what size the terminal of a task has."""
        if (feed := self._feeds.get(task)) is not None:
            feed.resize(size)

    def room(self, task: TaskId, size: WindowSize, *, claim: bool = False) -> None:
        """Tell in how many cells a terminal is shown here; `claim`: somebody is about to work with it."""
        if claim or self._told.get(task) != size:
            self._told[task] = size
            if self._wire is not None:
                self._wire.resize(task, size, claim=claim)

    def type_into(self, task: TaskId, data: bytes) -> None:
        """Type into the terminal of a task."""
        if self._wire is not None:
            self._wire.type_into(task, data)

    @property
    def behind(self) -> bool:
        """Tell whether a shown terminal has something to be fed: call `pump` soon."""
        return any(self._feeds[task].busy for task in self._shown)

    def pump(self) -> Iterable[TaskId]:
        """Feed shown terminals for a few milliseconds; return those that may look different."""
        until = self._ticks() + SLICE_SECONDS
        return [task for task in sorted(self._shown) if self._feeds[task].work(lambda: self._ticks() >= until)]

    def close(self) -> None:
        """Forget all."""
        for feed in self._feeds.values():
            feed.close()
        self._feeds.clear()
        self._shown = frozenset()
