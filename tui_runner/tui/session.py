"""The live picture of a run in the UI process: what the supervisor said, and the logs that are shown.

No Textual here. Messages are applied by plain calls; an observer marks what has to be drawn again.
"""

from collections.abc import Callable, Iterable
from time import perf_counter, time
from typing import Protocol, assert_never

import msgspec

from tui_runner.control.dependents import restarted_dependents, running_dependents
from tui_runner.control.protocol import (
    Chunk,
    Ended,
    Hello,
    Refused,
    Reply,
    Run,
    ServerMessage,
    Snapshot,
    State,
    Transition,
    Usage,
)
from tui_runner.errors.site import Site
from tui_runner.model.state import Failed, Failure, Pending
from tui_runner.model.task import TaskId
from tui_runner.model.view import FileWatch, RunPhase, RunView, TaskView
from tui_runner.tui.event_log import EventLog
from tui_runner.tui.logs import BUDGET_BYTES, Group, Logs, Subscriptions
from tui_runner.tui.terminals import Terminals, TerminalWire
from tui_runner.tui.usage_book import UsageBook, UsageWire
from widgets.failure_report import FailureReport, again_text

LAST_LINES = 8
"""How much of the log a failure report quotes."""


class SessionObserver(Protocol):
    """What draws the picture. Called for every message: mark and return, draw later."""

    def tasks_replaced(self) -> None:
        """Note that all tasks may be different: the first picture, or a new one after a reconnect."""

    def task_changed(self, view: TaskView) -> None:
        """Note that one task changed."""

    def run_changed(self, run: RunView) -> None:
        """Note that the run as a whole changed."""

    def log_grew(self, task: TaskId) -> None:
        """Note that a shown log has more lines."""

    def log_behind(self) -> None:
        """Note that a shown log has to be read from its file."""

    def usage_changed(self, tasks: Iterable[TaskId]) -> None:
        """Note that these tasks use something else of the machine than before."""


class Wire(Subscriptions, UsageWire, TerminalWire, Protocol):
    """What asks the supervisor to tell, and types; the control client is one."""


