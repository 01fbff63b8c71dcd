"""Puts the owner's terminal right when the screen was killed and could not do it itself.

The supervisor outlives the screen, so it holds the terminal for this, and for nothing else: it lets go as soon as
ownership is given up, and never reads. Whoever got the terminal meanwhile, such as a shell, is not disturbed.
"""

import asyncio
import os
import select
import termios

from tui_runner.control.terminal_modes import TerminalModes

_LOOK_S = 0.005
_LOOKS = 200
"""The connection of a process ends a moment before the process; one that is there after a second was not killed.

A terminal that has not read the last frame by then is not read from at all."""
_RESTORE = (
    b"\x1b[?2026l"  # show what was painted
    b"\x1b[?1000l\x1b[?1002l\x1b[?1003l\x1b[?1006l\x1b[?1015l\x1b[?1016l\x1b[?1004l"  # mouse and focus are not told
    b"\x1b[?2004l\x1b[?2048l\x1b[?7h"  # paste as typed, sizes by signal, wrapped lines
    b"\x1b[<u\x1b[?1049l\x1b[?25h\x1b[0m"  # keys as usual, the screen from before, the cursor, no colour
)


class TerminalKeeper:
    """Holds a descriptor of the owner's terminal, which it closes, and the modes it had before the screen.

    Make it while the owner lives, as its child.
    """

    def __init__(self, descriptor: int, modes: TerminalModes) -> None:
        self._descriptor: int | None = descriptor
        self._modes = modes
        self._owner = os.getppid()
        self._timer: asyncio.TimerHandle | None = None

    def owner_lost(self) -> None:
        """Restore the terminal if the owner was killed; call it when its connection has ended."""
        self._look(_LOOKS)

    def close(self) -> None:
        """Let go of the terminal; restore it first if the owner was lost just now. Calling it again does nothing."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
            if os.getppid() != self._owner:
                self._restore()
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _look(self, more: int) -> None:
        self._timer = None
        done = os.getppid() != self._owner and self._restore()
        if more and not done:
            self._timer = asyncio.get_running_loop().call_later(_LOOK_S, self._look, more - 1)
            return
        self.close()

    def _restore(self) -> bool:
        """Restore what can be restored now; return False when the terminal must read something first."""
        if self._descriptor is None:
            return True
        try:
            now = termios.tcgetattr(self._descriptor)
            # Shells keep ISIG while they read a line, the screen does not: then the modes are still those of the screen.
            if not now[3] & termios.ISIG:
                now[:4] = self._modes
                termios.tcsetattr(self._descriptor, termios.TCSANOW, now)
            if not select.select((), (self._descriptor,), (), 0)[1]:
                return False
            os.write(self._descriptor, _RESTORE)
        except (OSError, termios.error):
            pass  # the terminal is gone: nobody misses anything
        return True
