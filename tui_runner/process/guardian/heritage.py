"""What a killed guardian has left to this one: processes that are not our children, known by pid and start time.

Nobody tells us when they end, so they are looked at again and again; that lasts as long as bringing them down does. A
pid is never believed: before each signal it is made sure that it still is the same process, or the same group.
"""

from __future__ import annotations

import os

from tui_runner.process.guardian import ladder as phases
from tui_runner.process.guardian import process_table
from tui_runner.process.guardian.auxiliary import Auxiliary
from tui_runner.process.guardian.ladder import Group
from tui_runner.process.guardian.signals import SIGKILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_runner.process.guardian.activation import Activation
    from tui_runner.process.guardian.frames import Message

UNKNOWN_END = "how it ended is not known: the guardian was killed meanwhile"
"""What is told of a teardown that a killed guardian had begun."""

_POLL_S = 0.02


class InheritedGroup(Group):
    """The process group of a leader that is not our child."""

    __slots__ = ("marker", "start")

    def __init__(self, request: Message, owner: Activation, marker: str) -> None:
        super().__init__(request["pid"], owner, request["stop_signal"], request["stop_timeout"])
        self.start: int = request["start"]
        self.marker = marker

    def send(self, number: int) -> bool:
        """Signal the group if it is still the one that was left to us; tell whether it is there."""
        if self.phase == phases.GONE or not process_table.is_same_group(self.pid, self.start, self.marker):
            return False
        return super().send(number)


class InheritedCommand(Auxiliary):
    """A teardown that a killed guardian had begun."""

    __slots__ = ("start",)

    def __init__(self, pid: int, start: int, deadline: float, ended: Callable[[int, bool], None]) -> None:
        super().__init__(pid, deadline, ended)
        self.start = start

    def kill(self) -> None:
        """SIGKILL its group if it is still there."""
        if process_table.is_same(self.pid, self.start):
            super().kill()


class Heritage:
    """Watches what was left to us."""

    def __init__(self, marker: str) -> None:
        self._marker = marker
        self._groups: list[InheritedGroup] = []
        self._commands: list[InheritedCommand] = []
        self._others: dict[int, int] = {}
        """pid -> start time of what the leaders had started by then, and of orphans: for the last sweep."""
        self.was_used = False
        """Something was left to us: there may be more that is not our child."""

    def take_group(self, request: Message, owner: Activation) -> InheritedGroup:
        """Watch over the group of a leader that a request names by `pid` and `start`."""
        self.was_used = True
        group = InheritedGroup(request, owner, self._marker)
        self._groups.append(group)
        self.note_descendants({group.pid})
        return group

    def take_command(self, command: InheritedCommand) -> None:
        """Watch over a teardown."""
        self._commands.append(command)

    def take_others(self, others: list[list[int]]) -> None:
        """Note orphans, as pairs of pid and start time, for the last sweep."""
        self.was_used = True
        self._others.update((pid, start) for pid, start in others)

    def note_descendants(self, leaders: set[int]) -> None:
        """Note what is below leaders now: once their parents are gone, nothing else may tell whose they were."""
        for pid in process_table.descendants(leaders, process_table.everyone()):
            start = process_table.start_of(pid)
            if start is not None:
                self._others[pid] = start

    def tick(self, group_ended: Callable[[InheritedGroup], None], command_ended: Callable[[int], None]) -> None:
        """Tell of leaders and commands that have ended."""
        for group in tuple(self._groups):
            if not process_table.is_same(group.pid, group.start):
                self._groups.remove(group)
                group_ended(group)
        for command in tuple(self._commands):
            if not process_table.is_same(command.pid, command.start):
                self._commands.remove(command)
                command_ended(command.pid)

    def delay(self) -> float | None:
        """Return in how many seconds `tick` is due; None when nothing is watched."""
        return _POLL_S if self._groups or self._commands else None

    def sweep(self) -> None:
        """Kill what is left of what was noted for the end, and all below it."""
        left = {pid for pid, start in self._others.items() if process_table.is_same(pid, start)}
        if not left:
            return
        for pid in left | process_table.descendants(left, process_table.everyone()):
            try:
                os.kill(pid, SIGKILL)
            except (ProcessLookupError, PermissionError):
                continue
