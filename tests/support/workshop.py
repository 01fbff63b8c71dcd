"""A sink that remembers, and an executor around it, for tests of executors."""

import asyncio
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from tui_runner.executors.local import LocalExecutor
from tui_runner.executors.sink import ExecutorEvent
from tui_runner.model.command import command
from tui_runner.model.output import OutputChunk, Stream
from tui_runner.planning.plan import PlannedTask

DEADLINE_S = 20.0
IGNORES_TERM = (
    "import signal, time\n"
    "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n"
    "print('ready', flush=True)\n"
    "while True: time.sleep(60)\n"
)
"""A program that says `ready` and can only be killed."""
_E = TypeVar("_E")


@dataclass
class Recorder:
    """An `ExecutorSink` that keeps everything it is told."""

    events: list[ExecutorEvent] = field(default_factory=list)
    chunks: list[tuple[str, OutputChunk]] = field(default_factory=list)
    escalations: list[str] = field(default_factory=list)
    troubles: list[str] = field(default_factory=list)
    losses: list[str] = field(default_factory=list)
    replacements: list[str] = field(default_factory=list)
    story: list[str] = field(default_factory=list)
    """Everything in order: type names of events, and `output`."""
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def happened(self, event: ExecutorEvent) -> None:
        self.events.append(event)
        self._note(type(event).__name__)

    def output(self, task: str, chunk: OutputChunk) -> None:
        self.chunks.append((task, chunk))
        self._note("output")

    def logs_troubled(self, message: str) -> None:
        self.troubles.append(message)
        self._note("trouble")

    def escalated(self, task: str) -> None:
        self.escalations.append(task)
        self._note("escalated")

    def guardian_replaced(self, message: str) -> None:
        self.replacements.append(message)
        self._note("replaced")

    def guardian_lost(self, message: str) -> None:
        self.losses.append(message)
        self._note("lost")

    def _note(self, what: str) -> None:
        self.story.append(what)
        self.changed.set()

    def text(self, task: str, stream: Stream | None = None) -> str:
        parts = (c.data for name, c in self.chunks if name == task and stream in {None, c.stream})
        return b"".join(parts).decode()

    async def until(self, condition: Callable[[], object]) -> None:
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self.changed.clear()
                await self.changed.wait()

    async def event(self, kind: type[_E], task: str, count: int = 1) -> _E:
        def found() -> list[_E]:
            return [e for e in self.events if isinstance(e, kind) and getattr(e, "task", None) == task]

        await self.until(lambda: len(found()) >= count)
        return found()[count - 1]

    async def printed(self, task: str, text: str) -> None:
        await self.until(lambda: text in self.text(task))


@dataclass
class Workshop:
    """An executor with its recorder, and short ways to make tasks."""

    executor: LocalExecutor
    sink: Recorder
    directory: Path
    marker: str

    def task(self, name: str, run: Any, *, env: Mapping[str, str] | None = None, **options: Any) -> PlannedTask:
        made = command(run, **options)
        assert made.problems == ()
        return PlannedTask(
            id=name,
            name=name,
            parent=None,
            composite=False,
            mode="dev",
            command=made,
            cwd=str(self.directory),
            env=env or {},
            site=made.site,
        )

    def spawn(self, name: str, run: Any, *, attempt: int = 1, after: tuple[str, ...] = (), **options: Any) -> None:
        self.executor.spawn(self.task(name, run, **options), attempt, after)

    def python(self, program: str) -> list[str]:
        return [sys.executable, "-I", "-S", "-c", program]

    async def until(self, condition: Callable[[], object]) -> None:
        """Wait for something that tells nobody when it happens."""
        async with asyncio.timeout(DEADLINE_S):
            while not condition():  # noqa: ASYNC110 - the outside world sets no events
                await asyncio.sleep(0.01)
