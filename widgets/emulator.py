"""What a terminal pane needs of a terminal emulator. Types only: `ghostty_emulator` is the one there is.

An emulator takes the bytes that a program writes to its terminal, and knows what the screen looks like then. It draws
nothing and sends nothing: whatever programs ask their terminal, the answer is handed back to who feeds it.
"""

from enum import IntEnum
from typing import NamedTuple, Protocol

from widgets.overwrite import Run


class MouseTracking(IntEnum):
    """Which events of the mouse a program wants; each includes those before."""

    NONE = 0
    PRESSES = 1
    """No releases either: what the oldest programs ask for."""
    CLICKS = 2
    DRAGS = 3
    MOVES = 4


class TerminalModes(NamedTuple):
    """What a program has switched on, as far as it matters to who types."""

    application_cursor: bool = False
    """Cursor keys are sent in another way."""
    bracketed_paste: bool = False
    """Pasted text is marked as such."""
    focus_events: bool = False
    """The program wants to know when its terminal gets and loses the focus."""
    alternate_screen: bool = False
    """The program has the whole screen, and there is nothing to scroll back to."""
    mouse: MouseTracking = MouseTracking.NONE
    sgr_mouse: bool = False
    """Events of the mouse are sent as numbers of any size; else only the first 223 columns and rows can be told."""
    drawing: bool = False
    """The program is in the middle of a picture and asks not to show it yet."""


class Cursor(NamedTuple):
    """A cell of the screen, from 0 on."""

    column: int
    row: int


class TerminalRow:
    """One row of the screen. The same object as long as nothing in it changes."""

    __slots__ = ("runs",)

    def __init__(self, runs: tuple[Run, ...] = ()) -> None:
        self.runs = runs
        """From the left edge on, exactly as wide as the screen; control characters are not in it."""

    @property
    def text(self) -> str:
        """The text without trailing blanks."""
        return "".join(run.text for run in self.runs).rstrip()


class TerminalScreen(NamedTuple):
    """What is to be seen."""

    rows: tuple[TerminalRow, ...]
    cursor: Cursor | None
    """None when it is hidden, or out of sight."""
    first: int
    """Number of the first row among all that are kept; rows that scrolled out of sight have numbers too."""
    below: int
    """How many rows lie below what is shown; 0 unless somebody scrolled up."""


class Emulator(Protocol):
    """One terminal. Not thread-safe."""

    @property
    def columns(self) -> int:
        """Width in cells."""

    @property
    def rows(self) -> int:
        """Height in cells."""

    @property
    def modes(self) -> TerminalModes:
        """What the program has switched on now."""

    def feed(self, data: bytes) -> bytes:
        """Take what the program wrote; return the answers to what it asked. Any bytes are fine, cut anywhere."""

    def resize(self, columns: int, rows: int) -> bytes:
        """Take another size, at least 1 each; return what the program wants to hear of it."""

    def look(self) -> TerminalScreen:
        """Return what is to be seen now. Costs little where little has changed since the last look."""

    def scroll(self, rows: int) -> None:
        """Show rows further down, or up when negative, as far as there are any; what is shown stays while more comes."""

    def scroll_to(self, *, end: bool) -> None:
        """Show the newest rows again, or the oldest."""

    def text_of(self, first: int, last: int) -> tuple[str, ...]:
        """Return the text of the rows of these numbers, the last one included; fewer when they are gone."""
