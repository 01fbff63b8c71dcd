"""The pane a person sees and uses the terminal of a program in. Knows an `Emulator`, and nobody behind it.

What is typed is told by messages; who gets it is not its business. It repaints rows that have changed, at most thirty
times a second, and does nothing when nothing changed.
"""

from asyncio import TimerHandle
from time import monotonic
from typing import ClassVar

from rich.segment import Segment
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Region
from textual.message import Message
from textual.reactive import reactive
from textual.selection import Selection
from textual.strip import Strip
from textual.widget import Widget

from widgets.emulator import Emulator, MouseTracking, TerminalModes, TerminalScreen
from widgets.later import later
from widgets.row_strip import RowStrip
from widgets.term_rows import NO_MARKS, RowMarks, TermLook, TermRows
from widgets.terminal_keys import encode_key, encode_paste
from widgets.terminal_mouse import MouseAction, MouseButton, MouseNews, encode_mouse

FRAME_S = 1 / 30
"""Time from one frame to the next at least."""
LEAVE_KEY = "ctrl+z"
"""The one key that never goes to the program."""
_RESIZE_S = 0.06
"""A size is told when it has been the same for so long: programs draw everything anew each time."""
_DRAWING_S = 0.15
"""So long a program may ask not to be shown yet."""
_WHEEL_ROWS = 3
_BUTTONS = {1: MouseButton.LEFT, 2: MouseButton.MIDDLE, 3: MouseButton.RIGHT}


