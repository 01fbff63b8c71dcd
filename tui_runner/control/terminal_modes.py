"""How a terminal is set. Small: it is imported before the screen."""

import termios

TerminalModes = tuple[int, int, int, int]
"""Input, output, control and local modes, as `termios.tcgetattr` names them."""


def modes_of(descriptor: int) -> TerminalModes | None:
    """Return the modes of a terminal; None when it is none."""
    try:
        iflag, oflag, cflag, lflag, *_ = termios.tcgetattr(descriptor)
    except termios.error:
        return None
    return (iflag, oflag, cflag, lflag)
