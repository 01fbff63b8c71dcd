"""The line between what a task printed before and after it was started again, in its terminal."""

from typing import Final

from rich.cells import set_cell_size

from widgets.emulator import Emulator
from widgets.stamp import clock_text

_LEAVE_ALTERNATE: Final = b"\x1b[?1049l"
_PLAIN_MODES: Final = (
    b"\x1b[!p"  # colours, margins, the cursor, the keys of the cursor
    b"\x1b[?9;1000;1002;1003;1004;1005;1006;1015;1016;2004;2026;2048l"
    b"\x1b>\x1b(B\x0f"
)
"""What a program that was killed has left switched on."""


def separator(emulator: Emulator, time: float, note: str) -> bytes:
    """Return what brings a terminal back to how it begins and draws a line below the last row with text.

    `time` is when the new attempt printed something, `note` why it was started; it may be empty.
    """
    leaving = _LEAVE_ALTERNATE if emulator.modes.alternate_screen else b""
    emulator.feed(leaving + _PLAIN_MODES)
    emulator.scroll_to(end=True)
    rows = emulator.look().rows
    last = max((number for number, row in enumerate(rows, 1) if row.text), default=0)
    below = f"\x1b[{last + 1};1H" if last < emulator.rows else f"\x1b[{emulator.rows};1H\r\n"
    words = f"── {clock_text(time)}  {note or 'started again'} "
    line = set_cell_size(words + "─" * max(0, emulator.columns - len(words)), max(1, emulator.columns - 1))
    return f"{below}\x1b[2m{line}\x1b[m\r\n".encode()
