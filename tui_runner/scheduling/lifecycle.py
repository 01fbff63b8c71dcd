"""The life of one attempt: spawned, ready, timed out, exited; and whether another attempt follows."""

from typing import NamedTuple

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.command import Command
from tui_runner.model.policy import Restart, RestartPolicy
from tui_runner.model.state import (
    Aborted,
    Backoff,
    Completed,
    Failure,
    Pending,
    Ready,
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
from tui_runner.scheduling.starting import Starter

CANNOT_RUN = frozenset({126, 127})
"""What a shell exits with when the command is not executable or not found: repeating it is pointless."""


class Repeat(NamedTuple):
    """Another attempt will follow."""

    delay_s: float
    jitter: float
    reason: str
    """For people; empty for a retry, which is no restart."""


class Lifecycle:
    """Handles what the shell reports about attempts."""

    def __init__(self, board: Board, course: Course, starter: Starter, leaver: Leaver) -> None:
        self.board = board
        self.course = course
        self.starter = starter
        self.leaver = leaver

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
        if command.completed_timeout_s is not None:
            self._set_timer(node, TimerKind.COMPLETED, command.completed_timeout_s)

    def _set_timer(self, node: Node, kind: TimerKind, delay_s: float, jitter: float = 0.0) -> None:
        self.board.emit(SetTimer(task=node.id, kind=kind, attempt=node.attempt, delay_s=delay_s, jitter=jitter))

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

    def expire(self, node: Node, failure: Failure) -> Failure | None:
        """Stop an attempt that cannot succeed any more; return the failure when no other attempt will follow."""
        if not isinstance(node.state, Starting | Running | Ready):
            return None
        final = self._repeat(node, failure, None) is None
        self.leaver.begin_stop(node, StopReason.TIMEOUT, failure)
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
        failure = None if event.exit_code == 0 else exit_failure(node.id, event)
        repeat = self._repeat(node, failure, event.at_s)
        if repeat is not None:
            self._back_off(node, failure, repeat, event)
            return None
        final = self._final(node, failure)
        if final is None:
            self.board.enter(node, Completed(exit_code=0))
        return final

    def _after_stop(self, node: Node, state: Stopping, event: Exited | None) -> Failure | None:
        exit_code = event.exit_code if event else None
        signal = event.signal if event else None
        match state.reason:
            case StopReason.RESTART | StopReason.CHANGED:
                self.board.enter(node, Pending(blocked_by=self.board.blocker_of(node)))
            case StopReason.TIMEOUT:
                failure = state.failure
                if failure is None:
                    raise AssertionError(f"{node.id} timed out without a failure")
                repeat = self._repeat(node, failure, event.at_s if event is not None else None)
                if repeat is None:
                    return self._final(node, failure)
                self._back_off(node, failure, repeat, event)
            case StopReason.PERSON:
                self.board.enter(node, Completed(stopped=True, exit_code=exit_code, signal=signal))
            case StopReason.RUN_ENDS if self.course.keeps_results:
                self.board.enter(node, Completed(stopped=True, exit_code=exit_code, signal=signal))
            case StopReason.RUN_ENDS:
                self.board.enter(node, Aborted(exit_code=exit_code, signal=signal))
        return None

    # -- repeating --------------------------------------------------------------------------------------------

    def _repeat(self, node: Node, failure: Failure | None, at_s: float | None) -> Repeat | None:
        """Return what comes next; without a time, old restarts are not forgotten and a crash loop is not seen."""
        if not self._may_repeat(node, failure):
            return None
        retry = _command_of(node).retry
        if failure is not None and retry is not None and not node.was_ready and node.retries + 1 < retry.attempts:
            return Repeat(retry.backoff.delay_before(node.retries + 1), retry.jitter, "")
        restart = _restart_after(node, failure)
        if restart is None or not self.course.admits:  # a retry belongs to what has begun, a restart is something new
            return None
        if at_s is not None:
            _forget_old_restarts(node, restart, at_s)
            if _in_crash_loop(node, restart):
                return None
        return Repeat(restart.backoff.delay_before(len(node.restart_times_s) + 1), 0.0, _ending(node, failure))

    def _may_repeat(self, node: Node, failure: Failure | None) -> bool:
        wanted = self.course.running and node.goal is Goal.UP
        return wanted and (failure is None or failure.exit_code not in CANNOT_RUN)

    def _back_off(self, node: Node, failure: Failure | None, repeat: Repeat, event: Exited | None) -> None:
        if repeat.reason:
            node.restart_times_s.append(event.at_s if event is not None else 0.0)
            self.board.emit(RestartNoted(task=node.id, reason=repeat.reason))
        else:
            node.retries += 1
        node.must_run = True
        self.board.enter(node, Backoff(attempt=node.attempt + 1, delay_s=repeat.delay_s, failure=failure))
        self._set_timer(node, TimerKind.BACKOFF, repeat.delay_s, repeat.jitter)

    def backoff_over(self, node: Node) -> None:
        """Start the next attempt."""
        if not isinstance(node.state, Backoff):
            return
        if node.goal is Goal.DOWN:  # it is to leave, and waits only for those that depend on it
            self.board.enter(node, self.leaver.end_of_backoff())
            self._go_on(node)
            return
        self.board.enter(node, Pending(blocked_by=self.board.blocker_of(node)))
        self.starter.ask_again(node)

    def _final(self, node: Node, failure: Failure | None) -> Failure | None:
        """Return the failure of a task that is not repeated: its own, or that it was repeated too often."""
        restart = _restart_after(node, failure)
        if restart is None or not self._may_repeat(node, failure) or not _in_crash_loop(node, restart):
            return failure
        what = failure.message if failure is not None else f"[{node.id}] Task ended again and again"
        return Failure(
            code=failure.code if failure is not None else ErrorCode.TASK_FAILED,
            message=f"{what}; crash loop: {restart.limit} restarts within {restart.window_s:g} s",
            exit_code=failure.exit_code if failure is not None else 0,
            signal=failure.signal if failure is not None else None,
        )


def exit_failure(task: str, event: Exited) -> Failure:
    """Return the failure of a task that exited by itself."""
    how = f"was killed by {event.signal}" if event.signal else f"failed with non-zero exit code: {event.exit_code}"
    return Failure(
        code=ErrorCode.TASK_FAILED,
        message=f"[{task}] Task {how}",
        exit_code=event.exit_code,
        signal=event.signal,
    )


def _ending(node: Node, failure: Failure | None) -> str:
    if failure is None:
        return "it ended"
    if failure.signal:
        return f"killed by {failure.signal}"
    if failure.exit_code is not None:
        return f"exit code {failure.exit_code}"
    return failure.message.removeprefix(f"[{node.id}] ")


def _restart_after(node: Node, failure: Failure | None) -> Restart | None:
    """Return the restart policy when it acts after such an end."""
    restart = _command_of(node).restart
    if restart is None or restart.policy is RestartPolicy.NEVER:
        return None
    return None if failure is None and restart.policy is RestartPolicy.ON_FAILURE else restart


def _forget_old_restarts(node: Node, restart: Restart, now_s: float) -> None:
    node.restart_times_s[:] = [at for at in node.restart_times_s if now_s - at < restart.window_s]


def _in_crash_loop(node: Node, restart: Restart) -> bool:
    return len(node.restart_times_s) >= restart.limit


def _command_of(node: Node) -> Command:
    command = node.planned.command
    if command is None:
        raise AssertionError(f"{node.id} has no command but ran")
    return command
