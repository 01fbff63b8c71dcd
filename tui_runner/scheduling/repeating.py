"""Whether another attempt follows an end, when, and why not. Pure: the node is read, and changed nowhere but in `note`."""

from typing import NamedTuple

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.policy import Backoff, Restart, RestartPolicy
from tui_runner.model.state import CrashLoop, Failure, RepeatKind
from tui_runner.scheduling.course import Course
from tui_runner.scheduling.node import Goal, Node

CANNOT_RUN = frozenset({126, 127})
"""What a shell exits with when the command is not executable or not found: repeating it is pointless."""


class Repeat(NamedTuple):
    """Another attempt will follow."""

    kind: RepeatKind
    delay_s: float
    number: int
    """As in the state `Backoff`."""
    most: int


class Repeating:
    """Applies the retry and restart policies of tasks. `seed` decides what jitter makes of the delays."""

    def __init__(self, course: Course, seed: int) -> None:
        self.course = course
        self.seed = seed

    def repeat(self, node: Node, failure: Failure | None, at_s: float | None) -> Repeat | None:
        """Return what follows an end at this time; None when nothing does. Without a time no crash loop is seen."""
        command = node.planned.command
        if command is None or not self._may_repeat(node, failure):
            return None
        retry = command.retry
        if failure is not None and retry is not None and not node.was_ready and node.retries + 1 < retry.attempts:
            delay_s = self._delay(node, retry.backoff, node.retries + 1)
            return Repeat(RepeatKind.RETRY, delay_s, node.retries + 2, retry.attempts)
        restart = _restart_after(node, failure)
        if restart is None or not self.course.admits:  # a retry belongs to what has begun, a restart is something new
            return None
        times = node.restart_times_s if at_s is None else _lately(node, restart, at_s)
        if at_s is not None and len(times) >= restart.limit:
            return None
        delay_s = self._delay(node, restart.backoff, node.restarts_in_a_row + 1)
        return Repeat(RepeatKind.RESTART, delay_s, len(times) + 1, restart.limit)

    def final(self, node: Node, failure: Failure | None, at_s: float | None) -> Failure | None:
        """Return the failure of a task that is not repeated: its own, or that it was repeated too often."""
        restart = _restart_after(node, failure)
        if restart is None or at_s is None or not self._may_repeat(node, failure):
            return failure
        times = _lately(node, restart, at_s)
        if len(times) < restart.limit:
            return failure
        what = failure.message if failure is not None else f"[{node.id}] Task ended again and again"
        loop = CrashLoop(restarts=len(times), within_s=max(0.0, at_s - times[0]))
        return Failure(
            code=failure.code if failure is not None else ErrorCode.TASK_FAILED,
            message=f"{what}; {loop.words}",
            exit_code=failure.exit_code if failure is not None else 0,
            signal=failure.signal if failure is not None else None,
            crash_loop=loop,
        )

    def note(self, node: Node, failure: Failure | None, repeat: Repeat, at_s: float | None) -> None:
        """Count a repeat that is made."""
        match repeat.kind:
            case RepeatKind.RETRY:
                node.retries += 1
            case RepeatKind.RESTART:
                node.restarts_in_a_row += 1
                restart = _restart_after(node, failure)
                if restart is not None and at_s is not None:
                    node.restart_times_s[:] = [*_lately(node, restart, at_s), at_s]

    def _may_repeat(self, node: Node, failure: Failure | None) -> bool:
        wanted = self.course.running and node.goal is Goal.UP
        return wanted and (failure is None or failure.exit_code not in CANNOT_RUN)

    def _delay(self, node: Node, backoff: Backoff, number: int) -> float:
        if not backoff.jitter:
            return backoff.delay_before(number)
        from zlib import crc32  # noqa: PLC0415 - few use jitter

        drawn = crc32(f"{self.seed}:{node.attempt}:{node.id}".encode("utf-8", "surrogatepass"))
        return backoff.delay_before(number, drawn / 0xFFFF_FFFF * 2 - 1)


def ending(node: Node, failure: Failure | None) -> str:
    """Return how an attempt ended, for people: why the next one is made."""
    if failure is None:
        return "it ended"
    if failure.signal:
        return f"killed by {failure.signal}"
    if failure.exit_code is not None:
        return f"exit code {failure.exit_code}"
    return failure.message.removeprefix(f"[{node.id}] ")


def _restart_after(node: Node, failure: Failure | None) -> Restart | None:
    """Return the restart policy when it acts after such an end."""
    restart = node.planned.command.restart if node.planned.command is not None else None
    if restart is None or restart.policy is RestartPolicy.NEVER:
        return None
    return None if failure is None and restart.policy is RestartPolicy.ON_FAILURE else restart


def _lately(node: Node, restart: Restart, now_s: float) -> list[float]:
    return [at for at in node.restart_times_s if now_s - at < restart.window_s]
