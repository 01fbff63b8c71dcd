"""Performs a readiness probe for one attempt of a task, and tells how it went by callbacks.

Must not decide anything about the task: the caller stops the probe when the process is gone, so that a dead task is
never called ready. What the parts of a probe mean together is decided by `combination`.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from tui_runner.model.output import Stream
from tui_runner.model.probe import Asking, Delay, LeafProbe, PolledProbe, Probe, leaves_of
from tui_runner.model.probe_words import describe
from tui_runner.probes.combination import Combination, Holds, Hopeless, Open
from tui_runner.probes.matcher import LogMatcher
from tui_runner.probes.poll import HopelessError, poll_for
from tui_runner.probes.probed_task import ProbedTask


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
    task: ProbedTask,
    passed: Callable[[], None],
    failed: Callable[[str], None],
    warn: Callable[[str], None],
) -> RunningProbe:
    """Begin to probe one attempt. Needs a running event loop; no callback comes before this returns.

    `failed` gets a message for people: the probe can never succeed. `warn` gets something to tell once.
    """
    return _Probing(probe, task, passed, failed, warn)


class _Probing:
    """Listens and asks for all parts of a probe; each part that asks has an asyncio task of its own."""

    def __init__(
        self,
        probe: Probe,
        task: ProbedTask,
        passed: Callable[[], None],
        failed: Callable[[str], None],
        warn: Callable[[str], None],
    ) -> None:
        self._loop = asyncio.get_running_loop()
        self._passed = passed
        self._failed = failed
        self._warn = warn
        self._task = task
        self._combination = Combination(probe, begun_s=self._loop.time())
        self._leaves = tuple(leaves_of(probe))
        self._seen: dict[int, str] = {}
        self._matchers: dict[int, LogMatcher] = {}
        self._askers: list[asyncio.Task[None]] = []
        self._timer: asyncio.TimerHandle | None = None
        self._stopped = False
        for number, leaf in enumerate(self._leaves):
            self._begin(number, leaf)
        if any(isinstance(leaf, Delay) for leaf in self._leaves):
            self._timer = self._loop.call_at(self._loop.time(), self._look)

    def _begin(self, number: int, leaf: LeafProbe) -> None:
        if isinstance(leaf, Delay):
            return
        if not isinstance(leaf, Asking):
            self._matchers[number] = LogMatcher(leaf)
            return
        asker = self._loop.create_task(self._ask_on(number, leaf), name="readiness probe")
        asker.add_done_callback(self._ended)
        self._askers.append(asker)

    # -- what callers see -------------------------------------------------------------------------------------

    @property
    def last_seen(self) -> str:
        if len(self._leaves) == 1:
            return self._seen.get(0, "")
        missing = [number for number in range(len(self._leaves)) if not self._combination.holds(number)]
        return "; ".join(f"{describe(self._leaves[number])}: {self._saw(number)}" for number in missing)

    def _saw(self, number: int) -> str:
        return self._seen.get(number) or ("not printed yet" if number in self._matchers else "not yet")

    @property
    def over(self) -> bool:
        return self._stopped and all(asker.done() for asker in self._askers)

    def feed(self, stream: Stream, data: bytes) -> None:
        for number, matcher in tuple(self._matchers.items()):
            verdict = matcher.feed(stream, data)
            if verdict.warning is not None:
                self._warn(verdict.warning)
            if self._stopped:
                return  # by a callback
            if verdict.matched:
                del self._matchers[number]
                self._combination.tell(number, self._loop.time(), holds=True)
                self._look()
            elif verdict.error is not None:
                del self._matchers[number]
                self._give_up(number, verdict.error)
            if self._stopped:
                return

    def stop(self) -> None:
        self._stopped = True
        self._matchers.clear()
        if self._timer is not None:
            self._timer.cancel()
        for asker in self._askers:
            asker.cancel()

    async def wait_stopped(self) -> None:
        if self._askers:
            await asyncio.wait(self._askers)

    # -- what happens -----------------------------------------------------------------------------------------

    def _look(self) -> None:
        """Tell the outcome if there is one, else arrange for the next look."""
        if self._stopped:
            return
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        match self._combination.look(self._loop.time()):
            case Holds():
                self.stop()
                self._passed()
            case Hopeless(message=message):
                self.stop()
                self._failed(message)
            case Open(again_s=again_s):
                if again_s is not None:
                    self._timer = self._loop.call_at(again_s, self._look)

    def _give_up(self, number: int, message: str) -> None:
        self._seen[number] = message
        self._combination.give_up(number, message)
        self._look()

    async def _ask_on(self, number: int, leaf: PolledProbe) -> None:
        """Ask until the whole has an outcome: what held may not hold any more when the rest comes true."""
        poll = poll_for(leaf, self._task, warn=self._warn)
        asked = 0
        while True:
            seen = await poll()
            asked = asked + 1 if self._combination.holds(number) == (seen is None) else 1
            self._seen[number] = seen or ""
            self._combination.tell(number, self._loop.time(), holds=seen is None)
            self._look()
            pause_s = leaf.pace.delay_before(asked)
            await asyncio.sleep(pause_s if seen is not None else min(pause_s, self._combination.patience_s(number)))

    def _ended(self, asker: "asyncio.Task[None]") -> None:
        if asker.cancelled():
            return
        error = asker.exception()
        if self._stopped or error is None:
            return
        number = self._number_of(asker)
        told = str(error) if isinstance(error, HopelessError) else f"the probe broke: {type(error).__name__}: {error}"
        self._give_up(number, told)

    def _number_of(self, asker: "asyncio.Task[None]") -> int:
        asking = [number for number, leaf in enumerate(self._leaves) if isinstance(leaf, Asking)]
        return asking[self._askers.index(asker)]
