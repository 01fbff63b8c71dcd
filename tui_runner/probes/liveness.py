"""Asks a running task again and again whether it still lives, and tells when it does not any more.

Must not decide what follows: the caller stops it when the attempt ends.
"""

import asyncio
from collections.abc import Callable
from typing import Protocol

from tui_runner.model.liveness import Alive
from tui_runner.model.probe import AllOf, AnyOf, Asking, Probe
from tui_runner.model.probe_words import describe
from tui_runner.probes.poll import HopelessError, Poll, poll_for
from tui_runner.probes.probed_task import ProbedTask


class LivenessReport(Protocol):
    """Who is told. Nothing is told after the watch was stopped."""

    def sick(self, failures: int, seen: str) -> None:
        """Take that it failed for this time in a row, and what was seen."""

    def well(self) -> None:
        """Take that it answers again."""

    def lost(self, seen: str) -> None:
        """Take that it has failed too often, and what was seen last. Nothing follows."""

    def warn(self, text: str) -> None:
        """Take something to tell once."""


class LivenessWatch:
    """Watches one attempt of a task, in an asyncio task of its own. Needs a running event loop."""

    def __init__(self, alive: Alive, task: ProbedTask, report: LivenessReport) -> None:
        self._alive = alive
        self._report = report
        self._asker = asyncio.get_running_loop().create_task(self._watch(task), name="liveness probe")
        self._asker.add_done_callback(self._ended)

    @property
    def over(self) -> bool:
        """Tell whether nothing of it is left to wait for."""
        return self._asker.done()

    def stop(self) -> None:
        """End it. Idempotent, also from inside a callback."""
        self._asker.cancel()

    async def wait_stopped(self) -> None:
        """Wait until nothing of it is left, after `stop` or the end."""
        await asyncio.wait((self._asker,))

    def _ended(self, asker: "asyncio.Task[None]") -> None:
        error = None if asker.cancelled() else asker.exception()
        if error is not None:
            self._report.warn(f"it is not asked any more whether it lives: {type(error).__name__}: {error}")

    async def _watch(self, task: ProbedTask) -> None:
        alive = self._alive
        question = _Question(alive.probe, task, self._report.warn, alive.timeout_s)
        failures = 0
        await asyncio.sleep(alive.start_after_s)
        while True:
            seen = await self._ask(question)
            if seen is not None:
                failures += 1
                if failures >= alive.failures:
                    self._report.lost(seen)
                    return
                self._report.sick(failures, seen)
            elif failures:
                failures = 0
                self._report.well()
            await asyncio.sleep(alive.interval_s)

    async def _ask(self, question: "_Question") -> str | None:
        try:
            async with asyncio.timeout(self._alive.timeout_s):
                return await question.ask()
        except TimeoutError:
            return f"no answer within {self._alive.timeout_s:g} s"


class _Question:
    """A probe that is asked once, all its parts at the same time."""

    def __init__(self, probe: Probe, task: ProbedTask, warn: Callable[[str], None], timeout_s: float) -> None:
        self._every = isinstance(probe, AllOf)
        self._whats: tuple[str, ...] = ()
        self._parts: tuple[_Question, ...] = ()
        self._poll: Poll | None = None
        self._hopeless = ""
        if isinstance(probe, AllOf | AnyOf):
            self._parts = tuple(_Question(part, task, warn, timeout_s) for part in probe.probes)
            self._whats = tuple(map(describe, probe.probes))
        elif isinstance(probe, Asking):
            try:
                self._poll = poll_for(probe, task, warn=warn, timeout_s=timeout_s)
            except HopelessError as error:
                self._hopeless = str(error)

    async def ask(self) -> str | None:
        """Return None when it lives, else a few words on what was seen instead."""
        if self._poll is not None:
            try:
                return await self._poll()
            except HopelessError as error:
                return str(error)
        if not self._parts:
            return self._hopeless or "it cannot be asked"
        async with asyncio.TaskGroup() as group:
            answers = [group.create_task(part.ask()) for part in self._parts]
        seen = [answer.result() for answer in answers]
        bad = [f"{what}: {found}" for what, found in zip(self._whats, seen, strict=True) if found is not None]
        lives = not bad if self._every else len(bad) < len(seen)
        return None if lives else "; ".join(bad)
