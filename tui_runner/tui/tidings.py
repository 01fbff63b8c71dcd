"""Which tasks have failed and which are well again since somebody last looked. Pure: views and the time are passed in.

Whole pictures are compared, not events: what fails and comes back between two looks is no news.
"""

from collections.abc import Iterable

import msgspec

from tui_runner.model.state import Aborted, Completed, Failed, Ready, Running, Skipped
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView

SETTLED_S = 1.0
"""A task without `ready_when` that runs for so long is well."""


class Tidings(msgspec.Struct, frozen=True, kw_only=True):
    """What is new, in scheduling order."""

    failed: tuple[TaskView, ...] = ()
    recovered: tuple[TaskView, ...] = ()
    settles: bool = False
    """A task that had failed runs, and nothing but time will tell: look again after `SETTLED_S`."""


class TidingsWatch:
    """Remembers what was wrong at the last look."""

    def __init__(self) -> None:
        self._wrong: set[TaskId] | None = None
        """None before the first look: what was so already is no news."""

    def concerns(self, view: TaskView) -> bool:
        """Tell whether this change of a task may be news."""
        return isinstance(view.state, Failed) or view.id in (self._wrong or ())

    def look(self, views: Iterable[TaskView], now: float) -> Tidings:
        """Return what is new at this time, in seconds since the epoch; nothing at the first look."""
        tasks = [view for view in views if not view.composite]
        failed = [view for view in tasks if isinstance(view.state, Failed)]
        before, self._wrong = self._wrong, {view.id for view in failed}
        if before is None:
            return Tidings()
        others = [view for view in tasks if view.id in before and view.id not in self._wrong]
        recovered = tuple(view for view in others if _is_well(view, now))
        on_their_way = [view for view in others if not _is_well(view, now) and not _is_over(view)]
        self._wrong.update(view.id for view in on_their_way)
        return Tidings(
            failed=tuple(view for view in failed if view.id not in before),
            recovered=recovered,
            settles=any(isinstance(view.state, Running) and not view.ready_when for view in on_their_way),
        )


def is_up(view: TaskView) -> bool:
    """Tell whether a task is as far as it is meant to come; one without `ready_when` is up when it runs."""
    match view.state:
        case Ready() | Completed(stopped=False) | Skipped():
            return True
        case Running():
            return not view.ready_when
        case _:
            return False


def _is_well(view: TaskView, now: float) -> bool:
    if isinstance(view.state, Running):
        return not view.ready_when and now - view.since >= SETTLED_S
    return is_up(view)


def _is_over(view: TaskView) -> bool:
    """Tell whether somebody has stopped it: neither a failure nor well."""
    return isinstance(view.state, Completed | Aborted)
