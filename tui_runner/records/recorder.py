"""Keeps the records of one run while it lives. Plugs into the supervisor as one of its listeners.

Never raises once it is open: what goes wrong is remembered in `problem`, and the run goes on without records.
Log files are not written here; tasks' output goes to them on a shorter way.
"""

import os
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tui_runner.model.memory_limit import MemoryLimit
from tui_runner.model.output import OutputChunk
from tui_runner.model.result import RunResult, TaskStats
from tui_runner.model.retention import Retention
from tui_runner.model.state import TaskState, TeardownStatus
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase, RunView, TaskView
from tui_runner.planning.plan import Plan
from tui_runner.process.atomic_file import write_atomically
from tui_runner.process.log_tail import last_lines
from tui_runner.records.execution import Execution, begin_execution, end_execution, write_execution
from tui_runner.records.journal import Journal, MemoryExceeded, PhaseEntered, StateEntered, TeardownMoved
from tui_runner.records.run_directory import RecordsError, RunDirectory, create_run_directory, new_run_id
from tui_runner.records.summary import render_summary

FLUSH_S: Final = 0.5
"""How long entries may wait for `flush`, at most."""
_TAIL_BYTES: Final = 16 << 10
_PRUNE_SLACK: Final = 10
"""So many runs may be too many before old ones are deleted."""
_SMALL_SHARE: Final = 8
"""A run is small when this many times as many runs as are kept would fit; after it no sizes are looked at."""


class RunRecorder:
    """Writes events.jsonl as things happen, execution.json at both ends, summary.md at the end. Made by `open`."""

    def __init__(
        self, root: Path, places: RunDirectory, journal: Journal, begun: Execution, retention: Retention
    ) -> None:
        self.places = places
        self._root = root
        self._journal = journal
        self._begun = begun
        self._retention = retention
        self._problem: str | None = None
        self._teardowns: dict[TaskId, TeardownStatus | None] = {}
        self._phase: RunPhase | None = None

    @classmethod
    def open(cls, root: Path, run_id: str, plan: Plan, *, started_at: float | None = None) -> "RunRecorder":
        """Make the directory of the run and write how it starts. `started_at` is seconds since the epoch, now by default.

        Raises:
            RecordsError: records cannot be kept; the message is a warning for people, the run can go on without.
        ValueError: `run_id` is no run id.
        """
        places = create_run_directory(root, run_id)
        begun = begin_execution(plan, run_id, time.time() if started_at is None else started_at)
        try:
            # Not durable: a start that is lost in a power cut is no loss, and a short run must not wait for the disk.
            write_execution(places.execution, begun, durable=False)
            journal = Journal(places.events)
        except OSError as error:
            raise RecordsError(f"records cannot be kept in {places.path}: {error.strerror or error}") from error
        return cls(root, places, journal, begun, plan.retention)

    @property
    def problem(self) -> str | None:
        """The first thing that went wrong, for people; None while all is well."""
        return self._problem or self._journal.problem

    @property
    def pending(self) -> bool:
        """Something waits for `flush`."""
        return self._journal.pending

    def task_entered(self, task: TaskId, state: TaskState, at: float) -> None:
        """Note a transition."""
        self._journal.append(StateEntered(at=at, task=task, state=state))

    def task_changed(self, view: TaskView) -> None:
        """Note how the teardown of the task moved on."""
        if view.teardown is not None and self._teardowns.get(view.id) != view.teardown:
            self._teardowns[view.id] = view.teardown
            if view.teardown is not TeardownStatus.NOT_RUN or view.teardown_error is not None:  # the latter: given up
                entry = TeardownMoved(at=time.time(), task=view.id, teardown=view.teardown, error=view.teardown_error)
                self._journal.append(entry)

    def run_changed(self, view: RunView) -> None:
        """Note how the run moved on."""
        if view.phase is not self._phase:
            self._phase = view.phase
            self._journal.append(PhaseEntered(at=time.time(), run=view.phase, cause=view.cause))

    def memory_exceeded(self, task: TaskId, used: int, limit: MemoryLimit) -> None:
        """Note that a task used more memory than it may, in bytes."""
        entry = MemoryExceeded(at=time.time(), task=task, memory=used, most=limit.most, action=limit.action)
        self._journal.append(entry)

    def output(self, task: TaskId, chunk: OutputChunk) -> None:
        """Nothing to do: output is in its log file already."""

    def flush(self) -> None:
        """Write what waits to the disk. Call it within `FLUSH_S` while `pending`."""
        self._journal.flush()

    def close(self, result: RunResult) -> str | None:
        """Write how the run ended, let go, and forget runs of long ago. Returns `problem`. Call it once."""
        try:
            write_execution(self.places.execution, end_execution(self._begun, result), durable=True)
            write_atomically(self.places.summary, self._summary(result).encode("utf-8", "replace"), durable=False)
        except OSError as error:
            self._problem = self._problem or f"cannot write {self.places.path}: {error.strerror or error}"
        self._journal.close()
        try:
            self._prune()
        except (OSError, RecordsError) as error:
            self._problem = self._problem or f"cannot remove old records: {error}"
        return self.problem

    def _prune(self) -> None:
        """Delete old runs when there is enough to be worth the work."""
        now = time.time()
        if self._has_much_to_prune(now):
            from tui_runner.records.pruning import prune_runs  # noqa: PLC0415 - few runs come here

            # A clock that was put back makes this run look old.
            prune_runs(self._root, self._retention, now, spared=self.places.run_id)

    def _has_much_to_prune(self, now: float) -> bool:
        kept = self._retention
        names = os.listdir(self.places.path.parent)  # noqa: PTH208 - the names are enough
        if len(names) > kept.max_runs + _PRUNE_SLACK:
            return True
        if kept.max_age_s is not None and min(names) < new_run_id(max(0.0, now - kept.max_age_s)):
            return True
        small = kept.max_total_size // (_SMALL_SHARE * (kept.max_runs + _PRUNE_SLACK))
        return self._logged_more_than(small)

    def _logged_more_than(self, most: int) -> bool:
        """Tell whether the logs of this run are larger; older pieces of a log count as larger than anything."""
        size = 0
        with os.scandir(self.places.logs) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    return True
                size += entry.stat(follow_symlinks=False).st_size
                if size > most:
                    return True
        return False

    def _summary(self, result: RunResult) -> str:
        return render_summary(
            result.stats,
            run_id=self.places.run_id,
            name=self._begun.name,
            error="" if result.error is None else result.error.message,
            last_lines=_last_lines_of_failed(result.stats.tasks),
        )


def _last_lines_of_failed(tasks: tuple[TaskStats, ...]) -> Mapping[TaskId, tuple[str, ...]]:
    found: dict[TaskId, tuple[str, ...]] = {}
    for task in tasks:
        found.update(_last_lines_of_failed(task.subtasks))
        if task.status == "failed" and task.log_file is not None:
            found[task.id] = last_lines(task.log_file, most_bytes=_TAIL_BYTES)
    return found
