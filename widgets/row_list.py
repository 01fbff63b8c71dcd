"""A list of lines to read and choose from: no widget per line, painted only when it is told other lines."""

from collections.abc import Sequence
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region, Size
from textual.message import Message
from textual.scroll_view import ScrollView
from textual.strip import Strip

from widgets.list_line import Accent, ListLine, ascii_text
from widgets.paints_rows import PaintsRows
from widgets.row_strip import RowStrip
from widgets.tone import Tone


class RowList(ScrollView, PaintsRows, can_focus=True):
    """Shows lines; the cursor goes from one that can be chosen to the next, and where there is none it scrolls."""

    DEFAULT_CSS = """
    RowList {
        background: $surface;
        color: $foreground;
        overflow-x: hidden;
        overflow-y: auto;
        scrollbar-size-vertical: 1;
        .row-list--pending { color: $text-muted; }
        .row-list--active { color: $warning; }
        .row-list--ready { color: $success; }
        .row-list--done { color: $success; }
        .row-list--failed { color: $error; text-style: bold; }
        .row-list--leaving { color: $accent; }
        .row-list--gone { color: $text-muted; }
        .row-list--plain { color: $foreground; }
        .row-list--muted { color: $text-muted; }
        .row-list--heading { color: $primary; text-style: bold; }
        .row-list--critical { color: $accent; text-style: bold; }
        .row-list--cursor { background: $primary 40%; }
    }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {f"row-list--{one}" for one in (*Tone, *Accent)} | {"row-list--cursor"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "move(-1)", "Up", show=False),
        Binding("down,j", "move(1)", "Down", show=False),
        Binding("pageup,ctrl+b,ctrl+u", "move_page(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+f,ctrl+d,space", "move_page(1)", "Page down", show=False),
        Binding("home,g", "first", "First", show=False),
        Binding("end,G", "last", "Last", show=False),
        Binding("enter", "choose", "Choose", show=False),
    ]

    class Chosen(Message):
        """Enter was pressed, or the line under the cursor was clicked."""

        def __init__(self, rows: "RowList", line: ListLine) -> None:
            super().__init__()
            self.rows = rows
            self.line = line

        @property
        def control(self) -> "RowList":
            """The list."""
            return self.rows

    def __init__(
        self,
        *,
        at_end: bool = False,
        ascii: bool = False,  # noqa: A002 - the name says it best
        id: str | None = None,  # noqa: A002 - Textual's name
    ) -> None:
        """`at_end`: begin with the last line, and stay there while lines are added, as long as the cursor is on it."""
        super().__init__(id=id)
        self._lines: tuple[ListLine, ...] = ()
        self._cursor: int | None = None
        """Index of the line under the cursor; None when no line can be chosen."""
        self._at_end = at_end
        self._ascii = ascii
        self._styles_by_meaning: dict[str, Style] = {}

    @property
    def lines(self) -> tuple[ListLine, ...]:
        """What is shown."""
        return self._lines

    @property
    def cursor_line(self) -> ListLine | None:
        """The line under the cursor; None when none can be chosen."""
        return None if self._cursor is None else self._lines[self._cursor]

    def set_lines(self, lines: Sequence[ListLine]) -> None:
        """Show these lines; the cursor stays on its line, or near where that was. What looks the same is not painted."""
        fresh, old = tuple(lines), self._lines
        if fresh == old:
            return
        cursor, stays_at_end = self._cursor, self._at_end and self._is_at_end()
        ident = "" if self.cursor_line is None else self.cursor_line.ident
        self._lines = fresh
        self._cursor = self._last() if stays_at_end else self._place_of(ident, cursor or 0)
        if len(fresh) != len(old):
            self.virtual_size = Size(self.size.width, len(fresh))
        if stays_at_end:
            self.call_after_refresh(self.scroll_end, animate=False)
        if len(fresh) != len(old) or cursor != self._cursor or stays_at_end:
            self.refresh()
            return
        top = round(self.scroll_y)
        for index in range(top, min(top + self.size.height, len(fresh))):
            if fresh[index] != old[index]:
                self.refresh(Region(0, index - top, self.size.width, 1))

    def move_to(self, ident: str) -> None:
        """Put the cursor on a line; an unknown one is ignored."""
        for index, line in enumerate(self._lines):
            if ident and line.ident == ident:
                self._set_cursor(index)

    def _is_at_end(self) -> bool:
        return not self._lines or self._cursor == self._last()

    def _last(self) -> int | None:
        return next((index for index in reversed(range(len(self._lines))) if self._lines[index].ident), None)

    def _place_of(self, ident: str, near: int) -> int | None:
        places = [index for index, line in enumerate(self._lines) if line.ident]
        same = [index for index in places if self._lines[index].ident == ident]
        return same[0] if same else min(places, key=lambda index: abs(index - near), default=None)

    # Moving

    def action_move(self, by: int) -> None:
        """Go to the next line that can be chosen, or scroll by a line when there is none."""
        step = 1 if by > 0 else -1
        at = self._cursor
        if at is not None:
            at += step
            while 0 <= at < len(self._lines) and not self._lines[at].ident:
                at += step
        if at is None or not 0 <= at < len(self._lines):
            self.scroll_relative(y=step, animate=False)
        else:
            self._set_cursor(at)

    def action_move_page(self, pages: int) -> None:
        """Go a page on."""
        by = pages * max(1, self.size.height - 1)
        if self._cursor is None:
            self.scroll_relative(y=by, animate=False)
            return
        self._set_cursor(self._place_of("", max(0, min(len(self._lines) - 1, self._cursor + by))))

    def action_first(self) -> None:
        """Go to the beginning."""
        self._set_cursor(self._place_of("", 0))
        self.scroll_home(animate=False)

    def action_last(self) -> None:
        """Go to the end."""
        self._set_cursor(self._last())
        self.scroll_end(animate=False)

    def action_choose(self) -> None:
        """Choose the line under the cursor."""
        if self.cursor_line is not None:
            self.post_message(self.Chosen(self, self.cursor_line))

    def on_click(self, event: events.Click) -> None:
        """Put the cursor where the mouse is; choose the line if it was there already."""
        index = round(self.scroll_y) + event.y
        if index < len(self._lines) and self._lines[index].ident:
            if index == self._cursor:
                self.action_choose()
            self._set_cursor(index)

    def _set_cursor(self, index: int | None) -> None:
        self._cursor = index
        if index is not None:
            top, height = round(self.scroll_y), self.size.height
            # The headings above the first line belong to it.
            above = 0 if not any(line.ident for line in self._lines[:index]) else index
            if above < top:
                self.scroll_to(y=above, animate=False)
            elif index >= top + height:
                self.scroll_to(y=index - height + 1, animate=False)
        self.refresh()

    # Painting

    def on_resize(self) -> None:
        """Keep the scroll range right."""
        self.virtual_size = Size(self.size.width, len(self._lines))

    def notify_style_update(self) -> None:
        """Look up colours anew when the theme changes."""
        super().notify_style_update()
        self._styles_by_meaning = {}

    def watch_has_focus(self, value: bool) -> None:
        """Show by the cursor whether keys come here."""
        super().watch_has_focus(value)
        self.refresh()

    def finished_rows(self, start: int, end: int) -> list[Strip]:
        """Return rows of lines."""
        width, base, top = self.scrollable_content_region.width, self.rich_style, round(self.scroll_y)
        cursor = self._cursor if self.has_focus else None
        return [
            self._row(line, width, base, is_chosen=index == cursor)
            for index, line in enumerate(self._lines[top + start : top + end], top + start)
        ]

    def _row(self, line: ListLine, width: int, base: Style, *, is_chosen: bool) -> Strip:
        extra = self._style("cursor") if is_chosen else Style.null()
        segments = [
            Segment(ascii_text(piece.text) if self._ascii else piece.text, self._style(piece.meaning) + extra)
            for piece in line.pieces
        ]
        return RowStrip.fitted([Segment(" ", base + extra), *segments], width, base + extra)

    def _style(self, meaning: str) -> Style:
        style = self._styles_by_meaning.get(meaning)
        if style is None:
            style = self.get_component_rich_style(f"row-list--{meaning}")
            if meaning == "cursor":
                style = Style(bgcolor=style.bgcolor, bold=True)
            self._styles_by_meaning[meaning] = style
        return style
