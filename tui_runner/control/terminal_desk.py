"""Who of the clients has the terminal of a task: its size counts, and it answers what programs ask their terminal.

A terminal has one size, however many look at it. Whoever works with it takes it; until somebody does, whoever came first
has it. A person may type from anywhere.
"""

from tui_runner.control.connection import Connection
from tui_runner.control.protocol import Input, Resize
from tui_runner.control.supervised import Supervised
from tui_runner.model.task import TaskId
from tui_runner.model.window_size import WindowSize

_MOST_CELLS = 1000
"""Rows or columns; nobody has more, and programs make room for what they are told."""


class TerminalDesk:
    """The terminals of one run."""

    def __init__(self, supervised: Supervised) -> None:
        self._supervised = supervised
        self._holders: dict[TaskId, Connection] = {}

    def take(self, connection: Connection, message: Resize | Input) -> None:
        """Do what a client says, if it is its turn.

        Raises:
            KeyError: there is no such task.
        """
        holder = self._holders.get(message.task, connection)
        match message:
            case Resize(task=task, claim=claim):
                if claim or holder is connection:
                    self._supervised.resize_terminal(task, _within_bounds(message))
                    self._holders[task] = connection
            case Input(task=task, data=data, answer=answer):
                if not answer or holder is connection:
                    self._supervised.type_into(task, data)

    def forget(self, connection: Connection) -> None:
        """Let others have what a client had that is gone."""
        for task in [task for task, holder in self._holders.items() if holder is connection]:
            del self._holders[task]


def _within_bounds(message: Resize) -> WindowSize:
    return WindowSize(rows=max(1, min(message.rows, _MOST_CELLS)), columns=max(1, min(message.columns, _MOST_CELLS)))
