"""Who hears of an executor: the interface between running tasks and the supervisor that schedules them."""

from typing import Protocol

from tui_runner.model.output import OutputChunk
from tui_runner.model.task import TaskId
from tui_runner.scheduling.event import ActivationClosed, Exited, GroupGone, Spawned, SpawnFailed, TeardownEnded

ExecutorEvent = Spawned | SpawnFailed | Exited | GroupGone | TeardownEnded | ActivationClosed
"""What an executor reports of its tasks; all of them are events of the scheduler."""


class ExecutorSink(Protocol):
    """Hears of everything an executor does.

    Called on the event loop, never from inside a call to the executor: a sink may call the executor back at once.
    Output that a task wrote before it exited is handed over before its `Exited`.
    """

    def happened(self, event: ExecutorEvent) -> None:
        """Take an event for the scheduler."""

    def output(self, task: TaskId, chunk: OutputChunk) -> None:
        """Take what a task printed, already appended to its log."""

    def escalated(self, task: TaskId) -> None:
        """Note that the stop timeout ran out and SIGKILL was sent to the task's group."""

    def logs_troubled(self, message: str) -> None:
        """Note that logs cannot be written, and why, for people; nothing when all of them can again."""

    def guardian_replaced(self, message: str) -> None:
        """Note that the guardian died unexpectedly, and that another one goes on in its place. Each time, if more are killed.

        All is to be stopped now: a run is only safe with two. The message is for people.
        """

    def guardian_lost(self, message: str) -> None:
        """Note that the guardian died unexpectedly. Once; no event follows it. The message is for people."""
