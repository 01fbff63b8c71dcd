"""What happened in a run since this screen is there, newest last. Bounded: the oldest is forgotten."""

from collections import deque
from typing import Final

from tui_runner.control.protocol import Transition
from tui_runner.model.state import Pending, Queued, Starting, TaskState
from tui_runner.model.view import RunPhase, RunView, TaskView
from widgets.event_lines import RunEvent, TaskEvent

MOST_EVENTS: Final = 5000


class EventLog:
    """Takes what the supervisor tells, and keeps what a person would call an event."""

    def __init__(self) -> None:
        self._events: deque[TaskEvent | RunEvent] = deque(maxlen=MOST_EVENTS)
        self._count = 0

    @property
    def events(self) -> tuple[TaskEvent | RunEvent, ...]:
        """All that is remembered, oldest first."""
        return tuple(self._events)

    @property
    def forgotten(self) -> int:
        """How many events there were before the first that is remembered."""
        return self._count - len(self._events)

    def entered(self, transition: Transition, view: TaskView | None) -> None:
        """Note that a task entered a state; `view` is how it looked before, None when it was unknown."""
        if not _tells(transition.state):
            return
        began = None if view is None else view.started_at
        self._count += 1
        self._events.append(
            TaskEvent(
                number=self._count,
                time=transition.time,
                task=transition.task,
                state=transition.state,
                after_s=None if began is None else max(0.0, transition.time - began),
            )
        )

    def run_moved(self, run: RunView, before: RunPhase, at: float) -> None:
        """Note that the run as a whole entered another phase."""
        if run.phase is not before:
            self._count += 1
            self._events.append(RunEvent(number=self._count, time=at, phase=run.phase, cause=run.cause))


def _tells(state: TaskState) -> bool:
    """Tell whether a state is an event for people, and no step on the way to one."""
    match state:
        case Pending(blocked_by=blocker):
            return blocker is not None
        case Queued() | Starting():
            return False
        case _:
            return True
