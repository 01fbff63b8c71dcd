"""A supervisor at the other end of a real socket, which does what the test says and speaks the real protocol."""

import asyncio
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from tui_runner.control.protocol import (
    Chunk,
    ClientMessage,
    ClientMessageDecoder,
    Command,
    Ended,
    FrameReader,
    Hello,
    Reply,
    Run,
    ServerMessage,
    Snapshot,
    State,
    Subscribe,
    Unsubscribe,
    encode,
)
from tui_runner.errors.site import Site
from tui_runner.model.output import Stream
from tui_runner.model.state import Pending, TaskState
from tui_runner.model.view import RunPhase, RunView, TaskView
from tui_runner.tui.app import RunnerApp

NOW = 1_700_000_000.0
"""What the clock of every app under test shows."""
DEADLINE_S = 20.0


class Peer:
    """Plays the supervisor: keeps views and log files, answers commands with yes, notes what it is asked."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.views: dict[str, TaskView] = {}
        self.run = RunView(run_id="20260101-000000-abcd", root=str(root), mode="dev", started_at=NOW - 60)
        self.client_end, self._end = socket.socketpair()
        self.asked: list[tuple[str, str | None]] = []
        self.subscribed: dict[str, int | None] = {}
        self.refuse_with = ""
        """When set, every command is answered with no, for this reason."""
        self._writer: asyncio.StreamWriter | None = None
        self._serving: asyncio.Task[None] | None = None
        self._news = asyncio.Event()

    # What the test does

    def add(self, name: str, state: TaskState | None = None, *depends_on: str, **more: object) -> None:
        """Add a task; only before the client connects."""
        view = TaskView(
            id=name,
            name=name.rpartition(":")[2],
            state=state or Pending(),
            since=NOW - 5,
            depends_on=depends_on,
            log_file=str(self.root / f"{name}.log"),
            command=f"run-{name}",
            site=Site(file="/app/pipeline.py", line=12),
        )
        self.views[name] = msgspec.structs.replace(view, **more)

    def write(self, name: str, data: bytes) -> int:
        """Append to a log file without telling the client; return the offset."""
        path = self.root / f"{name}.log"
        offset = path.stat().st_size if path.exists() else 0
        with path.open("ab") as file:
            file.write(data)
        return offset

    def output(self, name: str, data: bytes) -> None:
        """Print: append to the log file, and send it when the task is subscribed to."""
        offset = self.write(name, data)
        if name in self.subscribed:
            self.send(Chunk(task=name, offset=offset, time=NOW, stream=Stream.STDOUT, attempt=1, data=data))

    def enter(self, name: str, state: TaskState, **more: object) -> None:
        """Let a task enter a state."""
        self.views[name] = msgspec.structs.replace(self.views[name], state=state, since=NOW, **more)
        self.send(State(task=self.views[name]))

    def move_to(self, phase: RunPhase, **more: object) -> None:
        """Let the run enter a phase."""
        self.run = msgspec.structs.replace(self.run, phase=phase, **more)
        self.send(Run(run=self.run))

    def end(self, exit_code: int = 0, summary: str = "all gone") -> None:
        """End the run and the connection."""
        self.send(Ended(exit_code=exit_code, summary=summary))
        self.hang_up()

    def send(self, message: ServerMessage) -> None:
        """Send a message."""
        assert self._writer is not None, "the client has not connected"
        self._writer.write(encode(message))

    def hang_up(self) -> None:
        """Close the connection."""
        if self._writer is not None:
            self._writer.close()

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for something the client asked for."""
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                self._news.clear()
                await self._news.wait()

    # What it does by itself

    async def serve(self) -> None:
        reader, self._writer = await asyncio.open_connection(sock=self._end)
        self._serving = asyncio.create_task(self._serve(reader))

    async def stop(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
        self.client_end.close()

    async def _serve(self, reader: asyncio.StreamReader) -> None:
        frames, decoder = FrameReader(), ClientMessageDecoder()
        while data := await reader.read(1 << 16):
            for body in frames.feed(data):
                self._received(decoder.decode(body))
            self._news.set()

    def _received(self, message: ClientMessage) -> None:
        match message:
            case Hello():
                self.send(Hello(version="0.1.0", run_id=self.run.run_id))
                self.send(Snapshot(run=self.run, tasks=tuple(self.views.values())))
            case Subscribe(task=task, start=start):
                self.subscribed[task] = start
            case Unsubscribe(task=task):
                del self.subscribed[task]
            case Command(id=number, verb=verb, task=concerned):
                self.asked.append((verb, concerned))
                self.send(Reply(id=number, ok=not self.refuse_with, message=self.refuse_with))


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[Peer]:
    """Return a supervisor without tasks, ready to be connected to."""
    peer = Peer(tmp_path)
    await peer.serve()
    yield peer
    await peer.stop()


@pytest.fixture
def make_app(peer: Peer) -> Callable[..., RunnerApp]:
    """Return a maker of apps that adopt the peer's socket and see a clock that stands still."""

    def make(*, owner: bool = True) -> RunnerApp:
        return RunnerApp(peer.client_end, owner=owner, clock=lambda: NOW)

    return make
