"""The ledger: stamps what the scheduler says with times, and makes views and results of it.

Knows no event loop and no processes; the clocks come from outside, so that tests can fix them.
"""

from collections.abc import Callable
from pathlib import Path

import msgspec

from tui_runner.model.command import Command
from tui_runner.model.probe_words import describe, describe_alive
from tui_runner.model.result import CacheStats
from tui_runner.model.run import Run
from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failed,
    Failure,
    Pending,
    Ready,
    Running,
    Skipped,
    SkipReason,
    Starting,
    Stopping,
    TaskState,
    TeardownStatus,
    satisfies,
)
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from tui_runner.model.window_size import WindowSize
from tui_runner.planning.plan import Plan, PlannedTask
from tui_runner.probes.endpoint import address_of
from tui_runner.process.redaction import Redaction
from tui_runner.supervisor.attempts import Attempts

_ENDED = Completed | Failed | Aborted | Skipped


class Clocks(msgspec.Struct, frozen=True, kw_only=True):
    """Where times come from: `wall` for records, `monotonic` for durations."""

    wall: Callable[[], float]
    monotonic: Callable[[], float]


class Entry:
    """What is remembered of one task beside its state."""

    __slots__ = (
        "again",
        "attempt",
        "attempts",
        "cache",
        "finished_at",
        "finished_s",
        "first_ended_at",
        "first_started_at",
        "first_started_s",
        "first_up_at",
        "hits",
        "last_failure",
        "ready_at",
        "restart_due",
        "restart_reason",
        "restarts_begun",
        "since",
        "since_s",
        "started_at",
        "state",
        "stopped",
        "teardown",
        "teardown_error",
        "teardown_since",
        "unhealthy",
        "view",
        "window",
    )

    def __init__(self, view: TaskView) -> None:
        self.view = view
        """What never changes, to be completed."""
        self.window = view.terminal
        self.state: TaskState = Pending()
        self.since = 0.0
        self.since_s = 0.0
        self.again = ""
        """Why the next attempt will be made, for people; empty when nobody said."""
        self.attempt = 0
        self.attempts = Attempts()
        self.cache: CacheStats | None = None
        """What the cache said last; None before, and without one."""
        self.hits = 0
        """How many attempts did not have to run."""
        self.first_ended_at: float | None = None
        self.first_started_at: float | None = None
        self.first_started_s: float | None = None
        self.first_up_at: float | None = None
        self.started_at: float | None = None
        self.ready_at: float | None = None
        self.finished_at: float | None = None
        self.finished_s: float | None = None
        self.restart_due = ""
        """Why the next attempt will be a restart; empty when it will be none, or there will be none."""
        self.restarts_begun = 0
        self.restart_reason = ""
        self.teardown: TeardownStatus | None = view.teardown
        self.teardown_error: str | None = None
        self.teardown_since: float | None = None
        self.unhealthy = ""
        """Why it may be given up though it runs, for people; empty while all is well."""
        self.last_failure: Failure | None = None
        self.stopped = False
        """Of a task that failed: we ended it, because its time was over."""

    def define_anew(self, view: TaskView) -> None:
        """Take what never changes from another definition."""
        self.view = view
        if (self.window is None) is not (view.terminal is None):
            self.window = view.terminal
        if (self.teardown is None) is not (view.teardown is None):
            self.teardown, self.teardown_error, self.teardown_since = view.teardown, None, None

    def enter(self, state: TaskState, at: float, now_s: float) -> None:
        """Note a state with its time."""
        asked_to_end = was_asked_to_end(self.state)
        self.state, self.since, self.since_s, self.unhealthy = state, at, now_s, ""
        self.attempts.enter(state, at)
        if self.first_up_at is None and satisfies(state):
            self.first_up_at = at
            self.first_ended_at = None
        if self.first_ended_at is None and (is_final(state) or (isinstance(state, Backoff) and self.first_up_at)):
            self.first_ended_at = at
        match state:
            case Running(attempt=attempt):
                self.attempt = attempt
                self.started_at, self.ready_at, self.finished_at = at, None, None
                self._note_first_start(at, now_s)
            case Stopping(pid=pid) if pid:
                self._note_first_start(at, now_s)  # it was to leave before we heard that it had been spawned
            case Ready():
                self.ready_at = at
            case Backoff(failure=failure):
                self.finished_at = at
                self.last_failure = failure or self.last_failure
                if failure is not None:
                    self.again = _how_it_failed(failure).removeprefix(f"[{self.view.id}] ")
            case Failed(failure=failure):
                self.stopped = asked_to_end
                self.last_failure = failure
                self.finished_at, self.finished_s = at, now_s
                self.restart_due = ""
            case Completed() | Aborted() | Skipped():
                self.finished_at, self.finished_s = at, now_s
                self.restart_due = ""
                if isinstance(state, Skipped) and state.reason is SkipReason.CACHE_HIT:
                    self.hits += 1
            case Starting(attempt=attempt):
                self.attempt = attempt
                self.restarts_begun += bool(self.restart_due)
                self.restart_due = ""
            case _:
                pass

    @property
    def restarts(self) -> int:
        """How often it was restarted; one that is announced counts, unless it comes to nothing."""
        return self.restarts_begun + bool(self.restart_due)

    def _note_first_start(self, at: float, now_s: float) -> None:
        if self.first_started_at is None:
            self.first_started_at, self.first_started_s = at, now_s


