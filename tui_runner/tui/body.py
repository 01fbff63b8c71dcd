"""Tree, panes and stop panel: what is shown where, and where the focus goes.

One rule holds all the time: the task under the cursor of the tree is the task of the current pane.
"""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from textual import on
from textual.containers import Vertical

from tui_runner.model.state import Skipped
from tui_runner.model.task import TaskId
from tui_runner.process.log_reader import LogReader
from tui_runner.tui.layout_memory import LayoutMemory, restore
from tui_runner.tui.log_history import LogHistory
from tui_runner.tui.pane_grid import PaneGrid
from tui_runner.tui.session import RunSession
from tui_runner.tui.task_pane import TaskPane
from tui_runner.tui.terminal_panes import TerminalPanes
from tui_runner.tui.together import Together
from tui_runner.tui.tree_place import TreePlace
from tui_runner.tui.tree_split import TreeSplit
from widgets.dag_tree import DagTree
from widgets.log_pane import LogPane
from widgets.query import Query
from widgets.stop_panel import StopPanel

if TYPE_CHECKING:
    from widgets.term_pane import TermPane


class _Right(Vertical):
    """Panes above the stop panel."""

    BLANK = True


class _Tree(DagTree):
    ALLOW_SELECT = False  # its edge is dragged, and it has no text to copy


