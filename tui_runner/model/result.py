"""What a run returns: status, statistics per task, error.

The data is pure; `tui_runner.supervisor.outcome` fills it in. `TaskStats.last_lines` reads the log when it is called:
like `Pipeline.run` a place where the model reaches up, named as such in the layer contract.
"""

from collections.abc import Iterator
from typing import Literal

import msgspec

from tui_runner.errors.runner_error import PipelineError
from tui_runner.model.state import CrashLoop

RunStatus = Literal["success", "failed", "aborted"]
TaskStatus = Literal["pending", "running", "ready", "skipped", "completed", "failed", "aborted"]


class TeardownStats(msgspec.Struct, frozen=True, kw_only=True):
    """How the teardown of a task went; only for tasks that define one."""

    status: Literal["not-run", "completed", "failed"]
    error: str | None = None

    @property
    def given_up(self) -> bool:
        """It was due, and was not run to its end because somebody did not want to wait for it."""
        return self.status == "not-run" and self.error is not None


class CacheStats(msgspec.Struct, frozen=True, kw_only=True):
    """What the cache said; only for tasks with a cache."""

    checked: bool
    """False when it could not be used; `reason` says why."""
    hit: bool = False
    key: str | None = None
    """Hexadecimal; None when it could not be made."""
    cache_file: str | None = None
    """The entry that was used; None when there was none."""
    inputs: tuple[str, ...] = ()
    """As declared: patterns, artifacts, resolvers."""
    outputs: tuple[str, ...] = ()
    """As declared."""
    reason: str | None = None
    """Why it was no hit; None for a hit."""
    stored: bool = False
    """The result of this run was kept."""
    warning: str | None = None
    """Why the result was not kept although the task succeeded."""

    @property
    def words(self) -> str:
        """What the cache said, in a few words."""
        if self.hit:
            return "cached"
        if not self.checked:
            return f"no cache: {self.reason}"
        return f"not kept: {self.warning}" if self.warning else f"not cached: {self.reason}"


class TaskStats(msgspec.Struct, frozen=True, kw_only=True):
    """How one task went. Times are seconds since the epoch (UTC); durations are measured by a monotonic clock."""

    id: str
    name: str
    """Short name, without the path of its pipelines."""
    mode: str
    status: TaskStatus
    started_at: float | None = None
    """First spawn; None when it never started."""
    ready_at: float | None = None
    finished_at: float | None = None
    duration_s: float | None = None
    exit_code: int | None = None
    signal: str | None = None
    error: str | None = None
    stopped: bool = False
    """We ended it."""
    skip_reason: str | None = None
    blocked_by: str | None = None
    attempts: int = 0
    """How many attempts were made to run it, those that could not be spawned included."""
    restarts: int = 0
    """How often it was spawned again because of a policy, a change or a person."""
    crash_loop: CrashLoop | None = None
    """Set when it failed because its restart policy gave up."""
    teardown: TeardownStats | None = None
    dependencies: tuple[str, ...] = ()
    dependents: tuple[str, ...] = ()
    cache: CacheStats | None = None
    subtasks: "tuple[TaskStats, ...]" = ()
    log_file: str | None = None
    """Where its output is, that of its teardown included; None when it printed nothing or records are off."""
    tail: tuple[str, ...] = ()
    """The last lines of its output when no file has them, because records are off or the disk failed: at most 16 KiB."""

    def last_lines(self, count: int = 20) -> tuple[str, ...]:
        """Return the last lines of its log, oldest first, as plain text; what its teardown printed is left out.

        Only the end of the log file is read, at most 1 MiB; empty when it is gone. Where no file has them they come
        from `tail`. Escape sequences are taken out; of a progress bar what was seen last is told.
        """
        if self.tail or self.log_file is None:
            return self.tail[-count:] if count > 0 else ()
        from tui_runner.process.log_tail import last_lines  # noqa: PLC0415 - reading is for those who ask

        return last_lines(self.log_file, count)


class Summary(msgspec.Struct, frozen=True, kw_only=True):
    """Counts over all leaf tasks."""

    total: int
    completed: int
    failed: int
    skipped: int
    aborted: int
    pending: int
    running: int = 0


class RunStats(msgspec.Struct, frozen=True, kw_only=True):
    """How a whole run went."""

    mode: str
    status: RunStatus
    started_at: float
    finished_at: float
    duration_s: float
    tasks: tuple[TaskStats, ...]
    """Top-level tasks in definition order, with those pulled in as dependencies."""
    summary: Summary

    def task(self, task_id: str) -> TaskStats:
        """Return the statistics of a task at any depth, such as `outer:inner`.

        Raises:
            KeyError: no task of this run has the id.
        """
        for found in self.all_tasks():
            if found.id == task_id:
                return found
        raise KeyError(task_id)

    def all_tasks(self) -> Iterator[TaskStats]:
        """Yield the statistics of every task, a nested pipeline before its subtasks."""
        stack = list(reversed(self.tasks))
        while stack:
            found = stack.pop()
            yield found
            stack += reversed(found.subtasks)


class RunResult(msgspec.Struct, frozen=True, kw_only=True):
    """What `run()` returns."""

    ok: bool
    error: PipelineError | None
    """None exactly when `ok`."""
    stats: RunStats
    run_id: str | None = None
    """Names the directory of its records; None when records are off or nothing ran."""
