"""The graph of tasks in columns. Edges are told, not drawn: what the task under the cursor needs, and who needs it, light up.

Lines between fifty tasks are a thicket; two directions of one task can be read.
"""

from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from tui_runner.model.task import TaskId
from widgets.list_line import ascii_text, padded
from widgets.needs import Needs, dependents_of
from widgets.paints_rows import PaintsRows
from widgets.row_strip import RowStrip
from widgets.tone import Tone

_LEAST_COLUMN, _MOST_COLUMN = 15, 34
_SIGNS = 6
"""Cells of a column beside the name: arrows, marks, a gap."""


class Node(NamedTuple):
    """How a task looks in the graph."""

    name: str
    """Safe to show."""
    glyph: str
    tone: Tone
    brief: str
    """What there is to say in a word; shown where there is room."""
    critical: bool


class Arrows(NamedTuple):
    """One set of signs, each one cell wide."""

    flow: str
    critical: str


UNICODE = Arrows("→", "◆")
ASCII = Arrows(">", "*")


class LayerGraph(ScrollView, PaintsRows, can_focus=True):
    """Columns of tasks; h j k l and arrows move, Enter chooses."""

    DEFAULT_CSS = """
    LayerGraph {
        background: $surface;
        color: $foreground;
        overflow: auto auto;
        scrollbar-size: 1 1;
        .layer-graph--pending { color: $text-muted; }
        .layer-graph--active { color: $warning; }
        .layer-graph--ready { color: $success; }
        .layer-graph--done { color: $success; }
        .layer-graph--failed { color: $error; text-style: bold; }
        .layer-graph--leaving { color: $accent; }
        .layer-graph--gone { color: $text-muted; }
        .layer-graph--heading { color: $primary; text-style: bold; }
        .layer-graph--critical { color: $accent; text-style: bold; }
        .layer-graph--note { color: $text-muted; }
        .layer-graph--cursor { background: $primary 40%; }
        .layer-graph--related { background: $primary 15%; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        f"layer-graph--{one}" for one in (*Tone, "heading", "critical", "note", "cursor", "related")
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(0, -1)", "Up", show=False),
        Binding("down,j", "move(0, 1)", "Down", show=False),
        Binding("left,h", "move(-1, 0)", "Left", show=False),
        Binding("right,l", "move(1, 0)", "Right", show=False),
        Binding("home,g", "move(0, -1000000)", "First", show=False),
        Binding("end,G", "move(0, 1000000)", "Last", show=False),
        Binding("enter", "choose", "Choose", show=False),
    ]

    class Moved(Message):
        """The cursor is on another task."""

    class Chosen(Message):
        """Enter was pressed, or the task under the cursor was clicked."""

        def __init__(self, task_id: TaskId) -> None:
            super().__init__()
            self.task_id = task_id

    def __init__(self, *, ascii: bool = False) -> None:  # noqa: A002 - the widgets' word
        super().__init__()
        self._arrows = ASCII if ascii else UNICODE
        self._ascii = ascii
        self._columns: tuple[tuple[TaskId, ...], ...] = ()
        self._drawn: dict[TaskId, Node] = {}
        self._needs: Needs = {}
        self._dependents: Needs = {}
        self._at: TaskId | None = None
        self._styles_by_meaning: dict[str, Style] = {}

    @property
    def cursor_task(self) -> TaskId | None:
        """The task under the cursor; None while there is none."""
        return self._at

    def set_graph(self, columns: Sequence[Sequence[TaskId]], needs: Needs, nodes: Mapping[TaskId, Node]) -> None:
        """Show this graph; the cursor stays on its task. Nothing is painted that looks the same."""
        fresh = tuple(tuple(column) for column in columns)
        if (fresh, dict(nodes), needs) == (self._columns, self._drawn, self._needs):
            return
        self._columns, self._drawn = fresh, dict(nodes)
        self._needs, self._dependents = needs, dependents_of(needs)
        if self._at not in self._drawn:
            self._at = next((task for column in fresh for task in column), None)
        self._measure()
        self.refresh()

    def move_to(self, task: TaskId) -> None:
        """Put the cursor on a task; one that is not shown is ignored."""
        if task not in self._drawn:
            return
        self._at = task
        column, row = self._place()
        width = self._column_width()
        self.scroll_to_region(
            Region(column * width, 0 if row == 0 else row + 1, width, 2 if row == 0 else 1), animate=False
        )
        self.refresh()
        self.post_message(self.Moved())

    def action_move(self, columns: int, rows: int) -> None:
        """Go to another column, as near as there is a task, or up and down in this one."""
        if self._at is None:
            return
        column, row = self._place()
        there = self._columns[max(0, min(len(self._columns) - 1, column + columns))]
        self.move_to(there[max(0, min(len(there) - 1, row + rows))])

    def action_choose(self) -> None:
        """Choose the task under the cursor."""
        if self._at is not None:
            self.post_message(self.Chosen(self._at))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; choose the task if it was there already."""
        column = (event.x + round(self.scroll_x)) // self._column_width()
        row = event.y + round(self.scroll_y) - 1
        if column < len(self._columns) and 0 <= row < len(self._columns[column]):
            task = self._columns[column][row]
            if task == self._at:
                self.action_choose()
            self.move_to(task)

    def on_resize(self) -> None:
        """Give the columns the new width."""
        self._measure()

    def notify_style_update(self) -> None:
        """Look up colours anew when the theme changes."""
        super().notify_style_update()
        self._styles_by_meaning = {}

    def _place(self) -> tuple[int, int]:
        for index, column in enumerate(self._columns):
            if self._at in column:
                return index, column.index(self._at)
        return 0, 0

    def _column_width(self) -> int:
        longest = max((len(node.name) + len(node.brief) + 1 for node in self._drawn.values()), default=0) + _SIGNS
        room = self.size.width // max(1, len(self._columns))
        return max(_LEAST_COLUMN, min(_MOST_COLUMN, room, max(longest, _LEAST_COLUMN)))

    def _measure(self) -> None:
        rows = max((len(column) for column in self._columns), default=0)
        self.virtual_size = Size(len(self._columns) * self._column_width(), rows + 1)

    def finished_rows(self, start: int, end: int) -> list[Strip]:
        """Return rows of all columns."""
        base, top, left = self.rich_style, round(self.scroll_y) - 1, round(self.scroll_x)
        width, shown = self._column_width(), self.scrollable_content_region.width
        whole = max(left + shown, width * len(self._columns))
        return [
            RowStrip(
                Strip(self._across(row, width, base)).adjust_cell_length(whole, base).crop(left, left + shown), shown
            )
            for row in range(top + start, top + end)
        ]

    def _across(self, row: int, width: int, base: Style) -> list[Segment]:
        segments: list[Segment] = []
        for index, column in enumerate(self._columns):
            if row < 0:
                text = "1 needs nothing" if index == 0 else str(index + 1)
                segments.append(Segment(f"  {text}"[:width].ljust(width), self._style("heading")))
            elif row < len(column):
                segments += self._cell(column[row], width)
            else:
                segments.append(Segment(" " * width, base))
        return segments

    def _cell(self, task: TaskId, width: int) -> list[Segment]:
        node = self._drawn[task]
        at = self._at or ""
        is_need, is_dependent = task in self._needs.get(at, ()), task in self._dependents.get(at, ())
        extra = Style.null()
        if task == at:
            extra = self._style("cursor")
        elif is_need or is_dependent:
            extra = self._style("related")
        flow, critical = self._arrows
        room = width - _SIGNS
        name = padded(node.name, min(room, len(node.name)))
        brief = (
            padded(f" {node.brief}", room - len(name))
            if room - len(name) > len(node.brief)
            else " " * (room - len(name))
        )
        styled = [
            Segment(flow if is_dependent else " ", self._style("critical") + extra),
            Segment(critical if node.critical else " ", self._style("critical") + extra),
            Segment(f"{node.glyph} ", self._style(node.tone) + extra),
            Segment(
                ascii_text(name) if self._ascii else name,
                (self._style("critical") if node.critical else self.rich_style) + extra,
            ),
            Segment(brief, self._style("note") + extra),
            Segment(flow if is_need else " ", self._style("critical") + extra),
        ]
        return [*styled, Segment(" ", self.rich_style)]

    def _style(self, meaning: str) -> Style:
        style = self._styles_by_meaning.get(meaning)
        if style is None:
            style = self.get_component_rich_style(f"layer-graph--{meaning}")
            if meaning in {"cursor", "related"}:
                style = Style(bgcolor=style.bgcolor, bold=True if meaning == "cursor" else None)
            self._styles_by_meaning[meaning] = style
        return style
