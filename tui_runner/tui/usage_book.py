"""What tasks use, as the supervisor told, and whether it is to tell: only while somebody can see it. No Textual here."""

from collections.abc import Iterable, Mapping
from typing import Protocol

from tui_runner.control.protocol import Usage
from tui_runner.model.task import TaskId
from widgets.load import Load

HISTORY_LOOKS = 16
"""So many looks are remembered of each task."""


class UsageWire(Protocol):
    """What asks the supervisor to tell; the control client is one."""

    def watch_usage(self, on: bool) -> None:
        """Ask to be told what tasks use, or to be told no more."""


class UsageBook:
    """The latest of every task that has processes."""

    def __init__(self) -> None:
        self._loads: dict[TaskId, Load] = {}
        self._wire: UsageWire | None = None
        self._shown = False

    @property
    def loads(self) -> Mapping[TaskId, Load]:
        """What every task uses; tasks without processes are left out."""
        return self._loads

    def connect(self, wire: UsageWire) -> None:
        """Use this connection from now on."""
        self._wire = wire
        if self._shown:
            wire.watch_usage(True)

    def show(self, shown: bool) -> None:
        """Note whether anybody can see it."""
        if shown != self._shown:
            self._shown = shown
            if self._wire is not None:
                self._wire.watch_usage(shown)

    def take(self, message: Usage) -> Iterable[TaskId]:
        """Take what the supervisor told; return the tasks that look different now."""
        told = {usage.task: usage for usage in message.tasks}
        different: list[TaskId] = []
        if message.complete:
            different += [task for task in self._loads if task not in told]
            self._loads = {task: load for task, load in self._loads.items() if task in told}
        for task in {*self._loads, *told}:
            old, usage = self._loads.get(task), told.get(task)
            if usage is not None and not usage.processes:
                self._loads.pop(task, None)
                different.append(task)
                continue
            new = old if usage is None else Load(usage.cpu_percent, usage.rss, () if old is None else old.history)
            if new is not None and not message.complete:
                new = _one_look_on(new)
            if new is not None and new != old:
                self._loads[task] = new
                different.append(task)
        return different


def _one_look_on(load: Load) -> Load:
    history = (*load.history, load.cpu_percent)[-HISTORY_LOOKS:]
    # What has done nothing so far looks like what is not known, and is not drawn again and again.
    begun = next((index for index, value in enumerate(history) if value), len(history))
    return load._replace(history=history[begun:])