class Ledger:
    """Times and counts of all tasks of one run."""

    def __init__(
        self,
        plan: Plan,
        clocks: Clocks,
        log_path: Callable[[TaskId], Path | None],
        *,
        interactive: bool = False,
        redaction: Redaction | None = None,
    ) -> None:
        """`interactive` says whether terminals of tasks are there to be typed into, and so to be shown as such.

        `redaction` hides secrets in commands; None: there are none.
        """
        hide = Redaction(()) if redaction is None else redaction
        self.plan = plan
        self.clocks = clocks
        self.started_at = clocks.wall()
        self.started_s = clocks.monotonic()
        self.entries: dict[TaskId, Entry] = {}
        self.gone: dict[TaskId, tuple[PlannedTask, Entry]] = {}
        """Tasks that an earlier plan had and this one has not, if they ever began."""
        self._log_path = log_path
        self._hide = hide
        self._interactive = interactive
        self.take(plan)

    def take(self, plan: Plan) -> None:
        """Have an entry for every task of the plan; those that were there before remember what they were."""
        before, self.entries = self.entries, {}
        for task in plan.tasks.values():
            view = _static_view(
                task, self._log_path(task.id), self.started_at, self._hide, interactive=self._interactive
            )
            _, entry = self.gone.pop(task.id, (None, before.pop(task.id, None)))
            if entry is None or entry.view.composite is not task.composite:
                entry = Entry(view)
            else:
                entry.define_anew(view)
            self.entries[task.id] = entry
        for task_id, entry in before.items():
            if (entry.first_started_at is not None or entry.hits) and not entry.view.composite:
                self.gone[task_id] = (self.plan.tasks[task_id], entry)
        self.plan = plan

    def enter(self, task: TaskId, state: TaskState) -> float:
        """Note that a task entered a state; return the wall time given to it."""
        at = self.clocks.wall()
        self.entries[task].enter(state, at, self.clocks.monotonic())
        return at

    def restarted(self, task: TaskId, reason: str) -> None:
        """Note that the next attempt is a restart; one that was announced before is the same one."""
        entry = self.entries[task]
        entry.restart_reason = entry.again = entry.restart_due = reason

    def teardown(self, task: TaskId, status: TeardownStatus, error: str | None) -> None:
        """Note how the teardown of a task stands."""
        entry = self.entries[task]
        entry.teardown, entry.teardown_error, entry.teardown_since = status, error, self.clocks.wall()

    def resized(self, task: TaskId, size: WindowSize) -> bool:
        """Note the size of a task's terminal; tell whether it has one, and of another size until now."""
        entry = self.entries[task]
        if entry.window is None or entry.window == size:
            return False
        entry.window = size
        return True

    def unhealthy(self, task: TaskId, seen: str) -> bool:
        """Note what is wrong with a task that runs, empty for nothing; tell whether that is news."""
        entry = self.entries[task]
        news = entry.unhealthy != seen
        entry.unhealthy = seen
        return news

    def view(self, task: TaskId, *, waiting_for: tuple[TaskId, ...], leaving: bool) -> TaskView:
        """Return what may be shown of a task now."""
        entry = self.entries[task]
        return msgspec.structs.replace(
            entry.view,
            state=entry.state,
            since=entry.since or self.started_at,
            waiting_for=waiting_for,
            leaving=leaving,
            first_started_at=entry.first_started_at,
            first_up_at=entry.first_up_at,
            first_ended_at=entry.first_ended_at,
            started_at=entry.started_at,
            ready_at=entry.ready_at,
            finished_at=entry.finished_at,
            attempt=entry.attempt,
            restarts=entry.restarts,
            restart_reason=entry.restart_reason,
            teardown=entry.teardown,
            teardown_error=entry.teardown_error,
            teardown_since=entry.teardown_since,
            last_failure=entry.last_failure,
            unhealthy=entry.unhealthy,
            cache="" if entry.cache is None else entry.cache.words,
            terminal=entry.window,
        )


