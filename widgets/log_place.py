"""Where somebody is in a log. Data only; one per log, so that coming back is where one left."""

from typing import NamedTuple

from widgets.line_store import LineStore


class Whereabouts(NamedTuple):
    """What of which log was on the screen at one moment."""

    store: LineStore
    top: int | None
    """Absolute number of the line in the first row of the screen; None while following."""
    sub: int
    """How many rows of that line, when wrapped, were above the screen."""


class LogPlace:
    """A place in one log. Follows the end while `top` is None."""

    __slots__ = ("left", "left_at", "marks", "pointed", "sub", "top")

    def __init__(self) -> None:
        self.top: int | None = None
        """Absolute number of the line in the first row of the screen; None while following."""
        self.sub = 0
        """How many rows of that line, when wrapped, are above the screen."""
        self.left_at = 0
        """One past the last line that had come when following was left."""
        self.left = 0
        """Cells scrolled to the right."""
        self.marks: set[int] = set()
        """Absolute numbers of lines somebody has marked."""
        self.pointed: int | None = None
        """Absolute number of the line a jump or a click has led to."""

    def hold(self, top: int, sub: int, end: int) -> None:
        """Stay here from now on; `end` is one past the last line there is."""
        if self.top is None:
            self.left_at = end
        self.top, self.sub = top, sub

    def follow(self) -> None:
        """Stay at the end from now on."""
        self.top, self.sub = None, 0
        self.pointed = None
