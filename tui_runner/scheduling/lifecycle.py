"""The life of one attempt: spawned, ready, timed out, exited; and whether another attempt follows."""

from typing import Final

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.command import Command
from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failure,
    Pending,
    Ready,
    RepeatKind,
    Running,
    Skipped,
    SkipReason,
    Starting,
    Stopping,
    StopReason,
    TeardownStatus,
    is_alive,
)
from tui_runner.scheduling.board import Board
from tui_runner.scheduling.course import Course
from tui_runner.scheduling.effect import RestartNoted, SetTimer, StartProbe, TeardownChanged
from tui_runner.scheduling.event import Exited, Spawned, SpawnFailed, TimerKind
from tui_runner.scheduling.leaving import Leaver
from tui_runner.scheduling.node import Activation, Goal, Node
from tui_runner.scheduling.repeating import Repeat, Repeating, ending
from tui_runner.scheduling.starting import Starter

_UNAVAILABLE: Final = Skipped(reason=SkipReason.UNAVAILABLE)


class Lifecycle:
    """Handles what the shell reports about attempts."""

    def __init__(self, board: Board, course: Course, starter: Starter, leaver: Leaver, seed: int) -> None:
        self.board = board
        self.course = course
        self.starter = starter
        self.leaver = leaver
        self.repeating = Repeating(course, seed)

    def spawned(self, node: Node, event: Spawned) -> None:
        """Note the process; begin to probe and to measure time."""
        if event.attempt != node.attempt or not is_alive(node.state):
            return
        command = _command_of(node)
        if node.activation is Activation.CLOSED:
            self.board.set_activation(node, Activation.OPEN)
            if command.teardown is not None:
                self.board.emit(TeardownChanged(task=node.id, status=TeardownStatus.DUE))
        match node.state:
            case Starting():
                self.board.enter(node, Running(attempt=node.attempt, pid=event.pid))
                self._attend(node, command)
            case Stopping(reason=reason, forced=forced, failure=failure):
                self.board.enter(
                    node,
                    Stopping(attempt=node.attempt, pid=event.pid, reason=reason, forced=forced, failure=failure),
                )
            case _:
                pass

    def _attend(self, node: Node, command: Command) -> None:
        if command.ready_when is not None:
            self.board.emit(StartProbe(task=node.id, attempt=node.attempt))
            if command.ready_timeout_s is not None:
                self._set_timer(node, TimerKind.READY, command.ready_timeout_s)
        else:
            self._expect_to_settle(node, command)
        if command.completed_timeout_s is not None:
            self._set_timer(node, TimerKind.COMPLETED, command.completed_timeout_s)

    def _expect_to_settle(self, node: Node, command: Command) -> None:
        """Let restarts be forgotten once the attempt has been up for long enough; most have none to forget."""
        if command.restart is not None and node.restarts_in_a_row:
            self._set_timer(node, TimerKind.SETTLED, command.restart.reset_after_s)

    def settled(self, node: Node) -> None:
        """Forget earlier restarts: the attempt has been up for long enough."""
        if isinstance(node.state, Running | Ready):
            node.forget_repeats()

    def _set_timer(self, node: Node, kind: TimerKind, delay_s: float) -> None:
        self.board.emit(SetTimer(task=node.id, kind=kind, attempt=node.attempt, delay_s=delay_s))

    def spawn_failed(self, node: Node, event: SpawnFailed) -> Failure | None:
        """End the attempt; return the failure when it is final."""
        if event.attempt != node.attempt or not is_alive(node.state):
            return None
        self.starter.release(node)
        if isinstance(node.state, Stopping):
            final = self._after_stop(node, node.state, None)
            self._go_on(node)
            return final
        return event.failure

    def cache_hit(self, node: Node, attempt: int) -> Failure | None:
        """Note that nothing has to run; return the failure of one that was to be stopped for one."""
        if attempt != node.attempt or not isinstance(node.state, Starting | Stopping):
            return None
        self.starter.release(node)
        final: Failure | None = None
        if isinstance(node.state, Stopping):
            final = self._after_stop(node, node.state, None)
        else:
            self.board.enter(node, Skipped(reason=SkipReason.CACHE_HIT))
        self._go_on(node)
        return final

    def probe_passed(self, node: Node, attempt: int) -> None:
        """Let dependents come."""
        if isinstance(node.state, Running) and attempt == node.attempt:
            node.was_ready = True
            self.starter.release(node)
            self.leaver.quiet_readiness(node)
            self.board.enter(node, Ready(attempt=attempt, pid=node.state.pid))
            self._expect_to_settle(node, _command_of(node))

    def expire(self, node: Node, failure: Failure) -> Failure | None:
        """Stop an attempt that cannot succeed any more; return the failure when no other attempt will follow."""
        if not isinstance(node.state, Starting | Running | Ready):
            return None
        final = self.repeating.repeat(node, failure, None) is None
        self.leaver.begin_stop(node, StopReason.TIMEOUT, failure, tries_again=not final)
        return failure if final else None

    def exited(self, node: Node, event: Exited) -> Failure | None:
        """End the attempt and decide what follows; return the failure when it is final."""
        if event.attempt != node.attempt or not is_alive(node.state):
            return None
        self.starter.release(node)
        if not event.group_gone:
            self.board.set_lingering(node, event.attempt)
        final: Failure | None = None
        if isinstance(node.state, Stopping):
            final = self._after_stop(node, node.state, event)
        else:
            self.leaver.quiet(node)
            final = self._after_exit(node, event)
        if node.state == _UNAVAILABLE and event.group_gone and node.activation is Activation.OPEN:
            self.leaver.close_without_teardown(node)  # nothing has been brought up
        nothing_left = event.group_gone and not event.escaped
        ended = not is_alive(node.state) and not isinstance(node.state, Backoff) and final is None
        if nothing_left and ended and node.activation is Activation.OPEN and _command_of(node).teardown is None:
            self.board.set_activation(node, Activation.CLOSED)
        self._go_on(node)
        return final

    def group_gone(self, node: Node, attempt: int) -> None:
        """Go on with what waited for the rest of the group."""
        if node.lingering == attempt:
            self.board.set_lingering(node, None)
            self._go_on(node)

    def _go_on(self, node: Node) -> None:
        if node.goal is Goal.DOWN and node.holders == 0:
            self.board.leavers.append(node)
        elif isinstance(node.state, Pending):
            self.starter.ask_again(node)

    def _after_exit(self, node: Node, event: Exited) -> Failure | None:
        if _cannot_run_here(node, event):
            if node.planned.may_be_skipped:
                self.board.enter(node, _UNAVAILABLE)
                return None
            return _unavailable(node.id, event)
        failure = None if event.exit_code == 0 else exit_failure(node.id, event)
        repeat = self.repeating.repeat(node, failure, event.at_s)
        if repeat is not None:
            self._back_off(node, failure, repeat, event.at_s)
            return None
        final = self.repeating.final(node, failure, event.at_s)
        if final is None:
            self.board.enter(node, Completed(exit_code=0))
        return final

    def _after_stop(self, node: Node, state: Stopping, event: Exited | None) -> Failure | None:
        exit_code = event.exit_code if event else None
        signal = event.signal if event else None
        match state.reason:
            case StopReason.RESTART | StopReason.CHANGED | StopReason.DEPENDENCY if node.goal is Goal.DOWN:
                self.board.enter(node, self.leaver.end_without_return())
            case StopReason.RESTART | StopReason.CHANGED | StopReason.DEPENDENCY:
                self.board.enter(node, Pending(blocked_by=self.board.blocker_of(node)))
            case StopReason.TIMEOUT:
                failure = state.failure
                if failure is None:
                    raise AssertionError(f"{node.id} timed out without a failure")
                at_s = event.at_s if event is not None else None
                repeat = self.repeating.repeat(node, failure, at_s)
                if repeat is None:
                    return self.repeating.final(node, failure, at_s)
                self._back_off(node, failure, repeat, at_s)
            case StopReason.PERSON:
                self.board.enter(node, Completed(stopped=True, exit_code=exit_code, signal=signal))
            case StopReason.RUN_ENDS if self.course.keeps_results:
                self.board.enter(node, Completed(stopped=True, exit_code=exit_code, signal=signal))
            case StopReason.RUN_ENDS:
                self.board.enter(node, Aborted(exit_code=exit_code, signal=signal))
        return None

    # -- repeating --------------------------------------------------------------------------------------------

    def _back_off(self, node: Node, failure: Failure | None, repeat: Repeat, at_s: float | None) -> None:
        self.repeating.note(node, failure, repeat, at_s)
        restart = _command_of(node).restart if repeat.kind is RepeatKind.RESTART else None
        if restart is not None:
            self.board.emit(RestartNoted(task=node.id, reason=ending(node, failure)))
        node.must_run = True
        state = Backoff(
            attempt=node.attempt + 1,
            delay_s=repeat.delay_s,
            failure=failure,
            kind=repeat.kind,
            number=repeat.number,
            most=repeat.most,
        )
        self.board.enter(node, state)
        self._set_timer(node, TimerKind.BACKOFF, repeat.delay_s)
        if restart is not None and restart.restart_dependents:
            self._take_dependents_along(node, f"with {node.id}: {ending(node, failure)}")

    def _take_dependents_along(self, node: Node, why: str) -> None:
        """Stop what depends on the task and is up; it waits until the task is ready again."""
        for dependent in self.board.with_dependents([node]):
            up = dependent.is_task and isinstance(dependent.state, Starting | Running | Ready)
            if up and dependent is not node:
                self.board.emit(RestartNoted(task=dependent.id, reason=why))
                self.leaver.begin_stop(dependent, StopReason.DEPENDENCY)

    def backoff_over(self, node: Node) -> None:
        """Start the next attempt."""
        if not isinstance(node.state, Backoff):
            return
        if node.goal is Goal.DOWN:  # it is to leave, and waits only for those that depend on it
            self.board.enter(node, self.leaver.end_without_return())
            self._go_on(node)
            return
        self.board.enter(node, Pending(blocked_by=self.board.blocker_of(node)))
        self.starter.ask_again(node)


def exit_failure(task: str, event: Exited) -> Failure:
    """Return the failure of a task that exited by itself."""
    how = f"was killed by {event.signal}" if event.signal else f"failed with non-zero exit code: {event.exit_code}"
    return Failure(
        code=ErrorCode.TASK_FAILED,
        message=f"[{task}] Task {how}",
        exit_code=event.exit_code,
        signal=event.signal,
    )


def _cannot_run_here(node: Node, event: Exited) -> bool:
    code = _command_of(node).unavailable_exit_code
    return code is not None and event.exit_code == code


def _unavailable(task: str, event: Exited) -> Failure:
    """Return the failure of a task that cannot run on this machine, however often it is tried."""
    return Failure(
        code=ErrorCode.TASK_FAILED,
        message=f"[{task}] Task cannot run on this machine: its last line says why; `allow_skip=True` goes on without it",
        exit_code=event.exit_code,
    )


def _command_of(node: Node) -> Command:
    command = node.planned.command
    if command is None:
        raise AssertionError(f"{node.id} has no command but ran")
    return command
