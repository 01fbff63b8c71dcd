"""Ending a process group: signal, timeout, SIGKILL, and the wait until nothing of it is left."""

from __future__ import annotations

import os

from tui_runner.process.guardian import process_table
from tui_runner.process.guardian.signals import SIGCONT, SIGKILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_runner.process.guardian.activation import Activation

RUNNING, ASKED, ENDING, KILLED, GONE = "running", "asked", "ending", "killed", "gone"

_POLL_S = 0.02
"""How often an ending group is looked at when no child of ours will tell us."""
_ZOMBIES_AFTER_S = 0.2
"""A killed group that still exists then may consist of zombies that nobody reaps."""
_UNREACHABLE_AFTER_S = 2.0
"""A killed group that still exists then cannot be killed by us: it belongs to another user."""


class Group:
    """The process group of one attempt of a task.

    `running` → `asked` (a stop command is at work) → `ending` (signalled) → `killed` → `gone`; steps may be skipped.
    """

    __slots__ = ("deadline", "leader_alive", "owner", "phase", "pid", "stop_signal", "stop_timeout")

    def __init__(self, pid: int, owner: Activation, stop_signal: int, stop_timeout: float) -> None:
        self.pid = pid
        self.owner = owner
        self.stop_signal = stop_signal
        self.stop_timeout = stop_timeout
        self.phase = RUNNING
        self.leader_alive = True
        self.deadline = 0.0
        """Asked and ending: when SIGKILL follows. Killed: when SIGKILL was sent."""

    def send(self, number: int) -> bool:
        """Signal the group; tell whether it exists. Never signals a group that has gone: its id may be taken again."""
        if self.phase == GONE:
            return False
        try:
            os.killpg(self.pid, number)
        except ProcessLookupError:
            return False
        except PermissionError:
            return True
        return True


class Ladder:
    """Every group that is being ended, or whose leader has died while others live on."""

    def __init__(self, gone: Callable[[Group], None], escalated: Callable[[Group], None]) -> None:
        self._gone = gone
        self._escalated = escalated
        self._active: dict[int, Group] = {}

    def ask(self, group: Group, now: float) -> None:
        """Give a running group its stop timeout without a signal: a stop command asks it to end."""
        if group.phase == RUNNING:
            group.phase = ASKED
            group.deadline = now + group.stop_timeout
            self._active[group.pid] = group

    def end(self, group: Group, now: float) -> None:
        """Signal the group, once; a deadline that already runs stays."""
        if group.phase not in {RUNNING, ASKED}:
            return
        if group.phase == RUNNING:
            group.deadline = now + group.stop_timeout
        group.phase = ENDING
        group.send(group.stop_signal)
        if group.stop_signal != SIGKILL:
            group.send(SIGCONT)  # after the signal: a stopped process must wake up to see it
        self._active[group.pid] = group

    def kill(self, group: Group, now: float) -> None:
        """SIGKILL the group at once."""
        if group.phase not in {KILLED, GONE}:
            group.phase = KILLED
            group.deadline = now
            group.send(SIGKILL)
            self._active[group.pid] = group

    def leader_dying(self, group: Group, now: float) -> None:
        """Signal the rest of the group while the leader is a zombie, so its id cannot belong to anybody else yet."""
        self.end(group, now)

    def leader_reaped(self, group: Group, now: float) -> bool:
        """Note that the leader is gone; tell whether the whole group is. Does not call back."""
        group.leader_alive = False
        if self._is_gone(group, now):
            self._forget(group)
            return True
        return False

    def tick(self, now: float) -> None:
        """Escalate what ran out of time, find out what has gone."""
        for group in tuple(self._active.values()):
            if group.phase in {ASKED, ENDING} and now >= group.deadline:
                self.kill(group, now)
                self._escalated(group)
            if not group.leader_alive and self._is_gone(group, now):
                self._forget(group)
                self._gone(group)

    def delay(self, now: float) -> float | None:
        """Return in how many seconds `tick` is due; None when only a child's end can change anything."""
        delays = [
            _POLL_S if not group.leader_alive else max(0.0, group.deadline - now)
            for group in self._active.values()
            if not group.leader_alive or group.phase != KILLED
        ]
        return min(delays, default=None)

    @staticmethod
    def _is_gone(group: Group, now: float) -> bool:
        if not group.send(SIGKILL if group.phase == KILLED else 0):
            return True
        if group.phase != KILLED:
            return False
        waited = now - group.deadline
        return waited > _UNREACHABLE_AFTER_S or (waited > _ZOMBIES_AFTER_S and process_table.group_is_dead(group.pid))

    def _forget(self, group: Group) -> None:
        group.phase = GONE
        self._active.pop(group.pid, None)