def _how_it_failed(failure: Failure) -> str:
    if failure.signal is not None:
        return f"killed by {failure.signal}"
    return failure.message if failure.exit_code is None else f"exit code {failure.exit_code}"


def title_of(command: Command) -> str:
    """Return what people are shown of a command."""
    return command.title or shown_command(command.run)


def shown_command(run: Run) -> str:
    """Return a command line as a person would type it."""
    if isinstance(run, str):
        return run
    import shlex  # noqa: PLC0415 - most commands are lines already

    return shlex.join(run)


def _address(command: Command | None) -> str:
    if command is None:
        return ""
    ready = "" if command.ready_when is None else address_of(command.ready_when)
    return ready or ("" if command.alive is None else address_of(command.alive.probe))


def _static_view(
    task: PlannedTask, log_file: Path | None, at: float, redaction: Redaction, *, interactive: bool
) -> TaskView:
    command = task.command
    probe = command.ready_when if command is not None else None
    alive = command.alive if command is not None else None
    has_teardown = command is not None and command.teardown is not None
    return TaskView(
        id=task.id,
        name=task.name,
        parent=task.parent,
        composite=task.composite,
        depends_on=task.depends_on,
        mode=task.mode,
        description=task.description,
        state=Pending(),
        since=at,
        teardown=TeardownStatus.NOT_RUN if has_teardown else None,
        command="" if command is None else redaction.text(shown_command(command.run)),
        title="" if command is None else redaction.text(command.title),
        cwd=task.cwd,
        ready_when="" if probe is None else describe(probe),
        alive="" if alive is None else describe_alive(alive),
        address=_address(command),
        site=command.site if command is not None else task.site,
        log_file="" if log_file is None or task.composite else str(log_file),
        target=task.target,
        watching=command is not None and command.watch is not None,
        watched=command.watch.paths if command is not None and command.watch is not None else (),
        terminal=WindowSize() if interactive and command is not None and command.tty else None,
    )


def is_final(state: TaskState) -> bool:
    """Tell whether a task in this state has ended."""
    return isinstance(state, _ENDED)


def was_asked_to_end(state: TaskState) -> bool:
    """Tell whether we ended the task."""
    match state:
        case Completed(stopped=stopped):
            return stopped
        case Aborted() | Stopping():
            return True
        case _:
            return False
