"""Performs a readiness probe for one attempt of a task, and tells how it went by callbacks.

Must not decide anything about the task: the caller stops the probe when the process is gone, so that a dead task is
never called ready.
"""

import asyncio
from collections.abc import Callable, Coroutine
from typing import Final, Protocol, assert_never

from tui_runner.model.output import Stream
from tui_runner.model.probe import (
    Delay,
    ExecProbe,
    FileExists,
    Http,
    LogPattern,
    LogPredicate,
    LogSubstring,
    Probe,
    Tcp,
)
from tui_runner.probes.matcher import LogMatcher, LogProbe
from tui_runner.probes.poll import HopelessError, Poll, PolledProbe, RunCommand, poll_for

FIRST_INTERVAL_S: Final = 0.05
INTERVAL_FACTOR: Final = 1.5
LONGEST_INTERVAL_S: Final = 1.0


class RunningProbe(Protocol):
    """A probe under way. Calls `passed` or `failed` at most once, and nothing after `stop`."""

    @property
    def last_seen(self) -> str:
        """A few words on what the latest attempt saw instead of readiness; empty when there is nothing to say."""

    @property
    def over(self) -> bool:
        """Tell whether nothing of it is left to wait for, after `stop` or an outcome."""

    def feed(self, stream: Stream, data: bytes) -> None:
        """Take what the task printed. May call back at once. Probes that do not look at output ignore it."""

    def stop(self) -> None:
        """End it. Idempotent, also from inside a callback."""

    async def wait_stopped(self) -> None:
        """Wait until nothing of it is left, after `stop` or an outcome."""


def start_probe(
    probe: Probe,
    *,
    cwd: str,
    run_command: RunCommand,
    passed: Callable[[], None],
    failed: Callable[[str], None],
    warn: Callable[[str], None],
) -> RunningProbe:
    """Begin to probe one attempt. Needs a running event loop; no callback comes before this returns.

    `cwd` is the absolute working directory of the task. `failed` gets a message for people: the probe can never
    succeed. `warn` gets something to tell once.
    """
    match probe:
        case LogSubstring() | LogPattern() | LogPredicate():
            return _LogProbe(probe, passed, failed, warn)
        case Tcp() | Http() | ExecProbe() | FileExists():
            return _AskingProbe(lambda note: _ask_until_ready(probe, cwd, run_command, note), passed, failed)
        case Delay(seconds=seconds):
            return _AskingProbe(lambda _: asyncio.sleep(seconds), passed, failed)
        case _:
            assert_never(probe)


class _LogProbe:
    """Listens to output."""

    def __init__(
        self,
        probe: LogProbe,
        passed: Callable[[], None],
        failed: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        self._matcher: LogMatcher | None = LogMatcher(probe)
        self._passed = passed
        self._failed = failed
        self._warn = warn

    @property
    def last_seen(self) -> str:
        return ""

    @property
    def over(self) -> bool:
        return self._matcher is None

    def feed(self, stream: Stream, data: bytes) -> None:
        if self._matcher is None:
            return
        verdict = self._matcher.feed(stream, data)
        if verdict.warning is not None:
            self._warn(verdict.warning)
        if self._matcher is None:
            return  # stopped by the callback
        if verdict.matched:
            self.stop()
            self._passed()
        elif verdict.error is not None:
            self.stop()
            self._failed(verdict.error)

    def stop(self) -> None:
        self._matcher = None

    async def wait_stopped(self) -> None:
        return


_Seen = Callable[[str], None]


class _AskingProbe:
    """Asks again and again, or just waits, in an asyncio task of its own."""

    def __init__(
        self,
        work: Callable[[_Seen], Coroutine[object, object, None]],
        passed: Callable[[], None],
        failed: Callable[[str], None],
    ) -> None:
        self.last_seen = ""
        self._passed = passed
        self._failed = failed
        self._stopped = False
        self._task = asyncio.get_running_loop().create_task(work(self._note), name="readiness probe")
        self._task.add_done_callback(self._ended)

    @property
    def over(self) -> bool:
        """Tell whether its asyncio task has ended."""
        return self._task.done()

    def feed(self, stream: Stream, data: bytes) -> None:
        """Ignore output."""

    def stop(self) -> None:
        self._stopped = True
        self._task.cancel()

    async def wait_stopped(self) -> None:
        await asyncio.wait((self._task,))

    def _note(self, seen: str) -> None:
        self.last_seen = seen

    def _ended(self, task: "asyncio.Task[None]") -> None:
        if task.cancelled():
            return
        error = task.exception()
        if self._stopped:
            return
        if error is None:
            self._passed()
        elif isinstance(error, HopelessError):
            self._failed(str(error))
        else:
            self._failed(f"the probe broke: {type(error).__name__}: {error}")


async def _ask_until_ready(probe: PolledProbe, cwd: str, run_command: RunCommand, note: _Seen) -> None:
    poll: Poll = poll_for(probe, cwd=cwd, run_command=run_command)
    interval_s = FIRST_INTERVAL_S
    while (seen := await poll()) is not None:
        note(seen)
        await asyncio.sleep(interval_s)
        interval_s = min(LONGEST_INTERVAL_S, interval_s * INTERVAL_FACTOR)
