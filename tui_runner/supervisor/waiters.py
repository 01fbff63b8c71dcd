"""Who waits for what came of a request: `restart` returns when the new generation is ready, `stop` when all is gone.

A task without a probe is never told to be ready. If others wait for it to complete, so does the request; else it is
waited for until it has ended, or has run for `LIVES_S`: it is a service then.
"""

import asyncio
from collections.abc import Mapping
from typing import Final, Literal

import msgspec

from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failed,
    Pending,
    Ready,
    Running,
    Skipped,
    Starting,
    is_alive,
)
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase
from tui_runner.scheduling.node import Kind
from tui_runner.scheduling.scheduler import Scheduler
from tui_runner.supervisor.ledger import Ledger

TaskVerb = Literal["start", "stop", "restart"]

LIVES_S: Final = 1.0
"""A task that nothing tells to be ready counts as up when it has run for so long."""


class _Waiter(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    tasks: tuple[TaskId, ...]
    verb: TaskVerb
    attempts: Mapping[TaskId, int]
    """Attempts at the time of the request: a restart is done when there are more."""
    future: "asyncio.Future[None]"


class Waiters:
    """Checks after every event whether somebody has waited long enough."""

    def __init__(self, scheduler: Scheduler, ledger: Ledger) -> None:
        self._scheduler = scheduler
        self._ledger = ledger
        self._waiting: list[_Waiter] = []
        self._alarms: dict[TaskId, asyncio.TimerHandle] = {}
        """When to look again at tasks that count as up once they have run for long enough."""

    async def wait(self, asked: tuple[TaskId, ...], verb: TaskVerb) -> None:
        """Return when what was asked of the tasks has come to something, or when the run ended."""
        tasks = tuple(node.id for task in asked for node in self._scheduler.board.tasks_of(task))
        waiter = _Waiter(
            tasks=tasks,
            verb=verb,
            attempts={one: self._attempt_before(one) for one in tasks},
            future=asyncio.get_running_loop().create_future(),
        )
        if self._is_settled(waiter):
            return
        self._waiting.append(waiter)
        try:
            await waiter.future
        finally:
            self._waiting.remove(waiter)
            if not self._waiting:
                self._forget_alarms()

    def _attempt_before(self, task: TaskId) -> int:
        """Return the attempt that was there before the request: what did not run is `Starting` its next one already."""
        entry = self._ledger.entries[task]
        return entry.attempt - 1 if isinstance(entry.state, Starting) else entry.attempt

    def check(self) -> None:
        """Wake everybody whose wish has been settled."""
        for waiter in self._waiting:
            if not waiter.future.done() and self._is_settled(waiter):
                waiter.future.set_result(None)

    def _is_settled(self, waiter: _Waiter) -> bool:
        if self._scheduler.course.phase is RunPhase.ENDED:
            return True
        if waiter.verb != "stop" and self._scheduler.replanning.under_way:
            return False  # such wishes wait until the other plan holds
        return all(self._task_settled(task, waiter) for task in waiter.tasks)

    def _task_settled(self, task: TaskId, waiter: _Waiter) -> bool:
        entry = self._ledger.entries.get(task)
        if entry is None or task not in self._scheduler.board.nodes:
            return True  # another plan has it not any more
        if waiter.verb == "stop":
            present = self._scheduler.board.nodes[task].present
            return not present and not is_alive(entry.state) and not isinstance(entry.state, Backoff)
        same_generation = entry.attempt <= waiter.attempts[task] and not isinstance(entry.state, Skipped)
        if waiter.verb == "restart" and same_generation:
            return isinstance(entry.state, Pending) and entry.state.blocked_by is not None
        match entry.state:
            case Ready() | Skipped() | Failed() | Completed() | Aborted():
                return True
            case Running() if self._scheduler.plan.tasks[task].once_of is not None:
                return False
            case Running():
                return not self._has_probe(task) and not self._is_waited_for(task) and self._has_lived(task)
            case Pending(blocked_by=blocker):
                return blocker is not None
            case _:
                return False

    def _is_waited_for(self, task: TaskId) -> bool:
        """Tell whether tasks depend on it, or on a nested pipeline that it is a part of."""
        nodes = list(self._scheduler.board.nodes[task].dependents)
        while nodes:
            node = nodes.pop()
            if node.kind is not Kind.COMPOSITE:
                return True
            nodes += node.dependents
        return False

    def _has_lived(self, task: TaskId) -> bool:
        """Tell whether it has run for long enough; if not, look again when it has."""
        entry = self._ledger.entries[task]
        missing_s = LIVES_S - (self._ledger.clocks.monotonic() - entry.since_s)
        if missing_s > 0 and task not in self._alarms:
            self._alarms[task] = asyncio.get_running_loop().call_later(missing_s, self._look_again, task)
        return missing_s <= 0

    def _look_again(self, task: TaskId) -> None:
        del self._alarms[task]
        self.check()

    def _forget_alarms(self) -> None:
        for alarm in self._alarms.values():
            alarm.cancel()
        self._alarms.clear()

    def _has_probe(self, task: TaskId) -> bool:
        command = self._scheduler.plan.tasks[task].command
        return command is not None and command.ready_when is not None
