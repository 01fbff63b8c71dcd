"""A supervisor at the other end of a real socket, which does what the test says and speaks the real protocol."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
import pytest
from textual.app import App
from textual.pilot import Pilot

from tui_runner.control.protocol import (
    Chunk,
    ClientMessage,
    ClientMessageDecoder,
    Command,
    Ended,
    FrameReader,
    Hello,
    Input,
    Refused,
    Reply,
    Resize,
    Run,
    ServerMessage,
    Snapshot,
    State,
    Subscribe,
    Unsubscribe,
    WatchUsage,
    encode,
)
from tui_runner.errors.problem import Problem
from tui_runner.errors.site import Site
from tui_runner.model.details import TaskDetails
from tui_runner.model.output import Stream
from tui_runner.model.state import Pending, TaskState
from tui_runner.model.view import RunPhase, RunView, TaskView
from tui_runner.model.window_size import WindowSize
from tui_runner.tui.app import RunnerApp
from tui_runner.tui.app_exit import AppExit
from tui_runner.tui.screens.main import MainScreen
from tui_runner.tui.settings.reading import Reading
from tui_runner.version import VERSION

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
        self.commands: list[Command] = []
        """The same, with everything that was said."""
        self.details: dict[str, TaskDetails] = {}
        """What it tells of tasks on request."""
        self.subscribed: dict[str, int | None] = {}
        self.replies: dict[str, Reply] = {}
        """What it answers to verbs, where that is more than yes."""
        self.refuse_with = ""
        """When set, every command is answered with no, for this reason."""
        self.refuse_on_hello: tuple[Problem, ...] = ()
        """When set, the client is sent away with these problems."""
        self.silent = False
        """It does not even say hello, as while it starts."""
        self.typed: dict[str, bytes] = {}
        """What persons have typed into terminals of tasks."""
        self.answers: dict[str, bytes] = {}
        """What terminals have answered to programs."""
        self.claimed: list[tuple[str, int, int]] = []
        """Terminals that somebody took over, with columns and rows."""
        self.has_terminals = True
        """Sizes that clients tell are those of terminals: no other client has them."""
        self.watched = False
        """It is to tell what tasks use."""
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

    def output(self, name: str, data: bytes, stream: Stream = Stream.STDOUT, at: float = NOW, attempt: int = 1) -> None:
        """Print: append to the log file, and send it when the task is subscribed to."""
        offset = self.write(name, data)
        if name in self.subscribed:
            self.send(Chunk(task=name, offset=offset, time=at, stream=stream, attempt=attempt, data=data))

    def enter(self, name: str, state: TaskState, **more: object) -> None:
        """Let a task enter a state."""
        self.views[name] = msgspec.structs.replace(self.views[name], state=state, since=NOW, **more)
        self.send(State(task=self.views[name]))

    def move_to(self, phase: RunPhase, **more: object) -> None:
        """Let the run enter a phase."""
        self.run = msgspec.structs.replace(self.run, phase=phase, **more)
        self.send(Run(run=self.run))

    def end(self, exit_code: int = 0, summary: str = "all gone") -> None:
        """End the run; the client leaves by itself."""
        self.send(Ended(exit_code=exit_code, summary=summary))

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
        if self.refuse_on_hello:
            self.send(Refused(problems=self.refuse_on_hello))
            self.hang_up()
        elif not self.silent:
            self.send(Hello(version=VERSION, run_id=self.run.run_id))
        self._serving = asyncio.create_task(self._serve(reader))

    async def stop(self) -> None:
        if self._serving is not None:
            self._serving.cancel()
            await asyncio.gather(self._serving, return_exceptions=True)
        if self._writer is not None:
            self._writer.close()
        else:
            self._end.close()
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
                self.send(Snapshot(run=self.run, tasks=tuple(self.views.values())))
            case Subscribe(task=task, start=start):
                self.subscribed[task] = start
            case Unsubscribe(task=task):
                del self.subscribed[task]
            case Input(task=task, data=data, answer=answer):
                said = self.answers if answer else self.typed
                said[task] = said.get(task, b"") + data
            case Resize(task=task, rows=rows, columns=columns, claim=claim):
                self.claimed += [(task, columns, rows)] if claim else []
                if self.has_terminals or claim:
                    self.enter(task, self.views[task].state, terminal=WindowSize(rows=rows, columns=columns))
            case WatchUsage(on=on):
                self.watched = on
            case Command(id=number, verb=verb, task=concerned):
                self.asked.append((verb, concerned))
                self.commands.append(message)
                told = self.details.get(concerned or "") if verb == "details" else None
                if verb in self.replies:
                    self.send(msgspec.structs.replace(self.replies[verb], id=number))
                    return
                self.send(Reply(id=number, ok=not self.refuse_with, message=self.refuse_with, details=told))


class Stage:
    """An app on a screen in memory, and the supervisor it talks to."""

    def __init__(self, app: RunnerApp, pilot: Pilot[AppExit], peer: Peer) -> None:
        self.app = app
        self.pilot = pilot
        self.peer = peer

    @property
    def main(self) -> MainScreen:
        assert self.app.main is not None
        return self.app.main

    async def until(self, condition: Callable[[], object]) -> None:
        """Let the app go on until something is true of it."""
        async with asyncio.timeout(DEADLINE_S):
            while not condition():
                assert self.app._exception is None, self.app._exception
                await self.pilot.pause()
                await asyncio.sleep(0.001)

    async def press(self, *keys: str) -> None:
        await self.pilot.press(*keys)

    async def settle(self) -> None:
        """Draw what is marked now instead of at the next frame."""
        await self.pilot.pause()
        self.main._draw()
        for pane in self.main.body.grid:
            pane.log_pane._frame()
        await self.pilot.pause()

    def text(self) -> str:
        """What is on the screen, row by row."""
        return "\n".join(strip.text.rstrip() for strip in self.app.screen._compositor.render_strips())

    async def shows(self, *parts: str) -> None:
        """Wait until the screen shows all of these."""

        def shown() -> bool:
            text = self.text()
            return all(part in text for part in parts)

        try:
            await self.until(shown)
        except TimeoutError:
            raise AssertionError(f"{parts} not on the screen:\n{self.text()}") from None

    async def exited(self) -> AppExit:
        """Wait until the app has asked to exit; return what it exits with."""
        await self.until(lambda: self.app.return_value is not None)
        assert self.app.return_value is not None
        return self.app.return_value


@pytest.fixture
async def peer(tmp_path: Path) -> AsyncIterator[Peer]:
    """Return a supervisor without tasks, ready to be connected to."""
    peer = Peer(tmp_path)
    yield peer
    await peer.stop()


OpenStage = Callable[..., AbstractAsyncContextManager[Stage]]


@pytest.fixture(autouse=True)
def _plain_surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Keep the developer's colours, clipboard and time zone out of the tests."""
    with monkeypatch.context() as patch:
        for name in ("COLORFGBG", "DISPLAY", "WAYLAND_DISPLAY"):
            patch.delenv(name, raising=False)
        patch.setenv("TZ", "UTC0")
        time.tzset()
        yield
    time.tzset()


@pytest.fixture
def stage(peer: Peer) -> OpenStage:
    """Return what opens a stage once the peer has its tasks: `async with stage(owner=…, size=…) as on_stage`."""

    @asynccontextmanager
    async def open_stage(
        *,
        owner: bool = True,
        size: tuple[int, int] = (80, 24),
        ascii: bool = False,  # noqa: A002 - the widgets' word
        settings: Reading | None = None,
        remember: bool = False,
    ) -> AsyncIterator[Stage]:
        await peer.serve()
        app = RunnerApp(
            peer.client_end, owner=owner, clock=lambda: NOW, ascii=ascii, settings=settings, remember=remember
        )
        async with app.run_test(size=size) as pilot:
            stage = Stage(app, pilot, peer)
            await stage.until(lambda: app.connected and app.session.run is not None)
            await stage.settle()
            yield stage

    return open_stage


@pytest.fixture
def picture(same_picture: Callable[[App[Any]], None]) -> Callable[[Stage], Awaitable[None]]:
    """Return what compares the screen with its picture in `snapshots/`."""

    async def compare(stage: Stage) -> None:
        await stage.settle()
        same_picture(stage.app)

    return compare
