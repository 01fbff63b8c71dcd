"""Which panes show a terminal in the place of a log, and what size the terminals are to have.

A terminal has one size, whoever looks: that of the pane that is typed into, else of the current pane, else of the first.
"""

import asyncio
from collections.abc import Iterator

from rich.terminal_theme import TerminalTheme

from tui_runner.model.task import TaskId
from tui_runner.model.window_size import WindowSize
from tui_runner.tui.emulators import NoEmulatorError, find_emulator, maker
from tui_runner.tui.pane_grid import PaneGrid
from tui_runner.tui.session import RunSession
from tui_runner.tui.task_pane import TaskPane


class TerminalPanes:
    """The terminals in the panes of a grid."""

    def __init__(self, session: RunSession, grid: PaneGrid) -> None:
        self.problem = ""
        """Why there are no terminals, for people; empty while there are, and as long as nobody has looked."""
        self._session = session
        self._grid = grid
        self._searched = False
        self._found = asyncio.Event()

    def begin_search(self) -> bool:
        """Tell whether an emulator is needed and has to be looked for, which is so once: call `load`."""
        if self._searched or not any(self._wants(pane) for pane in self._grid):
            return False
        self._searched = True
        return True

    async def load(self, theme: TerminalTheme) -> None:
        """Look for an emulator, which takes a moment; it tells programs the colours of this theme."""
        try:
            emulator = await asyncio.to_thread(find_emulator)
        except NoEmulatorError as error:
            self.problem = str(error)
        else:
            self._session.terminals.make = maker(emulator, theme)
        self.show()
        self._found.set()

    async def loaded(self) -> None:
        """Wait until somebody who looks for an emulator has found it or not."""
        if self._searched:
            await self._found.wait()

    def has_terminal(self, task: TaskId) -> bool:
        """Tell whether a task has a terminal to type into."""
        view = self._session.tasks.get(task)
        return view is not None and view.terminal is not None

    def _wants(self, pane: TaskPane) -> bool:
        if pane.task_id is None or pane.together is not None or pane.log_wanted or pane.history is not None:
            return False
        return self.has_terminal(pane.task_id)

    def show(self) -> None:
        """Show in each pane what it is to show; the logs of all panes are shown already."""
        shown = {pane: pane.task_id for pane in self._grid if pane.task_id is not None and self._wants(pane)}
        self._session.show_terminals(shown.values())
        for pane in self._grid:
            task = shown.get(pane)
            pane.show_terminal(None if task is None else self._session.terminals.emulator(task))
        self.tell_sizes()

    def follow(self, task: TaskId) -> None:
        """Note that a task has changed: it may have got a terminal, or has none any more."""
        if any(pane.task_id == task and pane.terminal_shown is not self._wants(pane) for pane in self._grid):
            self.show()

    def renew(self, task: TaskId) -> None:
        """Show the terminal of a task that may have been built again."""
        for pane in self._showing(task):
            if pane.terminal is not None:
                pane.terminal.show(self._session.terminals.emulator(task))

    def tell_sizes(self) -> None:
        """Tell in how many cells terminals are shown, as far as that is known."""
        for task in {pane.task_id for pane in self._grid if pane.terminal_shown}:
            if task is not None:
                self._tell_size(task)

    def _tell_size(self, task: TaskId) -> None:
        showing = [pane for pane in self._showing(task) if pane.display]
        if not showing:
            return
        pane = max(showing, key=lambda one: (one.typing, one is self._grid.current))
        if pane.terminal is not None and not pane.terminal.settling and all(pane.terminal.cells):
            columns, rows = pane.terminal.cells
            self._session.terminals.room(task, WindowSize(rows=rows, columns=columns))

    def take_over(self, pane: TaskPane) -> None:
        """Give the terminal of a pane the size of that pane: somebody is about to type there."""
        if pane.task_id is not None and pane.terminal is not None and all(pane.terminal.cells):
            columns, rows = pane.terminal.cells
            self._session.terminals.room(pane.task_id, WindowSize(rows=rows, columns=columns), claim=True)

    def _showing(self, task: TaskId) -> Iterator[TaskPane]:
        return (pane for pane in self._grid if pane.task_id == task and pane.terminal_shown)
