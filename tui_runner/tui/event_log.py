"""What happened in a run, newest last: of before this screen was there the latest of each task. Bounded."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from tui_runner.control.protocol import Transition
from tui_runner.model.state import Pending, Queued, Ready, Running, Starting, TaskState
from tui_runner.model.task import TaskId
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

    def catch_up(self, views: Iterable[TaskView]) -> None:
        """Note what the first picture of the run tells of before: how each task came to where it stands."""
        if self._count:
            return
        earlier: list[tuple[float, TaskId, TaskState, float | None]] = []
        for view in views:
            began = view.started_at
            if began is not None:
                earlier.append((began, view.id, Running(attempt=max(1, view.attempt), pid=0), None))
            if view.ready_at is not None:
                earlier.append((view.ready_at, view.id, Ready(attempt=max(1, view.attempt), pid=0), began))
            if _tells(view.state) and not isinstance(view.state, Running | Ready):
                earlier.append((view.since, view.id, view.state, began))
        for at, task, state, began in sorted(earlier, key=lambda event: event[0]):
            self._add(at, task, state, began)

    def entered(self, transition: Transition, view: TaskView | None) -> None:
        """Note that a task entered a state; `view` is how it looked before, None when it was unknown."""
        if not _tells(transition.state):
            return
        self._add(transition.time, transition.task, transition.state, None if view is None else view.started_at)

    def run_moved(self, run: RunView, before: RunPhase, at: float) -> None:
        """Note that the run as a whole entered another phase."""
        if run.phase is not before:
            self._count += 1
            self._events.append(RunEvent(number=self._count, time=at, phase=run.phase, cause=run.cause))

    def _add(self, at: float, task: TaskId, state: TaskState, began: float | None) -> None:
        self._count += 1
        after_s = None if began is None else max(0.0, at - began)
        self._events.append(TaskEvent(number=self._count, time=at, task=task, state=state, after_s=after_s))


def _tells(state: TaskState) -> bool:
    """Tell whether a state is an event for people, and no step on the way to one."""
    match state:
        case Pending(blocked_by=blocker):
            return blocker is not None
        case Queued() | Starting():
            return False
        case _:
            return True
