"""The watcher of one run: which tasks watch which files, what their attempts have seen, and what to do with news."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tui_runner.model.state import Ready, Running, Starting, Stopping, TaskState
from tui_runner.model.task import TaskId
from tui_runner.model.view import FileWatch
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.event import Event, FilesChanged
from tui_runner.watching.attempt import Attempt, Moment
from tui_runner.watching.watched import Watched

if TYPE_CHECKING:
    from tui_runner.watching.watcher import FileWatcher


class FileWatching:
    """Owns the watcher, if any task of the plan watches files."""

    def __init__(
        self, plan: Plan, feed: Callable[[Event], None], note: Callable[[TaskId, str], None], *, wanted: bool
    ) -> None:
        """`wanted` false watches nothing, whatever tasks say."""
        self._root = Path(plan.root)
        self._wanted = wanted
        self._watches = _watches_of(plan) if wanted else {}
        self._tell_ready = {task for task in self._watches if _has_probe(plan, task)}
        self._attempts: dict[TaskId, Attempt] = {}
        self._feed = feed
        self._note = note
        self._since_ns = time.time_ns()
        """Nothing has been spawned by then."""
        self._watcher: FileWatcher | None = None
        self._state = FileWatch.ON if self._watches else FileWatch.OFF

    @property
    def state(self) -> FileWatch:
        """Whether files are watched now."""
        return self._state

    def start(self) -> None:
        """Begin to watch; nothing is loaded when nothing is watched."""
        if not self._watches:
            return
        from tui_runner.watching.watcher import FileWatcher  # noqa: PLC0415 - loaded only when it is needed

        self._watcher = FileWatcher(
            self._root, self._changed, self._complain, attempts=self._attempts.get, since_ns=self._since_ns
        )
        self._watcher.set_watches(self._watches)
        self._watcher.start()

    def take(self, plan: Plan) -> None:
        """Watch what this plan says."""
        before, self._watches = self._watches, _watches_of(plan) if self._wanted else {}
        self._tell_ready = {task for task in self._watches if _has_probe(plan, task)}
        if self._watcher is None:
            self._since_ns = time.time_ns()
            self._state = FileWatch.ON if self._watches else FileWatch.OFF
            self.start()
        elif self._watches != before:
            self._watcher.set_watches(self._watches)
        if not self._watches:
            self._state = FileWatch.OFF
        elif self._state is FileWatch.OFF:
            self._state = FileWatch.ON

    def turn(self, wanted: FileWatch) -> bool:
        """Pause, or act on what has changed meanwhile and go on; tell whether that is something new."""
        if self._watcher is None or wanted in {self._state, FileWatch.OFF}:
            return False
        if wanted is FileWatch.PAUSED:
            self._watcher.pause()
        else:
            self._watcher.resume()
        self._state = wanted
        return True

    def entered(self, task: TaskId, state: TaskState) -> None:
        """Note what a task has come to: changes are compared with the start of its attempt."""
        if task not in self._watches:
            return
        match state:
            case Starting():
                self._attempts[task] = Attempt(started=Moment.now(), tells_ready=task in self._tell_ready)
            case Running(pid=pid):
                self._amend(task, pid=pid)
            case Ready(pid=pid):
                self._amend(task, pid=pid, up=Moment.now())
            case Stopping():
                pass
            case _:
                attempt = self._attempts.get(task)
                if attempt is not None:
                    self._amend(task, pid=None, up=attempt.up or Moment.now())

    async def stop(self) -> None:
        """End the watcher and wait until nothing of it is left."""
        if self._watcher is not None:
            await self._watcher.stop()

    def _amend(self, task: TaskId, **fields: object) -> None:
        attempt = self._attempts.get(task)
        if attempt is not None:
            self._attempts[task] = msgspec.structs.replace(attempt, **fields)

    def _changed(self, task: TaskId, path: str) -> None:
        self._feed(FilesChanged(task=task, path=path))

    def _complain(self, task: TaskId | None, message: str) -> None:
        for concerned in self._watches if task is None else (task,):
            self._note(concerned, message)


def _watches_of(plan: Plan) -> dict[TaskId, Watched]:
    found: dict[TaskId, Watched] = {}
    for task in plan.tasks.values():
        command = task.command
        if command is not None and command.watch is not None:
            outputs = () if command.cache is None else command.cache.outputs
            found[task.id] = Watched(cwd=task.cwd, watch=command.watch, outputs=outputs)
    return found


def _has_probe(plan: Plan, task: TaskId) -> bool:
    command = plan.tasks[task].command
    return command is not None and command.ready_when is not None
