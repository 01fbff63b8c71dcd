"""Cleaning up after a run whose supervisor and guardian are gone, and telling what was done."""

import asyncio
import contextlib
import sys
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from tui_runner.control.journal_file import Leftovers
from tui_runner.errors.runner_error import GuardianError
from tui_runner.executors.failures import teardown_error
from tui_runner.executors.orphans import end_orphans
from tui_runner.process.guardian import process_table
from tui_runner.process.guardian.journal import boot_id, machine_id
from tui_runner.process.guardian_client import Bequest, GuardianClient, ProcessId, start_guardian
from tui_runner.process.guardian_event import LeaderExited, TaskEvent, TeardownFinished
from tui_runner.process.redaction import Redaction

_MOST_NAMES: Final = 8
_NEARLY_S: Final = 2.0
"""Where start times are seconds since 1970 they are taken a moment after the start."""


class Aftermath:
    """What is to be done for the leftovers of one run. Use once."""

    def __init__(self, left: Leftovers, tell: Callable[[str], None]) -> None:
        """`tell` is told for people what was found and what is done, line by line."""
        self._left = left
        redaction = Redaction(left.hidden)
        self._tell: Callable[[str], None] = lambda line: tell(redaction.text(line))
        self._same_boot = left.boot == boot_id()
        self._tasks = tuple(map(self._as_it_stands, left.tasks))
        self._orphans = tuple(filter(_living, left.orphans)) if self._same_boot else ()
        self._events: list[TaskEvent] = []

    def clean_up(self, journal: int, held: tuple[int, ...]) -> str:
        """Have a new guardian bring everything down; return why it did not come to its end, or nothing.

        Blocks meanwhile. `journal` goes on being written, so that somebody can go on from there.
        """
        if self._is_elsewhere():
            return ""
        alive = self._alive()
        self._tell_unknown()
        if not alive and not any(task.teardown_state in {"due", "running"} for task in self._tasks):
            return ""
        self._tell(
            "the run before was killed together with its guardian: cleaning up"
            if self._same_boot
            else "the machine, or its container, was restarted during the run before: cleaning up"
        )
        try:
            lost = asyncio.run(self._take_down(journal, held))
        except GuardianError as error:
            lost = str(error)
        self._report(alive)
        return lost

    def _is_elsewhere(self) -> bool:
        """Tell whether it ran on another machine that has the same home directory; then nothing can be done here."""
        if self._same_boot or not self._left.machine or self._left.machine == machine_id():
            return False
        due = [task.id for task in self._left.tasks if task.teardown_state == "due"]
        if due:
            self._tell(
                f"the run before was on another machine and did not end in order; {_teardown_of(due)} due there and"
                f" {'was' if len(due) == 1 else 'were'} not run"
            )
        return True

    def _alive(self) -> dict[int, str | None]:
        """Return the processes that are known to be left, with the task each is of, if that is known."""
        if not self._same_boot:
            return {}
        marker = self._left.marker
        alive: dict[int, str | None] = {pid: process_table.owner(pid, marker) for pid in process_table.marked(marker)}
        alive |= {process.pid: alive.get(process.pid) for process in self._orphans}
        for task in self._tasks:
            for process in (task.leader, task.teardown_leader):
                if process is not None and _living(process) is not None:
                    alive[process.pid] = task.id
        return alive

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

    async def _take_down(self, journal: int, held: tuple[int, ...]) -> str:
        left = self._left
        guardian = GuardianClient.start(
            start_guardian(left.marker),
            left.environment,
            on_event=self._events.append,
            on_lost=lambda _: None,
            held=held,
            journal=journal,
            hidden=left.hidden,
        )
        for task in self._tasks:
            guardian.inherit(task)
        guardian.inherit_others(self._orphans)
        ended = await guardian.take_down()
        if not ended or sys.platform != "linux":
            await end_orphans((), left.marker)
        return "" if ended else "the guardian that was to do it was killed as well"

    def _tell_unknown(self) -> None:
        for before, now in zip(self._left.tasks, self._tasks, strict=True):
            if before.teardown_state == "running" and now.teardown_state == "done":
                self._tell(
                    f"the teardown of `{before.id}` had begun when the run was killed; how it ended is not known, it was"
                    " not run again"
                )

    def _report(self, alive: Mapping[int, str | None]) -> None:
        if alive:
            owners = set(alive.values())
            stopped = [event.id for event in self._events if isinstance(event, LeaderExited) and event.id in owners]
            processes = "1 process" if len(alive) == 1 else f"{len(alive)} processes"
            names = f", of {_names(stopped)}," if stopped else ""
            self._tell(f"{processes}{names} still ran and had to be ended")
        ended = {event.id: teardown_error(event) for event in self._events if isinstance(event, TeardownFinished)}
        ran = [task for task, error in ended.items() if error is None]
        if ran:
            self._tell(f"{_teardown_of(ran)} due and {'has' if len(ran) == 1 else 'have'} run now")
        for task, error in ended.items():
            if error is not None:
                self._tell(f"the teardown of `{task}` was due; it failed: {error}")


def _living(process: ProcessId) -> ProcessId | None:
    """Return the process if it still is the one that was noted, else None."""
    if sys.platform == "linux":
        return process if process_table.is_same(process.pid, process.start) else None
    import psutil  # noqa: PLC0415 - only where there is no /proc, and slow to load

    with contextlib.suppress(psutil.Error):
        if abs(psutil.Process(process.pid).create_time() - process.start) <= _NEARLY_S:
            return process
    return None


def _teardown_of(tasks: list[str]) -> str:
    return f"the teardown of {_names(tasks)} was" if len(tasks) == 1 else f"the teardowns of {_names(tasks)} were"


def _names(tasks: list[str]) -> str:
    shown = ", ".join(f"`{task}`" for task in tasks[:_MOST_NAMES])
    more = len(tasks) - _MOST_NAMES
    return f"{shown} and {more} more" if more > 0 else shown
