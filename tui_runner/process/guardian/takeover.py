"""The supervisor has died: bring everything down in order, with the same ladder and teardowns.

A task is stopped when all that depends on it has been stopped, torn down and swept. What the supervisor had begun is
carried on, never begun again.
"""

from __future__ import annotations

from tui_runner.process.guardian import activation as teardowns
from tui_runner.process.guardian import ladder as phases
from tui_runner.process.leaving import LeaveOrder

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tui_runner.process.guardian.activation import Activation
    from tui_runner.process.guardian.pump import Pump
    from tui_runner.process.guardian.tasks import Tasks


class Takeover:
    """The ordered end of all activations; `finished` when none is left."""

    def __init__(self, tasks: Tasks, pump: Pump) -> None:
        self._tasks = tasks
        self._order = LeaveOrder({task: activation.after for task, activation in tasks.activations.items()})
        self._leaving: set[str] = set()
        for activation in tasks.activations.values():
            pump.add(activation.outputs, activation.log)
            for command in (activation.teardown, activation.stopper):
                if command is not None:
                    pump.add(command.outputs, activation.log)
        tasks.outlet = pump.outlet
        tasks.on_gone = self._gone
        tasks.on_teardown_ended = self._torn_down
        tasks.on_closed = self._closed

    @property
    def finished(self) -> bool:
        """Nothing is left to bring down in order."""
        return not self._order.remaining()

    def begin(self) -> None:
        """Let those go that nobody depends on."""
        self._release(self._order.frontier())

    def _release(self, tasks: list[str]) -> None:
        for task in tasks:
            if task not in self._leaving:
                self._leaving.add(task)
                self._leave(self._tasks.activations[task])

    def _leave(self, activation: Activation) -> None:
        group = activation.group
        if activation.closing:
            return
        if group is None or group.phase == phases.GONE:
            self._gone(activation)
        else:
            self._tasks.stop(activation, [])

    def _gone(self, activation: Activation) -> None:
        if activation.closing or activation.task not in self._leaving:
            return
        match activation.teardown_state:
            case teardowns.DUE:
                self._tasks.teardown(activation, None, [])
            case teardowns.RUNNING:
                pass  # begun by the supervisor; its end is reported like that of ours
            case _:
                self._tasks.close(activation)

    def _torn_down(self, activation: Activation) -> None:
        # The supervisor may have begun the teardown of a task that is not to leave yet: then its turn comes.
        if activation.task in self._leaving and not activation.closing:
            self._tasks.close(activation)

    def _closed(self, task: str) -> None:
        self._release(self._order.gone(task))
        if not self._order.frontier() and self._order.remaining():
            self._release(self._order.remaining())  # a circle cannot happen; it must not keep anything alive either
