"""How a task looks: glyph, tone and note for every state. Pure: the time is passed in."""

from collections.abc import Iterable

import msgspec

from tui_runner.model.view import TaskView
from widgets.tone import Tone


class Count(msgspec.Struct, frozen=True, kw_only=True):
    """How many tasks are in one condition; for the status line."""

    glyph: str
    number: int
    label: str
    tone: Tone


class Look(msgspec.Struct, frozen=True, kw_only=True):
    """What is drawn for one task at one moment."""

    glyph: str
    """One cell wide."""
    tone: Tone
    note: str
    """A few words, such as `ready 1.2 s`."""
    brief: str
    """The same where there is little room; may be empty."""
    changes_in: float | None = None
    """Seconds until it will look different by itself; None when it stands still."""


def look(view: TaskView, now: float, ascii: bool = False) -> Look:  # noqa: A002 - the name says it best
    """Return the look of a task at this time (seconds since the epoch)."""
    raise NotImplementedError


def tally(views: Iterable[TaskView], ascii: bool = False) -> tuple[Count, ...]:  # noqa: A002 - the name says it best
    """Return how many tasks are in which condition, for the status line; empty conditions are left out."""
    raise NotImplementedError
