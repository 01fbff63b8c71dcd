"""The watcher of one run: which tasks restart on which files, and what to do with its news."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from tui_runner.model.task import TaskId
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.event import Event, FilesChanged

if TYPE_CHECKING:
    from tui_runner.watching.watcher import FileWatcher


class FileWatching:
    """Owns the watcher, if any task of the plan watches files."""

    def __init__(self, plan: Plan, feed: Callable[[Event], None], note: Callable[[TaskId, str], None]) -> None:
        self._root = Path(plan.root)
        self._watches = {
            task.id: (task.cwd, task.command.watch)
            for task in plan.tasks.values()
            if task.command is not None and task.command.watch is not None
        }
        self._feed = feed
        self._note = note
        self._watcher: FileWatcher | None = None

    def start(self) -> None:
        """Begin to watch; nothing is loaded when nothing is watched."""
        if not self._watches:
            return
        from tui_runner.watching.watcher import FileWatcher  # noqa: PLC0415 - watchfiles loads only when it is needed

        self._watcher = FileWatcher(self._root, self._changed, self._complain)
        self._watcher.set_watches(self._watches)
        self._watcher.start()

    async def stop(self) -> None:
        """End the watcher and wait until nothing of it is left."""
        if self._watcher is not None:
            await self._watcher.stop()

    def _changed(self, task: TaskId, path: str) -> None:
        self._feed(FilesChanged(task=task, path=path))

    def _complain(self, message: str) -> None:
        for task in self._watches:
            self._note(task, message)
