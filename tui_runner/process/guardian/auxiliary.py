"""Commands beside the tasks: teardowns, stop commands, probes. Bounded in time, killed with their whole group."""

from __future__ import annotations

import os

from tui_runner.process.guardian.signals import SIGKILL

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable


class Auxiliary:
    """One running command. `ended` is told its exit code (negative: the signal) and whether it ran out of time."""

    __slots__ = ("deadline", "ended", "outputs", "pid", "timed_out")

    def __init__(self, pid: int, deadline: float | None, ended: Callable[[int, bool], None]) -> None:
        self.pid = pid
        self.deadline = deadline
        self.ended = ended
        self.timed_out = False
        self.outputs: list[int] = []
        """Duplicates of the read end of its output, so that it never meets SIGPIPE; closed when `ended` has returned."""

    def kill(self) -> None:
        """SIGKILL its group."""
        try:  # noqa: SIM105 - contextlib is not worth its import here
            os.killpg(self.pid, SIGKILL)
        except (ProcessLookupError, PermissionError):
            pass


class Auxiliaries:
    """All running auxiliary commands."""

    def __init__(self) -> None:
        self._running: dict[int, Auxiliary] = {}

    def __contains__(self, pid: int) -> bool:
        return pid in self._running

    def add(
        self, pid: int, deadline: float | None, ended: Callable[[int, bool], None], outputs: list[int]
    ) -> Auxiliary:
        """Watch over a command that was just started. `deadline` None: no limit. Takes `outputs` over."""
        command = Auxiliary(pid, deadline, ended)
        command.outputs.extend(outputs)
        outputs.clear()
        self.take(command)
        return command

    def take(self, command: Auxiliary) -> None:
        """Watch over a command."""
        self._running[command.pid] = command

    def dying(self, pid: int) -> None:
        """Kill what is left of the group while its leader is a zombie."""
        self._running[pid].kill()

    def reaped(self, pid: int, code: int) -> None:
        """Report the end of a command."""
        command = self._running.pop(pid)
        command.ended(code, command.timed_out)
        while command.outputs:
            os.close(command.outputs.pop())

    def kill_all(self) -> None:
        """SIGKILL every command."""
        for command in self._running.values():
            command.kill()

    def tick(self, now: float) -> None:
        """Kill what ran out of time."""
        for command in self._running.values():
            if command.deadline is not None and now >= command.deadline:
                command.deadline = None
                command.timed_out = True
                command.kill()

    def delay(self, now: float) -> float | None:
        """Return in how many seconds `tick` is due; None when nothing is limited."""
        return min((max(0.0, c.deadline - now) for c in self._running.values() if c.deadline is not None), default=None)
