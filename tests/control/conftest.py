"""A run in memory, steered by the test, behind a real control server on a real socket."""

import asyncio
import signal
import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import msgspec
import pytest

from tui_runner.control.places import Places, places_for, prepare
from tui_runner.control.protocol import (
    ClientMessage,
    Ended,
    FrameReader,
    Hello,
    ServerMessage,
    ServerMessageDecoder,
    encode,
)
from tui_runner.control.server import ControlServer
from tui_runner.control.supervised import TaskVerb
from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.model.details import Listening, TaskDetails
from tui_runner.model.output import OutputChunk, Stream
from tui_runner.model.plan_changes import KnownTask, PlanChanges
from tui_runner.model.state import Completed, Pending, Ready, TaskState
from tui_runner.model.usage import TaskUsage
from tui_runner.model.view import FileWatch, RunPhase, RunView, TaskView
from tui_runner.model.window_size import WindowSize
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.event import StopCause
from tui_runner.supervisor.definitions import Draft
from tui_runner.supervisor.listener import Listener
from tui_runner.supervisor.usage_sampling import Told

NEXT_PHASE = {
    RunPhase.RUNNING: RunPhase.STOPPING,
    RunPhase.STOPPING: RunPhase.KILLING,
    RunPhase.KILLING: RunPhase.ABANDONING,
}


class MemoryUsage:
    """What tasks use, as the test says."""

    def __init__(self) -> None:
        self.known: tuple[TaskUsage, ...] = ()
        self.watchers: list[Told] = []

    def watch(self, told: Told) -> tuple[TaskUsage, ...]:
        self.watchers.append(told)
        return self.known

    def unwatch(self, told: Told) -> None:
        self.watchers.remove(told)

    async def look(self) -> tuple[TaskUsage, ...]:
        return self.known

    def tell(self, *changed: TaskUsage) -> None:
        """Have a look that finds these changes."""
        for told in tuple(self.watchers):
            told(changed)


class MemoryPlans:
    """Plans that nobody goes over to, unless the test says so."""

    def __init__(self) -> None:
        self.told: list[Callable[[Plan], None]] = []

    def add_listener(self, told: Callable[[Plan], None]) -> None:
        self.told.append(told)

    def known(self) -> tuple[KnownTask, ...]:
        return (KnownTask(id="mail"),)

    async def reloaded(self) -> Draft:
        raise DefinitionError((Problem(kind=ProblemKind.LOAD_FAILED, message="broken"),))

    def with_task(self, task: str) -> Draft:
        raise DefinitionError((Problem(kind=ProblemKind.USAGE, message=f"no {task}"),))

    without_task = with_task

    def with_once(self, task: str, mode: str) -> Draft:
        return self.with_task(f"{task}@{mode}")

    def changes(self, draft: Draft) -> PlanChanges:
        raise NotImplementedError

    async def go_over(self, draft: Draft, start: tuple[str, ...] = (), *, wait: bool = True) -> bool:
        raise NotImplementedError


class MemoryRun:
    """A run whose tasks change when the test says so. Verbs are noted, and take effect with `enter`."""

    def __init__(self, root: str) -> None:
        self.run_view = RunView(run_id="20260101-000000-abcd", root=root, mode="dev", started_at=1.0)
        self.asked: list[tuple[str, ...]] = []
        self.listeners: list[Listener] = []
        self.usage = MemoryUsage()
        self.replacing = MemoryPlans()
        self._views: dict[str, TaskView] = {}
        self._logs: dict[str, bytearray] = {}
        self._settling: dict[str, list[asyncio.Future[TaskView]]] = {}
        self._ended = asyncio.Event()

    def add(self, name: str, state: TaskState | None = None, *depends_on: str) -> None:
        self._views[name] = TaskView(id=name, name=name, state=state or Pending(), depends_on=depends_on)
        self._logs[name] = bytearray()

    def views(self) -> tuple[TaskView, ...]:
        return tuple(self._views.values())

    def view(self, task: str) -> TaskView:
        return self._views[task]

    def add_listener(self, listener: Listener) -> None:
        self.listeners.append(listener)

    def remove_listener(self, listener: Listener) -> None:
        if listener in self.listeners:
            self.listeners.remove(listener)

    def start_task(self, task: str) -> None:
        self.asked.append(("start", self._views[task].id))

    def stop_task(self, task: str) -> None:
        self.asked.append(("stop", self._views[task].id))

    def restart_task(self, task: str, *, with_dependents: bool = False) -> None:
        along = ("with dependents",) if with_dependents else ()
        self.asked.append(("restart", self._views[task].id, *along))

    def signal_task(self, task: str, number: signal.Signals) -> None:
        self.asked.append(("signal", self._views[task].id, number.name))

    def turn_file_watch(self, wanted: FileWatch) -> FileWatch:
        if self.run_view.file_watch is not FileWatch.OFF:
            self.run_view = msgspec.structs.replace(self.run_view, file_watch=wanted)
        return self.run_view.file_watch

    def resize_terminal(self, task: str, size: WindowSize) -> None:
        self.asked.append(("resize", self._views[task].id, f"{size.columns}x{size.rows}"))

    def type_into(self, task: str, data: bytes) -> None:
        self.asked.append(("type", self._views[task].id, data.decode()))

    async def details(self, task: str) -> TaskDetails:
        listening = Listening(address="127.0.0.1", port=5432, pid=11)
        return TaskDetails(task=self._views[task].id, listening=(listening,))

    def stop_run(self, cause: StopCause, detail: str) -> None:
        self.asked.append(("stop_run", cause, detail))
        self.run_view = msgspec.structs.replace(self.run_view, phase=NEXT_PHASE[self.run_view.phase], cause=detail)
        for listener in self.listeners:
            listener.run_changed(self.run_view)

    async def wait_settled(self, task: str, verb: TaskVerb, *along: str) -> TaskView:
        assert any(asked[:2] == (verb, task) for asked in self.asked)
        for other in along:
            await self._settled(other)
        return await self._settled(task)

    async def _settled(self, task: str) -> TaskView:
        settled: asyncio.Future[TaskView] = asyncio.get_running_loop().create_future()
        self._settling.setdefault(task, []).append(settled)
        return await settled

    async def wait_ended(self) -> None:
        await self._ended.wait()

    def log_end(self, task: str) -> int:
        return len(self._logs[task])

    def read_log(self, task: str, offset: int, size: int) -> bytes:
        return bytes(self._logs[task][offset : offset + size])

    def enter(self, task: str, state: TaskState) -> None:
        """Let a task enter a state, and settle who waits for it."""
        view = msgspec.structs.replace(self._views[task], state=state)
        self._views[task] = view
        for listener in self.listeners:
            listener.task_entered(task, state, 2.0)
            listener.task_changed(view)
        if isinstance(state, Ready | Completed):
            for settled in self._settling.pop(task, ()):
                if not settled.done():
                    settled.set_result(view)

    def write(self, task: str, data: bytes, *, tell: bool = True) -> None:
        """Let a task print; without `tell` the bytes are in the file and nobody has heard of them."""
        chunk = OutputChunk(offset=len(self._logs[task]), time=3.0, stream=Stream.STDERR, attempt=2, data=data)
        self._logs[task] += data
        if tell:
            for listener in self.listeners:
                listener.output(task, chunk)

    def end(self) -> None:
        """Let the run be over."""
        self.run_view = msgspec.structs.replace(self.run_view, phase=RunPhase.ENDED)
        self._ended.set()


