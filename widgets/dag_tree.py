"""The graph of tasks as a tree, drawn from views: no widget or node object per task.

The app hands over views whenever it likes; rows that are visible and look different are repainted at most ten times a second.
A timer runs only while something visible changes by itself, such as a spinner.
"""

from asyncio import TimerHandle
from collections.abc import Callable, Iterable, Mapping, Sequence
from time import monotonic, time
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_runner.model.state import Failed, is_alive
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from widgets.ansi import safe_text
from widgets.dag_folds import is_troubled
from widgets.dag_layout import Row
from widgets.dag_paint import (
    ASCII_BRANCHES,
    UNICODE_BRANCHES,
    RowStyles,
    RowText,
    guide,
    paint_row,
    row_styles,
    same_look,
)
from widgets.dag_rows import DagRows, Matches
from widgets.later import later
from widgets.load import Load
from widgets.paints_rows import PaintsRows
from widgets.task_look import Look, look
from widgets.tone import Tone

LEAST_COLUMNS_WIDTH = 28
"""A narrower tree has no columns: notes say more there."""
FRAME_S = 0.1
"""Time from one repaint to the next at least."""
_SOON_S = 0.005
FIT_S = 1.0
"""Time from a change to the folding of branches that are well: what fails is shown at once."""


class _OfTask(Message):
    """Something happened to a task of the tree."""

    def __init__(self, tree: "DagTree", task_id: TaskId) -> None:
        super().__init__()
        self.tree = tree
        self.task_id = task_id

    @property
    def control(self) -> "DagTree":
        """The tree."""
        return self.tree


