"""One to four panes, and which of them is the current one."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Container

from tui_runner.model.task import TaskId
from tui_runner.tui.command_tables.panes import MAX_PANES
from tui_runner.tui.task_pane import TaskPane
from widgets.log_pane import LogPane

if TYPE_CHECKING:
    from widgets.term_pane import TermPane

_WIDE = 110
"""From this width on, panes stand side by side."""


class PaneGrid(Container):
    """Panes in a grid: one column when narrow, two when wide. There is always a current pane."""

    BLANK = True  # nothing but its children is seen: it paints in a tenth of the time
    DEFAULT_CSS = """
    PaneGrid {
        layout: grid;
        grid-size: 1;
        grid-gutter: 0 1;
        width: 1fr;
        height: 1fr;
    }
    """

    def __init__(self, *, ascii: bool = False, id: str | None = None) -> None:  # noqa: A002 - the widgets' words
        super().__init__(id=id)
        self._ascii = ascii
        self.panes: list[TaskPane] = [TaskPane(ascii=ascii)]
        self.current = self.panes[0]

    def compose(self) -> ComposeResult:
        """Begin with one pane."""
        yield from self.panes

    def __iter__(self) -> Iterator[TaskPane]:
        return iter(self.panes)

    @property
    def visible_panes(self) -> tuple[TaskPane, ...]:
        """The panes that can be seen: all, or the current one when zoomed."""
        return tuple(pane for pane in self.panes if pane.display)

    def pane_with(self, terminal: "TermPane") -> TaskPane | None:
        """Return the pane that this terminal is in; None when it is closed."""
        return next((pane for pane in self.panes if pane.terminal is terminal), None)

    def shown(self) -> tuple[TaskId, ...]:
        """Return the tasks of all panes, in order."""
        return tuple(pane.task_id for pane in self.panes if pane.task_id is not None)

    def pane_of(self, log: LogPane) -> TaskPane | None:
        """Return the pane that shows this log; None when it is closed."""
        return next((pane for pane in self.panes if pane.log_pane is log), None)

    def groups(self) -> tuple[tuple[TaskId, ...], ...]:
        """Return the tasks of each pane that shows several together."""
        return tuple(pane.together.tasks for pane in self.panes if pane.together is not None)

    async def split(self) -> TaskPane | None:
        """Add a pane after the current one, make it current and return it; None when there are four already."""
        if len(self.panes) >= MAX_PANES:
            return None
        pane = TaskPane(ascii=self._ascii)
        after = self.current
        self.panes.insert(self.panes.index(after) + 1, pane)
        await self.mount(pane, after=after)
        self.make_current(pane)
        self._arrange()
        return pane

    async def close_current(self) -> bool:
        """Remove the current pane and tell whether that was possible: the last one stays."""
        if len(self.panes) == 1:
            return False
        gone = self.current
        index = self.panes.index(gone)
        self.panes.remove(gone)
        self.make_current(self.panes[max(0, index - 1)])
        await gone.remove()
        self._arrange()
        return True

    def make_current(self, pane: TaskPane) -> None:
        """Make this pane the one that follows the tree."""
        self.current = pane
        self._mark()

    def zoom(self, on: bool) -> None:
        """Show the current pane alone, or all."""
        for pane in self.panes:
            pane.display = not on or pane is self.current
        self._arrange()

    @on(events.Resize)
    def _arrange(self) -> None:
        visible = self.visible_panes
        columns = 2 if self.size.width >= _WIDE and len(visible) > 1 else 1
        self.styles.grid_size_columns = columns
        for pane in visible:
            # Three in two columns: the first gets the whole height.
            pane.styles.row_span = 2 if columns == 2 and len(visible) == 3 and pane is visible[0] else 1
        self._mark()

    def _mark(self) -> None:
        for pane in self.panes:
            pane.set_class(len(self.panes) > 1 and pane is self.current, "-current")