class Peer:
    """The other end of a control connection, frame by frame; it reads only when asked to."""

    def __init__(self, sock: socket.socket) -> None:
        sock.setblocking(False)
        self.sock = sock
        self._frames = FrameReader()
        self._decoder = ServerMessageDecoder()
        self._messages: list[ServerMessage] = []

    @classmethod
    async def connect(cls, path: Path) -> "Peer":
        sock = socket.socket(socket.AF_UNIX)
        peer = cls(sock)
        try:
            await asyncio.get_running_loop().sock_connect(sock, str(path))
        except BaseException:
            sock.close()
            raise
        return peer

    async def greet(self) -> None:
        """Exchange hellos and take the snapshot."""
        await self.send(Hello(version="test"))
        assert type(await self.receive()).__name__ == "Hello"
        assert type(await self.receive()).__name__ == "Snapshot"

    async def send(self, message: ClientMessage) -> None:
        await self.send_bytes(encode(message))

    async def send_bytes(self, data: bytes) -> None:
        await asyncio.get_running_loop().sock_sendall(self.sock, data)

    async def receive(self) -> ServerMessage:
        """Return the next message; EOFError at the end of the connection."""
        while not self._messages:
            try:
                data = await asyncio.wait_for(asyncio.get_running_loop().sock_recv(self.sock, 1 << 16), 10)
            except ConnectionResetError:
                data = b""
            if not data:
                raise EOFError
            self._messages += [self._decoder.decode(body) for body in self._frames.feed(data)]
        return self._messages.pop(0)

    async def receive_until_eof(self) -> list[ServerMessage]:
        messages = []
        while True:
            try:
                messages.append(await self.receive())
            except EOFError:
                return messages


class Setup:
    """A run, its server and where it listens."""

    def __init__(self, places: Places) -> None:
        self.places = places
        self.run = MemoryRun(str(places.root))
        self.server = ControlServer(self.run)
        self._peers: list[Peer] = []

    async def peer(self) -> Peer:
        """Return a guest that has not said hello."""
        peer = await Peer.connect(self.places.socket)
        self._peers.append(peer)
        return peer

    async def guest(self) -> Peer:
        """Return a guest that has been greeted."""
        peer = await self.peer()
        await peer.greet()
        return peer

    async def owner(self) -> Peer:
        """Return the owner, greeted."""
        ours, theirs = socket.socketpair()
        await self.server.adopt_owner(theirs)
        peer = Peer(ours)
        self._peers.append(peer)
        await peer.greet()
        return peer

    async def close(self) -> None:
        for peer in self._peers:
            peer.sock.close()
        await self.server.finish(Ended(exit_code=0, summary=""))


@pytest.fixture
def places(tmp_path: Path) -> Places:
    """Prepared places of a workspace."""
    found = places_for(tmp_path)
    prepare(found)
    return found


@pytest.fixture
async def setup(places: Places) -> AsyncIterator[Setup]:
    """A server that listens; `db` is ready, `api` and `web` need it in a chain, `job` needs nothing."""
    made = Setup(places)
    made.run.add("db", Ready(attempt=1, pid=11))
    made.run.add("api", Ready(attempt=1, pid=12), "db")
    made.run.add("web", Ready(attempt=1, pid=13), "api")
    made.run.add("job")
    await made.server.listen(places.socket)
    yield made
    await made.close()