class DagTree(ScrollView, PaintsRows, can_focus=True):
    """Targets at the top level, what they need below them. Selects tasks: all rows of the selected one are marked."""

    DEFAULT_CSS = """
    DagTree {
        background: $surface;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        .dag-tree--pending { color: $text-muted; }
        .dag-tree--active { color: $warning; }
        .dag-tree--ready { color: $success; }
        .dag-tree--done { color: $success; }
        .dag-tree--failed { color: $error; text-style: bold; }
        .dag-tree--leaving { color: $accent; }
        .dag-tree--gone { color: $text-muted; }
        .dag-tree--guide { color: $foreground 30%; }
        .dag-tree--note { color: $text-muted; }
        .dag-tree--load { color: $foreground 60%; }
        .dag-tree--cursor { background: $primary 40%; }
        .dag-tree--twin { background: $primary 15%; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"dag-tree--{tone}" for tone in Tone} | {
        "dag-tree--guide",
        "dag-tree--note",
        "dag-tree--load",
        "dag-tree--cursor",
        "dag-tree--twin",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup,ctrl+b,ctrl+u", "move_page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+f,ctrl+d", "move_page(1)", "Page down", show=False),
        Binding("home,g", "move(-1000000000)", "First", show=False),
        Binding("end,G", "move(1000000000)", "Last", show=False),
        Binding("left,h", "fold_or_leave", "Fold", show=False),
        Binding("right,l", "unfold_or_enter", "Unfold", show=False),
        Binding("space", "toggle_fold", "Fold or unfold", show=False),
        Binding("enter", "choose", "Choose", show=False),
    ]

    class Highlighted(_OfTask):
        """The cursor moved to another task."""

    class Chosen(_OfTask):
        """Enter was pressed, or the row under the cursor was clicked."""

    def __init__(
        self,
        *,
        ascii: bool = False,  # noqa: A002 - the name says it best
        clock: Callable[[], float] = time,
        id: str | None = None,  # noqa: A002 - Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.ascii = ascii
        self.clock = clock
        """Seconds since the epoch."""
        self.follower: Callable[[TaskId], None] | None = None
        """Told of a moved cursor in place of `Highlighted`, before it is painted: one picture then shows both."""
        self._shown = DagRows()
        self._cursor = 0
        self._told: TaskId | None = None
        self._loads: Mapping[TaskId, Load] = {}
        self._reloaded: set[TaskId] = set()
        """Tasks that use something else than what is painted."""
        self._looks: dict[int, Look] = {}
        """What each row shows for sure, or will once it is painted."""
        self._styles: RowStyles | None = None
        self._timer: TimerHandle | None = None
        self._due = self._painted_at = 0.0
        self._fit_timer: TimerHandle | None = None

    @property
    def cursor_task(self) -> TaskId | None:
        """The task under the cursor; None while there is none."""
        return self._shown.rows[self._cursor].task if self._shown.rows else None

    def set_tasks(self, views: Sequence[TaskView]) -> None:
        """Show these tasks, in this order among equals; the cursor stays on its task."""
        self._change_rows(lambda: self._shown.replace(views))
        self._fit()

    def update_task(self, view: TaskView) -> None:
        """Note that a task changed. Cheap, unless it is new or depends on other tasks than before."""
        here = self._row_here()
        hidden = self._shown.is_hidden(view.id)
        if self._shown.update(view):
            self._rows_changed(here)
        else:
            self._schedule(self._painted_at + FRAME_S - monotonic())
        if hidden and is_troubled(view):
            self._fit()
        elif self._fit_timer is None and self.is_attached and len(self._shown.rows) > self.size.height:
            self._fit_timer = later(self, FIT_S, self._fit)

    def narrow(self, matches: Matches | None) -> None:
        """Show only tasks that match and what is above them, with the cursor on one of them; None shows all again."""
        self._change_rows(lambda: self._shown.narrow(matches))
        if self._shown.narrowed:
            self._move_cursor(self._shown.first_wanted(self.cursor_task))

    @property
    def narrowed_to(self) -> int | None:
        """How many tasks the tree is narrowed to; None while it shows all."""
        return self._shown.wanted if self._shown.narrowed else None

    def update_loads(self, loads: Mapping[TaskId, Load], changed: Iterable[TaskId]) -> None:
        """Show what tasks use of the machine: all of it, and which of them look different. Cheap."""
        self._loads = loads
        self._reloaded.update(changed)
        if self._reloaded:
            self._schedule(self._painted_at + FRAME_S - monotonic())

    @property
    def has_columns(self) -> bool:
        """Tell whether there is room to show what tasks use, and anybody sees it."""
        return self.display and self.size.width >= LEAST_COLUMNS_WIDTH

    def move_to(self, task_id: TaskId) -> None:
        """Put the cursor on a task, unfolding what hides it. A task that is not shown is ignored."""
        if task_id in self._shown.views:
            here = self._row_here()
            if self._shown.reveal(task_id):
                self._rows_changed(here)
            place = self._shown.own_row(task_id)
            self._move_cursor(self._cursor if place is None else place)

    def _row_here(self) -> Row | None:
        """Return the row under the cursor; while there is none, that of the task it was on last."""
        if self._shown.rows:
            return self._shown.rows[self._cursor]
        return None if self._told is None else Row(self._told, 0, -1, last=True, reference=False, children=0)

    def _change_rows(self, change: Callable[[], None]) -> None:
        here = self._row_here()
        change()
        self._rows_changed(here)

    def _rows_changed(self, here: Row | None) -> None:
        """Put the cursor back on the row it was on, and paint everything."""
        self._looks.clear()
        if here is not None:
            self._cursor = self._shown.same_row(here)
        self._cursor = max(0, min(self._cursor, len(self._shown.rows) - 1))
        self.virtual_size = Size(self.size.width, len(self._shown.rows))
        self._tell()
        self.refresh()
        self._schedule(0)

    def on_resize(self) -> None:
        """Fold or unfold branches for the new height."""
        self._fit()

    def _fit(self) -> None:
        """Fold and unfold branches as the height demands; the row under the cursor stays where it is on the screen."""
        if self._fit_timer is not None:
            self._fit_timer.cancel()
            self._fit_timer = None
        here, cursor = self._row_here(), self._cursor
        if self.size.height and self._shown.fit(self.size.height, self.cursor_task):
            self._rows_changed(here)
            self.scroll_to(y=max(0, round(self.scroll_y) + self._cursor - cursor), animate=False)

    # Moving

    def action_move(self, by: int) -> None:
        """Move the cursor by rows."""
        self._move_cursor(self._cursor + by)

    def action_move_page(self, pages: int) -> None:
        """Move the cursor by pages."""
        self._move_cursor(self._cursor + pages * max(1, self.size.height - 1))

    def action_toggle_fold(self) -> None:
        """Fold or unfold what is below the cursor."""
        if self._shown.rows and self._shown.rows[self._cursor].children:
            self._change_rows(lambda: self._shown.toggle_fold(self._shown.rows[self._cursor].task))

    def action_fold_or_leave(self) -> None:
        """Fold what is below the cursor, or go to the row above the branch."""
        if not self._shown.rows:
            return
        row = self._shown.rows[self._cursor]
        if row.children and not self._shown.narrowed and not self._shown.is_folded(row.task):
            self.action_toggle_fold()
        elif row.parent >= 0:
            self._move_cursor(row.parent)

    def action_unfold_or_enter(self) -> None:
        """Unfold what is below the cursor, or go there; from a reference go to the task's own row."""
        if not self._shown.rows:
            return
        row = self._shown.rows[self._cursor]
        if row.reference:
            self.move_to(row.task)
        elif self._shown.is_folded(row.task):
            self.action_toggle_fold()
        elif row.children:
            self._move_cursor(self._cursor + 1)

    def action_choose(self) -> None:
        """Choose the task under the cursor."""
        if self.cursor_task is not None:
            self.post_message(self.Chosen(self, self.cursor_task))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; choose the task if it was there already."""
        row = round(self.scroll_y) + event.y
        if row < len(self._shown.rows):
            if row == self._cursor:
                self.action_choose()
            self._move_cursor(row)

    def _move_cursor(self, row: int) -> None:
        self._cursor = max(0, min(row, len(self._shown.rows) - 1))
        top, height = round(self.scroll_y), self.size.height
        if self._cursor < top:
            self.scroll_to(y=self._cursor, animate=False)
        elif self._cursor >= top + height:
            self.scroll_to(y=self._cursor - height + 1, animate=False)
        task = self.cursor_task
        if self.follower is not None and task is not None and task != self._told:
            self._told = task
            self.follower(task)
        self._tell()
        self.refresh()

    def _tell(self) -> None:
        task = self.cursor_task
        if self.is_attached and task is not None and task != self._told:
            self._told = task
            self.post_message(self.Highlighted(self, task))

    # Painting

    def on_mount(self) -> None:
        """Begin with what was set before."""
        self._change_rows(self._shown.lay_out)

    def notify_style_update(self) -> None:
        """Look up colours anew when the theme changes."""
        super().notify_style_update()
        self._styles = None

    def watch_has_focus(self, value: bool) -> None:
        """Show by the cursor whether keys come here."""
        super().watch_has_focus(value)
        self.refresh()

    def _schedule(self, delay: float) -> None:
        """See to it that a frame comes after this many seconds, or earlier."""
        due = monotonic() + max(delay, _SOON_S)
        if not self.is_attached or (self._timer is not None and self._due <= due):
            return
        if self._timer is not None:
            self._timer.cancel()
        self._due = due
        self._timer = later(self, max(delay, _SOON_S), self._frame)

    def _frame(self) -> None:
        """Repaint visible rows that look different, and come back when one of them will."""
        self._timer = None
        self._painted_at = monotonic()
        now = self.clock()
        top = round(self.scroll_y)
        soonest: float | None = None
        for index in range(top, min(top + self.size.height, len(self._shown.rows))):
            task = self._shown.rows[index].task
            fresh = look(self._shown.views[task], now, self.ascii)
            if fresh.changes_in is not None:
                soonest = fresh.changes_in if soonest is None else min(soonest, fresh.changes_in)
            if task in self._shown.hidden or task in self._reloaded or not same_look(self._looks.get(index), fresh):
                self._looks[index] = fresh
                self.refresh(Region(0, index - top, self.size.width, 1))
        self._reloaded.clear()
        # Nobody sees a screen below another one; painting it again starts the timer again.
        if soonest is not None and self.screen.is_current:
            self._schedule(max(soonest, FRAME_S))

    def finished_rows(self, start: int, end: int) -> list[Strip]:
        """Return rows of tasks."""
        styles = self._styles or row_styles(self)
        self._styles = styles
        now, top, width = self.clock(), round(self.scroll_y), self.scrollable_content_region.width
        last = min(top + end, len(self._shown.rows))
        return [self._strip(row, now, width, styles) for row in range(top + start, last)]

    def _strip(self, index: int, now: float, width: int, styles: RowStyles) -> Strip:
        row = self._shown.rows[index]
        view = self._shown.views[row.task]
        fresh = look(view, now, self.ascii)
        if not same_look(self._looks.get(index), fresh):
            # Textual renders more than it shows: only what was asked to be refreshed is. So the next frame has to ask.
            self._looks.pop(index, None)
        if fresh.changes_in is not None:  # a row that came into view by a layout or by scrolling
            self._schedule(max(fresh.changes_in, FRAME_S))
        branches = ASCII_BRANCHES if self.ascii else UNICODE_BRANCHES
        below = None if row.reference else self._shown.hidden.get(row.task)
        text = RowText(
            guide=guide(self._shown.rows, index, branches, max(2, width // 6)),
            name=safe_text(view.name),
            look=fresh,
            reference=row.reference,
            hidden=0 if below is None else len(below) or row.children,
            hidden_failures=sum(isinstance(self._shown.views[task].state, Failed) for task in below or ()),
            # The next look at processes comes up to a second after the end of a task, which uses nothing by then.
            load=self._loads.get(row.task) if width >= LEAST_COLUMNS_WIDTH and is_alive(view.state) else None,
        )
        marked = styles.cursor if index == self._cursor and self.has_focus else styles.twin
        extra = marked if row.task == self.cursor_task else None
        return paint_row(text, styles, width, extra, branches)
