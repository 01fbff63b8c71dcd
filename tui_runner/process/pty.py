"""Pseudo-terminals for tasks that want one."""

import os
import sys
import termios

import msgspec

from tui_runner.model.window_size import WindowSize

_IUTF8 = 0x4000
"""Linux: in a line that is being edited, the erase key takes a whole character away; `termios` has no name for it."""


class Pty(msgspec.Struct, frozen=True, kw_only=True):
    """An open pseudo-terminal. Whoever opened it closes both descriptors."""

    master: int
    """Non-blocking. Reading it fails with EIO (Linux) or ends (macOS) when the last slave is closed."""
    slave: int
    """Keep it until the child has opened its own: output is lost when the last slave closes too early."""
    slave_path: str


def open_pty(window: WindowSize, *, interactive: bool = False) -> Pty:
    """Open a pseudo-terminal of this size.

    With `interactive` it is what programs expect of a terminal that a person sits at: newlines go out as CR LF, and
    what is typed is echoed. Else newlines stay newlines and nothing is echoed.

    Raises:
        OSError: there are no more descriptors or terminals.
    """
    master, slave = os.openpty()
    try:
        attributes = termios.tcgetattr(slave)
        if interactive:
            attributes[0] |= _IUTF8 if sys.platform == "linux" else 0
            attributes[1] |= termios.OPOST | termios.ONLCR
        else:
            attributes[1] &= ~termios.ONLCR
            attributes[3] &= ~(termios.ECHO | termios.ECHOE | termios.ECHOK | termios.ECHONL)
        termios.tcsetattr(slave, termios.TCSANOW, attributes)
        resize(master, window)
        os.set_blocking(master, False)
        return Pty(master=master, slave=slave, slave_path=os.ttyname(slave))
    except BaseException:
        os.close(master)
        os.close(slave)
        raise


def resize(master: int, window: WindowSize) -> None:
    """Set the size; the foreground program hears of it by SIGWINCH.

    Raises:
        OSError: the terminal is gone.
    """
    termios.tcsetwinsize(master, (max(1, window.rows), max(1, window.columns)))
