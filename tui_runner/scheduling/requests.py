"""What people and file changes ask for while a run lives: start, stop, restart."""

from collections import deque
from typing import assert_never

from tui_runner.model.command import Command
from tui_runner.model.on_change import RestartOnChange, RunOnChange, SignalOnChange
from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failed,
    Pending,
    Queued,
    Ready,
    Running,
    Skipped,
    SkipReason,
    Starting,
    Stopping,
    StopReason,
)
from tui_runner.model.task import TaskId
from tui_runner.scheduling.board import Board
from tui_runner.scheduling.course import Course
from tui_runner.scheduling.effect import CancelTimer, RestartNoted, SendSignal
from tui_runner.scheduling.event import TimerKind
from tui_runner.scheduling.leaving import Leaver
from tui_runner.scheduling.lifecycle import Lifecycle
from tui_runner.scheduling.node import Goal, Node
from tui_runner.scheduling.starting import Starter


class Requests:
    """Turns wishes into goals; the other rooms do what follows. All are ignored once the run is stopping."""

    def __init__(self, board: Board, course: Course, starter: Starter, leaver: Leaver, lifecycle: Lifecycle) -> None:
        self.board = board
        self.course = course
        self.starter = starter
        self.leaver = leaver
        self.lifecycle = lifecycle

    def start(self, task: TaskId) -> None:
        """Bring a task up, and everything it needs that is not satisfied."""
        if not self.course.running:
            return
        self.starter.open_intake()
        wanted = self.board.tasks_of(task)
        seen = set(wanted)
        stack = deque(wanted)
        while stack:
            for dependency in stack.popleft().deps:
                if dependency not in seen:
                    seen.add(dependency)
                    stack.append(dependency)
        chosen = set(wanted)
        for node in sorted(seen, key=lambda node: -node.order):
            if node.is_task and (node in chosen or not node.satisfied):
                self._revive(node)
            elif node.goal is Goal.DOWN:
                node.goal = Goal.UP
                self.starter.ask_again(node)

    def _revive(self, node: Node) -> None:
        match node.state:
            case (
                Pending()
                | Completed()
                | Failed()
                | Aborted()
                | Skipped(reason=SkipReason.CACHE_HIT | SkipReason.UNAVAILABLE)
            ):
                self.starter.bring_up(node)
            case Starting() | Running() | Ready() | Queued() | Skipped():
                node.goal = Goal.UP
            case Stopping(reason=StopReason.TIMEOUT):
                node.goal = Goal.UP
            case Stopping() as state:
                node.goal = Goal.UP
                self.leaver.come_back(node, state, StopReason.RESTART)
            case Backoff():
                node.goal = Goal.UP
                node.forget_repeats()
                self._skip_backoff(node)
            case _:
                assert_never(node.state)

    def _skip_backoff(self, node: Node) -> None:
        self.board.emit(CancelTimer(task=node.id, kind=TimerKind.BACKOFF))
        self.lifecycle.backoff_over(node)

    def stop(self, task: TaskId) -> None:
        """Take a task down for good; what is there and depends on it goes first."""
        if not self.course.running:
            return
        chosen = self.board.tasks_of(task)
        for node in chosen:
            if isinstance(node.state, Pending | Queued):
                self.board.enter(node, Completed(stopped=True))
            elif isinstance(node.state, Failed | Skipped | Aborted) and not node.occupied:
                continue
            node.goal = Goal.DOWN
        leaving = [
            node for node in self.board.with_dependents(chosen) if node in chosen or node.occupied or not node.is_task
        ]
        self.leaver.want_down([node for node in leaving if node.is_task])

    def restart(self, task: TaskId, *, with_dependents: bool = False, reason: str = "") -> None:
        """Replace the running attempt of a task, or start it again; dependents stay, or those that are up go along.

        For a reason, which no person has asked for, only what is up and meant to be is restarted.
        """
        if not self.course.running:
            return
        self.starter.open_intake()
        chosen = self.board.tasks_of(task)
        for node in chosen:
            if reason and (node.goal is Goal.DOWN or not isinstance(node.state, Running | Ready)):
                continue
            node.must_run = True
            self._restart(node, StopReason.RESTART, reason or "restarted by hand")
        if not with_dependents:
            return
        for dependent in self.board.with_dependents(chosen):
            goes_along = isinstance(dependent.state, Starting | Running | Ready | Backoff | Failed)
            if dependent.is_task and goes_along and dependent not in chosen:
                self._restart(dependent, StopReason.RESTART, f"restarted by hand with {task}")

    def renew(self, node: Node, why: str) -> None:
        """Start a task again, by whatever its definition says then."""
        self._restart(node, StopReason.RESTART, why)

    def files_changed(self, node: Node, path: str) -> None:
        """Do what a task does about a change when it is up or has ended; one that waits or was stopped is left alone."""
        node.unheeded = path
        self.catch_up(node)

    def catch_up(self, node: Node) -> None:
        """Act on a change that the attempt could not be disturbed with when it was told, if it can be now."""
        path, command = node.unheeded, node.planned.command
        if path is None or command is None or command.watch is None or _must_wait(node, command):
            return
        node.unheeded = None
        if not self.course.running or node.goal is Goal.DOWN or isinstance(node.state, Pending | Queued):
            return
        action = command.watch.on_change
        if isinstance(action, SignalOnChange) and isinstance(node.state, Running | Ready):
            reason = f"changed: {path}"
            self.board.emit(SendSignal(task=node.id, attempt=node.attempt, number=action.number, reason=reason))
        else:
            self._restart(node, StopReason.CHANGED, f"changed: {path}")
        if command.watch.restart_dependents:
            self._restart_dependents(node, path)

    def _restart_dependents(self, node: Node, path: str) -> None:
        for dependent in self.board.with_dependents([node]):
            up = dependent.is_task and isinstance(dependent.state, Starting | Running | Ready)
            if up and dependent is not node:
                self._restart(dependent, StopReason.CHANGED, f"{node.id} changed: {path}")

    def _restart(self, node: Node, reason: StopReason, why: str) -> None:
        node.goal = Goal.UP
        self.course.failures.pop(node.id, None)
        match node.state:
            case Starting() | Running() | Ready():
                self.board.emit(RestartNoted(task=node.id, reason=why))
                self.leaver.begin_stop(node, reason)
            case Stopping(reason=StopReason.RESTART | StopReason.CHANGED | StopReason.DEPENDENCY):
                pass
            case Stopping() as state:
                self.board.emit(RestartNoted(task=node.id, reason=why))
                self.leaver.come_back(node, state, reason)
            case Backoff():
                self.board.emit(RestartNoted(task=node.id, reason=why))
                self._skip_backoff(node)
            case Completed() | Failed() | Aborted() | Skipped(reason=SkipReason.CACHE_HIT | SkipReason.UNAVAILABLE):
                self.board.emit(RestartNoted(task=node.id, reason=why))
                self.starter.bring_up(node)
            case Pending() | Queued() | Skipped():
                self.starter.ask_again(node)
            case _:
                assert_never(node.state)
        node.forget_repeats()  # last: until then they tell which timers are set


def _must_wait(node: Node, command: Command) -> bool:
    """Tell whether a change has to wait: for the end of a run, or until a service can take a signal."""
    if command.watch is None:
        return False
    match command.watch.on_change:
        case RestartOnChange():
            return False
        case SignalOnChange():  # before it is ready a signal might end it
            return isinstance(node.state, Starting | Running) and command.ready_when is not None
        case RunOnChange():
            return isinstance(node.state, Starting | Running | Ready)
        case _:
            assert_never(command.watch.on_change)
