"""Spawns that were asked for, on their way to the guardian: they wait while descriptors are short."""

import asyncio
from collections import deque
from collections.abc import Callable
from typing import Final, Protocol

from tui_runner.executors import failures
from tui_runner.executors.attempt import Attempt, Wanted
from tui_runner.executors.logbook import Logbook
from tui_runner.executors.outputs import Outputs
from tui_runner.executors.recipe import Recipes
from tui_runner.executors.sink import ExecutorSink
from tui_runner.model.state import Failure
from tui_runner.model.task import TaskId
from tui_runner.process.argv import NotExecutable
from tui_runner.process.guardian_client import SpawnOrder
from tui_runner.process.log_file import LogFile
from tui_runner.scheduling.event import SpawnFailed

_PATIENCE_S: Final = 2.0
"""So long a spawn may wait for descriptors without a word."""


class Hand(Protocol):
    """Hands an attempt to the guardian, with the descriptors of its output."""

    def __call__(self, wanted: Wanted, attempt: Attempt, order: SpawnOrder, log: LogFile, fds: tuple[int, ...]) -> None:
        """The descriptors stay open until the guardian has answered."""


class Spawns:
    """Makes orders, in the order they were asked for. Must be used on one event loop."""

    def __init__(
        self,
        recipes: Recipes,
        logs: Logbook,
        outputs: Outputs,
        *,
        sink: ExecutorSink,
        note: Callable[[TaskId, str], None],
        hand: Hand,
    ) -> None:
        self._recipes = recipes
        self._logs = logs
        self._outputs = outputs
        self._sink = sink
        self._note = note
        self._hand = hand
        self._waiting: deque[Wanted] = deque()
        """Those for which no descriptors are left."""

    def ask(self, wanted: Wanted) -> None:
        """Spawn now, or as soon as there are descriptors; the sink hears `SpawnFailed` when it cannot be done."""
        if self._waiting or not self._try(wanted):
            self._waiting.append(wanted)
            asyncio.get_running_loop().call_later(_PATIENCE_S, self._tell_waiting, wanted)

    def withdraw(self, task: TaskId) -> bool:
        """Forget a spawn that still waits for descriptors; tell whether there was one."""
        for wanted in self._waiting:
            if wanted.task.id == task:
                self._waiting.remove(wanted)
                self._refuse(wanted, failures.too_many_files(task, "it was stopped while it waited for them"))
                return True
        return False

    def room_again(self) -> None:
        """Go on with what waits: descriptors were given back."""
        if self._waiting:
            asyncio.get_running_loop().call_soon(self._go_on)

    def forget(self) -> None:
        """Forget everything that waits, without a word."""
        self._waiting.clear()

    def _go_on(self) -> None:
        while self._waiting and self._try(self._waiting[0]):
            self._waiting.popleft()

    def _tell_waiting(self, wanted: Wanted) -> None:
        if wanted in self._waiting:
            self._note(wanted.task.id, failures.WAITS_FOR_FILES)

    def _try(self, wanted: Wanted) -> bool:
        """Spawn, or fail for good; False when descriptors are short."""
        task = wanted.task
        log = self._logs.log(task.id)
        path = None if log.path is None else str(log.path)
        order = self._recipes.order(task, wanted.command, wanted.attempt, wanted.after, path)
        if isinstance(order, NotExecutable):
            self._refuse(wanted, failures.not_executable(task.id, task.cwd, order))
            return True
        if not self._outputs.has_room():
            return False
        attempt = Attempt(number=wanted.attempt, program=order.argv[0])
        self._logs.make_directory()
        try:
            order, fds = self._outputs.open(order, attempt, tty=wanted.command.tty)
        except OSError as error:
            self._refuse(wanted, failures.too_many_files(task.id, failures.system_reason(error)))
            return True
        self._hand(wanted, attempt, order, log, fds)
        return True

    def _refuse(self, wanted: Wanted, failure: Failure) -> None:
        event = SpawnFailed(task=wanted.task.id, attempt=wanted.attempt, failure=failure)
        asyncio.get_running_loop().call_soon(self._sink.happened, event)
