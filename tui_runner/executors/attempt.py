"""What the executor holds for one attempt, and for the activation it belongs to. Data and descriptors only."""

import os
from enum import Enum
from typing import Final, Literal

import msgspec

from tui_runner.executors.output_reader import OutputReader
from tui_runner.model.command import Command
from tui_runner.model.task import TaskId
from tui_runner.planning.plan import PlannedTask
from tui_runner.process.guardian_client import ProcessId, SpawnOrder
from tui_runner.process.log_file import LogFile

MOST_EARLIER: Final = 16
"""Former attempts of a task whose output is still read: more of them would use up the open files of us all."""


class Request(Enum):
    """What a guardian is asked for beside spawning and tearing down."""

    SWEEP = "sweep"
    STOP = "stop"
    KILL = "kill"
    CLOSE = "close"


class Wanted(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """A spawn that was asked for."""

    task: PlannedTask
    command: Command
    attempt: int
    after: tuple[TaskId, ...]


class Attempt(msgspec.Struct, kw_only=True, eq=False):
    """One spawned process and its output."""

    number: int
    program: str
    """Path that was executed, for messages."""
    master: OutputReader | None = None
    """Its terminal, when it has one."""
    readers: list[OutputReader] = msgspec.field(default_factory=list)
    """Not at their end yet."""
    handed: list[int] = msgspec.field(default_factory=list)
    """Write ends and slaves, kept until the guardian has answered."""
    cost: int = 0
    """Descriptors counted for it."""


class Activation(msgspec.Struct, kw_only=True, eq=False):
    """A task from its first spawn until it is closed."""

    task: PlannedTask
    order: SpawnOrder
    """The latest one."""
    log: LogFile
    attempt: Attempt
    earlier: list[Attempt] = msgspec.field(default_factory=list)
    """Former attempts whose output is still open: an escaped process holds it."""
    spawned: int = 0
    """How many attempts were started."""
    leader: ProcessId | None = None
    """Of the running attempt."""
    group: ProcessId | None = None
    """Leader of the latest attempt until nothing is left of its process group."""
    asked: list[Request] = msgspec.field(default_factory=list)
    """What the guardian was asked for, should another one have to do it."""
    teardown_asked: bool = False
    teardown_begun: bool = False
    """It is about to be started, or more: it must not run again."""
    teardown_leader: ProcessId | None = None
    """The running teardown."""
    torn_down: bool = False
    beside: list[OutputReader] = msgspec.field(default_factory=list)
    """Output of stop command and teardown."""
    beside_handed: list[int] = msgspec.field(default_factory=list)

    @property
    def pid(self) -> int | None:
        """Process id of the leader of the running attempt."""
        return None if self.leader is None else self.leader.pid

    def teardown_state(self) -> Literal["none", "due", "running", "done"]:
        """Return where the teardown of a task that was spawned stands."""
        if self.order.teardown is None:
            return "none"
        if self.torn_down:
            return "done"
        if self.teardown_leader is not None:
            return "running"
        return "done" if self.teardown_begun else "due"

    def begin(self, task: PlannedTask, order: SpawnOrder, attempt: Attempt) -> None:
        """Take a new attempt; what escaped processes of the latest few before it print is still read."""
        heard = [former for former in (*self.earlier, self.attempt) if former.readers]
        for former in heard[:-MOST_EARLIER]:
            for reader in tuple(former.readers):
                reader.close()
        self.earlier = heard[-MOST_EARLIER:]
        self.task = task
        self.order = order
        self.attempt = attempt
        self.asked.clear()

    def listens_to_stop_command(self) -> bool:
        """Tell whether a process runs that a stop command would ask to end."""
        command = self.task.command
        alive = self.pid is not None or bool(self.attempt.handed)
        return alive and command is not None and command.stop is not None

    def readers(self) -> list[OutputReader]:
        """Return everything that is still read for it."""
        attempts = (*self.earlier, self.attempt)
        return [*(reader for attempt in attempts for reader in attempt.readers), *self.beside]


def close_all(fds: list[int]) -> int:
    """Close the descriptors and empty the list; return how many there were."""
    for fd in fds:
        os.close(fd)
    count = len(fds)
    fds.clear()
    return count