class RunSession:
    """Views of all tasks, the run, and the logs."""

    def __init__(
        self,
        observer: SessionObserver,
        *,
        clock: Callable[[], float] = time,
        ticks: Callable[[], float] = perf_counter,
        budget: int = BUDGET_BYTES,
    ) -> None:
        self._observer = observer
        self.clock = clock
        """Seconds since the epoch."""
        self.run: RunView | None = None
        """None before the first snapshot."""
        self.tasks: dict[TaskId, TaskView] = {}
        """In scheduling order."""
        self.events = EventLog()
        """What happened, as far as it is told."""
        self.usage = UsageBook()
        """What tasks use of the machine."""
        self.logs = Logs(clock=clock, ticks=ticks, budget=budget)
        self.terminals = Terminals(self.logs, clock=clock, ticks=ticks)

    @property
    def phase(self) -> RunPhase:
        """Where the run stands; running before the first snapshot."""
        return RunPhase.RUNNING if self.run is None else self.run.phase

    @property
    def file_watch(self) -> FileWatch:
        """Whether changed files are noticed; off before the first snapshot."""
        return FileWatch.OFF if self.run is None else self.run.file_watch

    def apply(self, message: ServerMessage) -> None:
        """Take what the supervisor sent."""
        match message:
            case Chunk():
                self._take(message)
            case State(task=view):
                self._changed(view)
            case Transition(task=task):
                self.events.entered(message, self.tasks.get(task))
            case Run(run=run):
                self.events.run_moved(run, self.phase, self.clock())
                self.run = run
                self._observer.run_changed(run)
            case Snapshot():
                self._replace(message)
            case Usage():
                self._observer.usage_changed(self.usage.take(message))
            case Hello() | Reply() | Ended() | Refused():
                pass  # the connection handles its own beginning and end
            case _:
                assert_never(message)

    def connect(self, wire: Wire) -> None:
        """Use this connection from now on, and ask for what is shown."""
        self.logs.connect(wire)
        self.usage.connect(wire)
        self.terminals.connect(wire)

    def show(self, tasks: tuple[TaskId, ...], groups: tuple[Group, ...] = ()) -> None:
        """Show the logs of exactly these tasks, and merged ones of these groups.

        Unknown tasks are shown empty until they are known.
        """
        for task in tasks:
            view = self.tasks.get(task)
            self.logs.feed(task, "" if view is None else view.log_file)
            if view is not None:
                self.logs.set_path(task, view.log_file)
        self.logs.show(tasks, groups)
        if self.logs.behind:
            self._observer.log_behind()

    def pump(self) -> bool:
        """Read shown logs on from their files for a few milliseconds; tell whether there is more to read."""
        for task in {*self.logs.pump(), *self.terminals.pump()}:
            self._observer.log_grew(task)
        return self.logs.behind or self.terminals.behind

    def show_terminals(self, tasks: Iterable[TaskId]) -> None:
        """Show the terminals of exactly these tasks, whose logs are shown."""
        sizes = {task: view.terminal for task in tasks if (view := self.tasks.get(task)) and view.terminal}
        self.terminals.show(sizes)
        if self.terminals.behind:
            self._observer.log_behind()

    def failed(self) -> tuple[TaskView, ...]:
        """Return the tasks that have failed for good, nested pipelines left out, in scheduling order."""
        return tuple(v for v in self.tasks.values() if isinstance(v.state, Failed) and not v.composite)

    def goes_with(self, task: TaskId) -> tuple[TaskId, ...]:
        """Return the running tasks that depend on a task through any chain: a stop takes them along."""
        return running_dependents(self.tasks.values(), task)

    def restarts_with(self, task: TaskId) -> tuple[TaskId, ...]:
        """Return the tasks that a restart of this one with dependents takes along."""
        return restarted_dependents(self.tasks.values(), task)

    def failure_report(
        self, task: TaskId, last_lines: int = LAST_LINES, *, restart_key: str = "r"
    ) -> FailureReport | None:
        """Return why a task failed and how to go on; None when it has not failed.

        Quotes this many lines from the end of its log file; reads 64 KiB of it at most. `restart_key` may be empty.
        """
        view = self.tasks.get(task)
        if view is None or not isinstance(view.state, Failed):
            return None
        quoted = self.logs.feed(task, view.log_file).last_lines(last_lines) if last_lines else ()
        report = _report(view, view.state.failure, quoted, self.tasks, restart_key)
        if report.site is None or self.run is None:
            return report
        # The line number must not fall off the edge of the pane behind a long path.
        return msgspec.structs.replace(report, site=_seen_from(self.run.root, report.site))

    def close(self) -> None:
        """Close files."""
        self.terminals.close()
        self.logs.close()

    def _replace(self, snapshot: Snapshot) -> None:
        self.run = snapshot.run
        self.tasks = {view.id: view for view in snapshot.tasks}
        self.events.catch_up(snapshot.tasks)
        self._observer.tasks_replaced()
        self._observer.run_changed(snapshot.run)

    def _changed(self, view: TaskView) -> None:
        known = view.id in self.tasks
        self.logs.set_path(view.id, view.log_file)
        self.tasks[view.id] = view
        if view.terminal is not None:
            self.terminals.resized(view.id, view.terminal)
        if known:
            self._observer.task_changed(view)
        else:
            self._observer.tasks_replaced()

    def _take(self, chunk: Chunk) -> None:
        if self.logs.take(chunk):
            self._observer.log_grew(chunk.task)
        elif self.logs.behind:
            self._observer.log_behind()
        if self.terminals.behind:
            self._observer.log_behind()


def _seen_from(root: str, site: Site) -> Site:
    below = site.file.removeprefix(root.rstrip("/") + "/")
    return msgspec.structs.replace(site, file=below)


def _report(
    view: TaskView, failure: Failure, last_lines: tuple[bytes, ...], tasks: dict[TaskId, TaskView], restart_key: str
) -> FailureReport:
    ended = view.finished_at if view.finished_at is not None else view.since
    return FailureReport(
        task=view.id,
        failure=failure,
        command=view.title or view.command,
        cwd=view.cwd,
        site=view.site,
        ran_for=None if view.started_at is None else max(0.0, ended - view.started_at),
        attempts=max(1, view.attempt),
        last_lines=last_lines,
        blocked=tuple(v.id for v in tasks.values() if isinstance(v.state, Pending) and v.state.blocked_by == view.id),
        again=again_text(view, restart_key),
    )
