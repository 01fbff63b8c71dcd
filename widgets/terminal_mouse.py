"""What a terminal sends for events of the mouse, to programs that want to hear of them. Pure."""

from enum import IntEnum
from typing import Final, NamedTuple

from widgets.emulator import MouseTracking, TerminalModes

_SHIFT, _ALT, _CTRL = 4, 8, 16
_MOTION: Final = 32
_NO_BUTTON: Final = 3
_OLD_MOST: Final = 223
"""The last column or row that fits into one byte."""


class MouseAction(IntEnum):
    """What happened."""

    PRESS = 0
    RELEASE = 1
    MOVE = 2


class MouseButton(IntEnum):
    """Which button, in the numbers of terminals."""

    LEFT = 0
    MIDDLE = 1
    RIGHT = 2
    NONE = _NO_BUTTON
    WHEEL_UP = 64
    WHEEL_DOWN = 65
    WHEEL_LEFT = 66
    WHEEL_RIGHT = 67


class MouseNews(NamedTuple):
    """One event, at a cell counted from 0."""

    action: MouseAction
    button: MouseButton
    column: int
    row: int
    shift: bool = False
    alt: bool = False
    ctrl: bool = False


def encode_mouse(news: MouseNews, modes: TerminalModes) -> bytes:
    """Return what is sent for an event; nothing when the program did not ask for such events."""
    if not _is_wanted(news, modes.mouse):
        return b""
    code = news.button + (_MOTION if news.action is MouseAction.MOVE else 0)
    if modes.mouse is not MouseTracking.PRESSES:
        code += _SHIFT * news.shift + _ALT * news.alt + _CTRL * news.ctrl
    column, row = news.column + 1, news.row + 1
    if modes.sgr_mouse:
        return f"\x1b[<{code};{column};{row}{'m' if news.action is MouseAction.RELEASE else 'M'}".encode()
    if max(column, row) > _OLD_MOST:
        return b""
    if news.action is MouseAction.RELEASE:
        code = code - news.button + _NO_BUTTON
    return b"\x1b[M" + bytes((32 + code, 32 + column, 32 + row))


def _is_wanted(news: MouseNews, tracking: MouseTracking) -> bool:
    match news.action:
        case MouseAction.PRESS:
            return tracking >= MouseTracking.PRESSES
        case MouseAction.RELEASE:
            return tracking >= MouseTracking.CLICKS
        case MouseAction.MOVE:
            wanted = MouseTracking.MOVES if news.button is MouseButton.NONE else MouseTracking.DRAGS
            return tracking >= wanted