class TermPane(Widget, can_focus=True):
    """Shows a terminal; while `typing`, all keys but one go to its program."""

    DEFAULT_CSS = """
    TermPane { background: $surface; color: $foreground; width: 1fr; height: 1fr; }
    TermPane > .term-pane--badge { background: $primary; color: $background; text-style: bold; }
    """
    COMPONENT_CLASSES: ClassVar[set[str]] = {"term-pane--badge"}
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up,k", "scroll_rows(-1)", "Up", show=False),
        Binding("down,j", "scroll_rows(1)", "Down", show=False),
        Binding("pageup,ctrl+b", "scroll_pages(-1)", "Page up", show=False),
        Binding("pagedown,ctrl+f", "scroll_pages(1)", "Page down", show=False),
        Binding("ctrl+u", "scroll_pages(-0.5)", "Half a page up", show=False),
        Binding("ctrl+d", "scroll_pages(0.5)", "Half a page down", show=False),
        Binding("home,g", "oldest", "Oldest row", show=False),
        Binding("end,G", "newest", "Newest row", show=False),
    ]

    typing: reactive[bool] = reactive(False, repaint=True, init=False)
    """Keys, pasted text and, if it wants them, events of the mouse go to the program."""

    class Typed(Message):
        """The program is to get this."""

        def __init__(self, pane: "TermPane", data: bytes) -> None:
            super().__init__()
            self.pane = pane
            self.data = data

        @property
        def control(self) -> "TermPane":
            """The pane."""
            return self.pane

    class TypingChanged(Message):
        """A person began to type into the terminal, or left it: read `typing`."""

        def __init__(self, pane: "TermPane") -> None:
            super().__init__()
            self.pane = pane

        @property
        def control(self) -> "TermPane":
            """The pane."""
            return self.pane

    class Resized(TypingChanged):
        """The pane has had another size for a moment: read `cells`."""

    def __init__(self, *, ascii: bool = False) -> None:  # noqa: A002 - the widgets' word for it
        super().__init__()
        self._ascii = ascii
        self._emulator: Emulator | None = None
        self._screen_seen: TerminalScreen | None = None
        self._rows = TermRows()
        self._look: TermLook | None = None
        self._timer: TimerHandle | None = None
        self._painted_at = 0.0
        self._drawing_since = 0.0
        self._resizing: TimerHandle | None = None
        self._pressed = MouseButton.NONE

    # What is shown

    @property
    def cells(self) -> tuple[int, int]:
        """Columns and rows there is room for."""
        return self.size.width, self.size.height

    @property
    def settling(self) -> bool:
        """Tell whether the size has changed a moment ago, and may change again."""
        return self._resizing is not None

    @property
    def modes(self) -> TerminalModes:
        """What the program has switched on."""
        return TerminalModes() if self._emulator is None else self._emulator.modes

    def show(self, emulator: Emulator | None) -> None:
        """Show this terminal, or nothing."""
        if emulator is not self._emulator:
            self._emulator = emulator
            self._screen_seen = None
            self._rows.forget()
            self.refresh()

    def touched(self) -> None:
        """Note that the terminal was fed. Cheap; call it as often as you like."""
        if self._timer is None and self.is_attached:
            wait = self._painted_at + FRAME_S - monotonic()
            self._timer = later(self, max(wait, 0.001), self._frame)

    def _frame(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if self._is_drawing():
            self._timer = later(self, FRAME_S, self._frame)
            return
        self._painted_at = monotonic()
        self._screen_seen = None
        self.refresh()

    def _is_drawing(self) -> bool:
        """Tell whether the program asks to wait, and may."""
        if not self.modes.drawing:
            self._drawing_since = 0.0
            return False
        self._drawing_since = self._drawing_since or monotonic()
        return monotonic() - self._drawing_since < _DRAWING_S

    def _seen(self) -> TerminalScreen:
        """Return what is to be seen, looked at once a frame."""
        if self._screen_seen is None:
            empty = TerminalScreen((), None, 0, 0)
            self._screen_seen = empty if self._emulator is None else self._emulator.look()
        return self._screen_seen

    @property
    def _top(self) -> int:
        """The first row that is seen: not 0 where the terminal is higher than the pane, and the cursor far down."""
        screen = self._seen()
        over = len(screen.rows) - self.size.height
        if over <= 0 or screen.cursor is None:
            return 0
        return max(0, min(over, screen.cursor.row + 1 - self.size.height))

    # Painting

    def notify_style_update(self) -> None:
        """Look up colours anew when the theme changes."""
        super().notify_style_update()
        self._look = None

    def render_lines(self, crop: Region) -> list[Strip]:
        """Return finished rows: the way of a style sheet's box model costs ten times as much."""
        if not self.is_attached:  # closed: it is asked for until the next layout, and has no styles any more
            return [RowStrip.blank(crop.width)] * crop.height
        self._begin_frame()
        screen, selection, top = self._seen(), self.text_selection, self._top
        strips: list[Strip] = []
        for y in range(crop.y + top, crop.bottom + top):
            if y >= len(screen.rows):
                strips.append(self._rows.blank())
                continue
            marks = NO_MARKS
            if screen.cursor is not None and screen.cursor.row == y:
                marks = RowMarks(cursor=screen.cursor.column, typing=self.typing)
            if selection is not None and (span := selection.get_span(screen.first + y)) is not None:
                marks = marks._replace(selected=span)
            strips.append(self._rows.strip(y, screen.rows[y], marks))
        if screen.below and crop.bottom == self.size.height:
            strips[-1] = self._with_badge(strips[-1], screen.below)
        if crop.x or crop.right < self.size.width:
            strips = [strip.crop(crop.x, crop.right) for strip in strips]
        return strips

    def render_line(self, y: int) -> Strip:
        """Return a row that knows its number and characters: Textual asks for it to find what is under the mouse."""
        if not self.is_attached:
            return Strip.blank(self.size.width)
        self._begin_frame()
        screen = self._seen()
        y += self._top
        if not 0 <= y < len(screen.rows):
            return self._rows.blank()
        return self._rows.strip(y, screen.rows[y], NO_MARKS).apply_offsets(0, screen.first + y)

    def _begin_frame(self) -> None:
        look = self._look
        if look is None:
            look = TermLook(
                width=0,
                base=self.rich_style,
                selected=self.screen.get_component_rich_style("screen--selection", partial=True),
                background=self.background_colors[1],
                filters=tuple(self.get_line_filters()),
            )
        self._look = look._replace(width=max(1, self.size.width))
        self._rows.begin(self._look)

    def _with_badge(self, strip: Strip, below: int) -> Strip:
        badge = f" {below:,} rows below {'v' if self._ascii else '↓'} "
        room = max(0, self.size.width - len(badge))
        style = self.get_component_rich_style("term-pane--badge")
        return RowStrip.fitted([*strip.crop(0, room), Segment(badge, style)], self.size.width)

    @property
    def allow_select(self) -> bool:
        """Dragging selects text, unless the program wants to hear of it."""
        return super().allow_select and not (self.typing and self.modes.mouse)

    # Selection, by numbers of rows, so that it stays with its text while more comes

    def selection_updated(self, selection: Selection | None) -> None:
        """Show what is selected."""
        del selection  # read back when painting
        self.refresh()

    def get_selection(self, selection: Selection) -> tuple[str, str] | None:
        """Return the selected text, and what ends it."""
        if self._emulator is None:
            return None
        screen = self._seen()
        start, end = selection
        first = screen.first if start is None else start.y
        last = screen.first + len(screen.rows) - 1 if end is None else end.y
        lines = list(self._emulator.text_of(first, last))
        if not lines:
            return None
        if end is not None:
            lines[-1] = lines[-1][: end.x]
        if start is not None:
            lines[0] = lines[0][start.x :]
        return "\n".join(lines), "\n"

    # Typing

    def watch_typing(self) -> None:
        """Show the newest rows, and tell."""
        if self._emulator is not None:
            if self.typing:
                self._scroll_to_end()
            if self.modes.focus_events:
                self._type(b"\x1b[I" if self.typing else b"\x1b[O")
        self.post_message(self.TypingChanged(self))

    def on_blur(self) -> None:
        """Leave the program when something else gets the focus; not when somebody looks at another window."""
        if self.app.app_focus:
            self.typing = False

    def take_key(self, event: events.Key) -> None:
        """Give a key to the program, or leave it."""
        if event.key == LEAVE_KEY:
            self.typing = False
            return
        if event.key in {"shift+pageup", "shift+pagedown"} and not self.modes.alternate_screen:
            self.action_scroll_pages(-1 if event.key == "shift+pageup" else 1)
            return
        self._type_by_hand(encode_key(event.key, event.character, application_cursor=self.modes.application_cursor))

    def on_paste(self, event: events.Paste) -> None:
        """Give pasted text to the program."""
        if self.typing:
            event.stop()
            event.prevent_default()
            self._type_by_hand(encode_paste(event.text, bracketed=self.modes.bracketed_paste))

    def _type_by_hand(self, data: bytes) -> None:
        if data:
            self._scroll_to_end()
            self._type(data)

    def _type(self, data: bytes) -> None:
        if data:
            self.post_message(self.Typed(self, data))

    # Scrolling

    def action_scroll_rows(self, rows: int) -> None:
        """Scroll by rows; down is positive."""
        if self._emulator is not None:
            self._emulator.scroll(rows)
            self._look_anew()

    def action_scroll_pages(self, pages: float) -> None:
        """Scroll by pages; down is positive."""
        self.action_scroll_rows(int(pages * max(1, self.size.height - 1)))

    def action_oldest(self) -> None:
        """Go to the oldest row."""
        if self._emulator is not None:
            self._emulator.scroll_to(end=False)
            self._look_anew()

    def action_newest(self) -> None:
        """Go to the newest row and stay there."""
        self._scroll_to_end()

    def _scroll_to_end(self) -> None:
        if self._emulator is not None and self._seen().below:
            self._emulator.scroll_to(end=True)
            self._look_anew()

    def _look_anew(self) -> None:
        self._screen_seen = None
        self.refresh()

    # The mouse

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Tell the program, if it wants to know."""
        button = _BUTTONS.get(event.button, MouseButton.NONE)
        if self._tell_mouse(event, MouseAction.PRESS, button):
            self._pressed = button
            self.capture_mouse()

    def on_mouse_up(self, event: events.MouseUp) -> None:
        """Tell the program, if it wants to know."""
        if self._pressed is not MouseButton.NONE:
            self.release_mouse()
            pressed, self._pressed = self._pressed, MouseButton.NONE
            self._tell_mouse(event, MouseAction.RELEASE, pressed)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Tell the program, if it wants to know."""
        self._tell_mouse(event, MouseAction.MOVE, self._pressed)

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Scroll up."""
        self._wheel(event, MouseButton.WHEEL_UP, "up", -_WHEEL_ROWS)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Scroll down."""
        self._wheel(event, MouseButton.WHEEL_DOWN, "down", _WHEEL_ROWS)

    def on_click(self, event: events.Click) -> None:
        """Go to the newest rows when the badge is clicked."""
        if event.y == self.size.height - 1 and self._seen().below:
            self._scroll_to_end()

    def _wheel(self, event: events.MouseEvent, button: MouseButton, key: str, rows: int) -> None:
        event.stop()
        event.prevent_default()
        if self._tell_mouse(event, MouseAction.PRESS, button):
            return
        if self.typing and self.modes.alternate_screen:
            # Such programs scroll by cursor keys, and there is nothing to scroll back to.
            data = encode_key(key, None, application_cursor=self.modes.application_cursor)
            self._type(data * abs(rows))
        else:
            self.action_scroll_rows(rows)

    def _tell_mouse(self, event: events.MouseEvent, action: MouseAction, button: MouseButton) -> bool:
        """Tell the program what the mouse did; return whether it wants to hear of the mouse at all."""
        modes = self.modes
        if not self.typing or modes.mouse is MouseTracking.NONE or event.shift:
            return False
        event.stop()
        event.prevent_default()
        column, row = max(0, event.x), max(0, event.y + self._top)
        news = MouseNews(action, button, column, row, alt=event.meta, ctrl=event.ctrl)
        self._type(encode_mouse(news, modes))
        return True

    # Size

    def on_resize(self) -> None:
        """Tell of a new size once it stays."""
        if self._resizing is not None:
            self._resizing.cancel()
        self._resizing = later(self, _RESIZE_S, self._tell_size)

    def _tell_size(self) -> None:
        self._resizing = None
        if self.size.width and self.size.height:
            self.post_message(self.Resized(self))