class Body(TreeSplit):
    """Everything above the query bar and the footer."""

    DEFAULT_CSS = """
    Body {
        StopPanel { padding: 0 1; background: $panel; }
    }
    """

    def __init__(
        self,
        session: RunSession,
        changed: Callable[[], None],
        *,
        ascii: bool = False,  # noqa: A002 - the widgets' word
        place: TreePlace | None = None,
        memory: LayoutMemory | None = None,
    ) -> None:
        """`memory` brings the layout of the workspace back, and keeps it; None: nobody wants that."""
        self.tree_view: DagTree = _Tree(ascii=ascii, clock=session.clock, id="tree")
        self.tree_view.follower = lambda task: self.show(self.grid.current, task)
        self.grid: PaneGrid = PaneGrid(ascii=ascii, id="grid")
        self.terminals = TerminalPanes(session, self.grid)
        self.stop_panel = StopPanel(ascii=ascii, id="stop")
        self.stop_panel.display = False
        super().__init__(
            self.tree_view, _Right(self.grid, self.stop_panel, id="right"), place or TreePlace(), id="body"
        )
        self.zoomed = False
        self._session = session
        self._changed = changed
        self._tree_wanted = True
        self._task_query: Query | None = None
        self._reading: set[TaskPane] = set()
        """For these, a part of a log file is read."""
        self._memory = memory

    @property
    def task_id(self) -> TaskId | None:
        """The task commands are about: the one of the current pane."""
        return self.grid.current.task_id

    @property
    def in_log(self) -> bool:
        """Tell whether a log or a terminal has the focus."""
        focused = self.screen.focused
        return focused is not None and any(pane.face is focused for pane in self.grid)

    def set_tasks(self) -> None:
        """Take all tasks of the session anew; the first one is shown unless something is already."""
        self.tree_view.set_tasks(tuple(self._session.tasks.values()))
        for pane in self.grid:
            if pane.together is not None and pane.together.everything:
                pane.together = self.everything()
            self._leave_gone(pane)
            self._refill(pane)
        if self.task_id is None and (task := self.tree_view.cursor_task) is not None:
            self.show(self.grid.current, task)
        if self._memory is not None and self._session.run is not None:
            layout = self._memory.recall(Path(self._session.run.root))
            if layout is not None:
                self.run_worker(restore(self, layout), name="layout", exit_on_error=True)

    def _leave_gone(self, pane: TaskPane) -> None:
        """Let a pane show another task when its own is not there any more: the current one that under the cursor."""
        if pane.together is not None and not pane.together.everything:
            left = tuple(task for task in pane.together.tasks if task in self._session.tasks)
            pane.together = Together(tasks=left) if left else None
        if pane.task_id is None or pane.task_id in self._session.tasks:
            return
        pane.history, pane.log_wanted = None, False
        pane.task_id = self.tree_view.cursor_task if pane is self.grid.current else self._next_unshown()

    def on_unmount(self) -> None:
        """Remember how it was left."""
        if self._memory is not None:
            self._memory.keep(self)

    def show(self, pane: TaskPane, task: TaskId) -> None:
        """Make this the task of a pane; its log is shown unless the pane shows several together."""
        if task != pane.task_id:
            pane.history = None
            pane.log_wanted = False
        pane.task_id = task
        self._refill(pane)
        self._changed()

    def show_together(self, pane: TaskPane, together: Together | None) -> None:
        """Show the logs of several tasks in a pane, or that of its task again."""
        pane.together, pane.history = together, None
        self._refill(pane)
        self._changed()

    async def show_older(self, pane: TaskPane) -> bool:
        """Show the lines before those that are shown, from the log file; tell whether there are any."""
        if pane.task_id is None or pane.together is not None:
            return False
        feed = self._session.logs.feed(pane.task_id)
        end = feed.first_offset if pane.history is None else pane.history.start
        return await self._turn_to(pane, partial(LogHistory.before, feed.path, end, self._session.clock()), older=True)

    def removed(self, pane: TaskPane) -> int:
        """Return how many bytes at the beginning of the log of a pane are not kept any more; 0 of merged logs."""
        if pane.task_id is None or pane.together is not None:
            return 0
        with LogReader(self._session.logs.feed(pane.task_id).path) as log:
            return log.start

    async def show_newer(self, pane: TaskPane) -> None:
        """Show what follows the part of the log file that is shown: more of it, or what memory holds."""
        if pane.history is not None and pane.task_id is not None:
            limit = self._session.logs.feed(pane.task_id).first_offset
            _ = await self._turn_to(pane, partial(pane.history.newer, limit, self._session.clock()), older=False)

    async def _turn_to(self, pane: TaskPane, read: Callable[[], LogHistory | None], *, older: bool) -> bool:
        """Show what is read in a thread, as a log of many short lines takes a second; tell whether older lines may be there."""
        if pane in self._reading:
            return True
        task, shown = pane.task_id, pane.history
        self._reading.add(pane)
        try:
            history = await asyncio.to_thread(read)
        finally:
            self._reading.discard(pane)
        if not pane.is_attached or pane.together is not None or (pane.task_id, pane.history) != (task, shown):
            return True  # somebody has gone elsewhere meanwhile
        if pane.log_pane.follow is older:  # or the other way
            if older:
                await self.show_newer(pane)
            return True
        if older and not pane.log_pane.at_top:
            return True  # or is reading what is below
        if history is None and older:
            return False
        self._show_history(pane, history, end=older)
        return True

    def show_newest(self, pane: TaskPane) -> None:
        """Show what memory holds again, and follow."""
        pane.history = None
        self._refill(pane)
        pane.log_pane.follow = True
        self._changed()

    def _show_history(self, pane: TaskPane, history: LogHistory | None, *, end: bool) -> None:
        pane.history = history
        self._refill(pane)
        pane.log_pane.stay_at(end=end)
        self._changed()

    def toggle_everything(self) -> None:
        """Show all logs in the current pane, or that of its task again."""
        pane = self.grid.current
        self.show_together(pane, self.everything() if pane.together is None else None)

    def toggle_picked(self) -> None:
        """Keep the log of the selected task in the current pane beside what it shows, or take it out."""
        pane = self.grid.current
        if pane.task_id is not None:
            together = pane.together
            self.show_together(
                pane, Together(tasks=(pane.task_id,)) if together is None else together.toggled(pane.task_id)
            )

    def everything(self) -> Together | None:
        """Return the logs of all tasks as one; None when there are none."""
        return Together.of_all(task for task, view in self._session.tasks.items() if not view.composite)

    def _refill(self, pane: TaskPane) -> None:
        """Subscribe to exactly what is shown, and give the pane its store."""
        logs = self._session.logs
        shown = tuple(dict.fromkeys(task for other in self.grid for task in other.shown))
        self._session.show(shown, self.grid.groups())
        if pane.together is not None:
            pane.show(logs.merged(pane.together.tasks).store)
        elif pane.history is not None:
            pane.show(pane.history.store)
        elif pane.task_id is not None:
            pane.show(logs.feed(pane.task_id).store)
        self.terminals.show()
        if self.terminals.begin_search():
            self.run_worker(self._load_terminals(), name="emulator", exit_on_error=True)

    async def _load_terminals(self) -> None:
        await self.terminals.load(self.app.ansi_theme)
        self._changed()

    def want_log(self, pane: TaskPane, wanted: bool) -> None:
        """Show the log of a task that has a terminal, or the terminal again."""
        if pane.log_wanted != wanted:
            pane.log_wanted = wanted
            self._refill(pane)
            pane.touched()
            self._changed()

    def make_current(self, pane: TaskPane) -> None:
        """Let this pane follow the tree, and the tree point at its task."""
        self.grid.make_current(pane)
        self.terminals.tell_sizes()
        if pane.task_id is not None and pane.task_id != self.tree_view.cursor_task:
            self.tree_view.move_to(pane.task_id)
        self._changed()

    async def split(self) -> None:
        """Open one more pane, with the next task that is not shown yet."""
        task = self._next_unshown()
        in_log = self.in_log
        pane = await self.grid.split()
        if pane is None:
            return
        self.zoomed = False
        if task is not None:
            self.show(pane, task)
        self._after_change(pane, in_log)

    async def close_pane(self) -> None:
        """Close the current pane unless it is the last."""
        in_log = self.in_log
        if await self.grid.close_current():
            self.zoomed = False
            self._refill(self.grid.current)
            self._after_change(self.grid.current, in_log)

    def toggle_zoom(self) -> None:
        """Show the current log alone, or everything again."""
        self.zoomed = not self.zoomed
        self._arrange()

    @property
    def tree_hidden(self) -> bool:
        """Tell whether somebody has hidden the tree."""
        return not self._tree_wanted

    def knows(self, task: TaskId) -> bool:
        """Tell whether there is such a task."""
        return task in self._session.tasks

    def toggle_tree(self) -> None:
        """Hide or show the tree; from a zoomed log everything comes back with it."""
        self._tree_wanted = self.zoomed or not self._tree_wanted
        self.zoomed = False
        self._arrange()

    def focus_log(self) -> None:
        """Focus the log or terminal of the current pane, at once: what is typed ahead goes there."""
        self.screen.set_focus(self.grid.current.face)

    @property
    def task_query(self) -> Query | None:
        """What the tree is narrowed to; None while it shows all tasks."""
        return None if self.tree_view.narrowed_to is None else self._task_query

    def narrow_tree(self, query: Query | None) -> None:
        """Show only tasks whose id matches, and what is above them; None shows all again."""
        self._task_query = query
        if query is None:
            self.tree_view.narrow(None)
        else:
            found = query.pattern().search
            self.tree_view.narrow(lambda view: found(view.id) is not None)

    def focus_tree(self) -> None:
        """Focus the tree if it can be seen."""
        if self.tree_view.display:
            self.tree_view.focus()

    def focus_along(self, step: int) -> None:
        """Focus the next or previous of tree and panes, around the end."""
        ring: list[DagTree | LogPane | TermPane] = [self.tree_view] if self.tree_view.display else []
        ring += [pane.face for pane in self.grid.visible_panes]
        focused = self.screen.focused
        at = next((index for index, widget in enumerate(ring) if widget is focused), -1 if step > 0 else 0)
        ring[(at + step) % len(ring)].focus()

    @on(DagTree.Highlighted)
    def _highlighted(self, event: DagTree.Highlighted) -> None:
        event.stop()
        # The cursor may have moved on since; then another message is on its way.
        if event.task_id == self.tree_view.cursor_task:
            self.show(self.grid.current, event.task_id)

    @on(DagTree.Chosen)
    def _chosen(self, event: DagTree.Chosen) -> None:
        event.stop()
        self.focus_log()

    @on(TaskPane.Focused)
    def _pane_focused(self, event: TaskPane.Focused) -> None:
        event.stop()
        if event.pane in self.grid.panes:
            self.make_current(event.pane)

    def _after_change(self, pane: TaskPane, in_log: bool) -> None:
        self._arrange()
        self.make_current(pane)
        if in_log:
            pane.face.focus()

    def _arrange(self) -> None:
        self.tree_view.display = self._tree_wanted and not self.zoomed
        self.grid.zoom(self.zoomed)
        if not self.tree_view.display and not self.in_log:
            self.focus_log()
        self._changed()

    def _next_unshown(self) -> TaskId | None:
        shown = set(self.grid.shown())
        views = {task: view for task, view in self._session.tasks.items() if not view.composite}
        tasks = list(views)
        start = tasks.index(self.task_id) + 1 if self.task_id in tasks else 0
        # Skipped tasks have nothing to show: they come last.
        order = sorted(tasks[start:] + tasks[:start], key=lambda task: isinstance(views[task].state, Skipped))
        return next((task for task in order if task not in shown), self.task_id)
