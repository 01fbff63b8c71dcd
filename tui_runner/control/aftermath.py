"""Cleaning up after a run whose supervisor and guardian are gone, and telling what was done."""

import asyncio
import contextlib
import sys
from collections.abc import Iterable
from typing import Final

import msgspec

from tui_runner.control.journal_file import Leftovers
from tui_runner.errors.runner_error import GuardianError
from tui_runner.executors.failures import teardown_error
from tui_runner.executors.orphans import end_orphans
from tui_runner.process.guardian import process_table
from tui_runner.process.guardian.journal import boot_id
from tui_runner.process.guardian_client import Bequest, GuardianClient, ProcessId, start_guardian
from tui_runner.process.guardian_event import LeaderExited, TaskEvent, TeardownFinished

_MOST_NAMES: Final = 8
_NEARLY_S: Final = 2.0
"""Where start times are seconds since 1970 they are taken a moment after the start."""


class Aftermath:
    """What is to be done for the leftovers of one run. Use once."""

    def __init__(self, left: Leftovers) -> None:
        self._left = left
        self._same_boot = left.boot == boot_id()
        self._tasks = tuple(map(self._as_it_stands, left.tasks))
        self._events: list[TaskEvent] = []
        self._lost = ""

    def clean_up(self, journal: int, held: tuple[int, ...]) -> tuple[str, ...]:
        """Have a new guardian bring everything down and return what it did, one line each; blocks meanwhile.

        `journal` goes on being written, so that somebody can go on from there if this is interrupted as well.
        """
        marked = process_table.marked(self._left.marker) if self._same_boot else set()
        if not marked and not self._tasks and not any(map(_living, self._orphans())):
            return ()
        try:
            asyncio.run(self._take_down(journal, held))
        except GuardianError as error:
            self._lost = str(error)
        return tuple(self._report(len(marked)))

    def _orphans(self) -> tuple[ProcessId, ...]:
        return self._left.orphans if self._same_boot else ()

    def _as_it_stands(self, task: Bequest) -> Bequest:
        """Return the task with the processes that still are the ones it had."""
        leader = task.leader if self._same_boot else None
        if sys.platform != "linux" and leader is not None:  # on Linux the guardian makes sure, before each signal
            leader = _living(leader)
        teardown = None if task.teardown_leader is None or not self._same_boot else _living(task.teardown_leader)
        state = task.teardown_state
        if state == "running" and teardown is None:
            state = "done"  # it must not run twice
        return msgspec.structs.replace(task, leader=leader, teardown_leader=teardown, teardown_state=state)

    async def _take_down(self, journal: int, held: tuple[int, ...]) -> None:
        left = self._left
        guardian = GuardianClient.start(
            start_guardian(left.marker),
            left.environment,
            on_event=self._events.append,
            on_lost=lambda _: None,
            held=held,
            journal=journal,
        )
        for task in self._tasks:
            guardian.inherit(task)
        guardian.inherit_others(orphan for orphan in self._orphans() if _living(orphan) is not None)
        if not await guardian.take_down():
            self._lost = "the guardian that was to clean up was killed as well"
        if self._lost or sys.platform != "linux":
            await end_orphans((), left.marker)

    def _report(self, marked: int) -> Iterable[str]:
        yield (
            "the run before was killed together with its guardian"
            if self._same_boot
            else "the machine was restarted during the run before"
        )
        stopped = [event.id for event in self._events if isinstance(event, LeaderExited)]
        if marked:
            processes = "1 process" if marked == 1 else f"{marked} processes"
            names = f" of {_names(stopped)}" if stopped else ""
            yield f"{processes}{names} still ran and had to be ended"
        ended = {event.id: teardown_error(event) for event in self._events if isinstance(event, TeardownFinished)}
        ran = [task for task, error in ended.items() if error is None]
        if ran:
            yield f"the teardown of {_names(ran)} was due and has run now"
        for task, error in ended.items():
            if error is not None:
                yield f"the teardown of `{task}` was due; it failed: {error}"
        for before, now in zip(self._left.tasks, self._tasks, strict=True):
            if before.teardown_state == "running" and now.teardown_state == "done":
                yield f"the teardown of `{before.id}` had begun; how it ended is not known, it was not run again"
        if self._lost:
            yield f"not all could be cleaned up: {self._lost}"


def _living(process: ProcessId) -> ProcessId | None:
    """Return the process if it still is the one that was noted, else None."""
    if sys.platform == "linux":
        return process if process_table.is_same(process.pid, process.start) else None
    import psutil  # noqa: PLC0415 - only where there is no /proc, and slow to load

    with contextlib.suppress(psutil.Error):
        if abs(psutil.Process(process.pid).create_time() - process.start) <= _NEARLY_S:
            return process
    return None


def _names(tasks: list[str]) -> str:
    shown = ", ".join(f"`{task}`" for task in tasks[:_MOST_NAMES])
    more = len(tasks) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown
