"""The control server: lets clients watch a run and steer it over a unix socket.

It listens to the run and never holds it up: what a client does not read is skipped, what a client sends wrongly ends
that client alone. Owning the connection that started the run is a matter of the role of a connection, not of what
kind of program is at its end.
"""

import asyncio
import os
import socket
from pathlib import Path
from typing import assert_never

from tui_runner.control.command_desk import CommandDesk
from tui_runner.control.connection import Connection, Role, Standing
from tui_runner.control.log_feed import LogFeed
from tui_runner.control.peer import peer_uid
from tui_runner.control.protocol import (
    PROTOCOL,
    ClientMessage,
    Command,
    Ended,
    Hello,
    Input,
    Reply,
    Resize,
    Run,
    Snapshot,
    State,
    Subscribe,
    Transition,
    Unsubscribe,
    WatchUsage,
    encode,
)
from tui_runner.control.supervised import Supervised
from tui_runner.control.terminal_desk import TerminalDesk
from tui_runner.control.terminal_keeper import TerminalKeeper
from tui_runner.control.usage_feed import UsageFeed
from tui_runner.errors.problem import Problem, ProblemKind
from tui_runner.errors.runner_error import ProtocolError
from tui_runner.model.output import OutputChunk
from tui_runner.model.state import TaskState
from tui_runner.model.task import TaskId
from tui_runner.model.view import RunPhase, RunView, TaskView
from tui_runner.planning.plan import Plan
from tui_runner.scheduling.event import StopCause
from tui_runner.version import VERSION

MAX_CONNECTIONS = 64
MAX_WAITING = 128
"""Commands of one connection that may wait for their outcome at once."""
HELLO_TIMEOUT_S = 5.0
FLUSH_TIMEOUT_S = 2.0
"""How long the last frames may take to reach clients after the run."""


class ControlServer:
    """Serves one run. Listener of the run and desk of the connections; used on one event loop."""

    def __init__(self, supervised: Supervised) -> None:
        self._supervised = supervised
        self._commands = CommandDesk(supervised)
        self._feed = LogFeed(supervised)
        self._usage = UsageFeed(supervised)
        self._terminals = TerminalDesk(supervised)
        self._connections: set[Connection] = set()
        self._waiting: dict[Connection, set[asyncio.Task[Reply]]] = {}
        self._hello_timers: dict[Connection, asyncio.TimerHandle] = {}
        self._listening: asyncio.Server | None = None
        self._path: Path | None = None
        self._keeper: TerminalKeeper | None = None
        self._gone: set[TaskId] = set()
        """Tasks there were, and are no more: clients may not have heard of it yet."""
        self._known = frozenset(view.id for view in supervised.views())
        supervised.add_listener(self)
        supervised.replacing.add_listener(self.plan_taken)

    async def listen(self, path: Path) -> None:
        """Accept clients at this path, private to this user. Whoever calls this holds the lock of the root.

        A socket left by a process that was killed is replaced.
        """
        loop = asyncio.get_running_loop()
        self._listening = await loop.create_unix_server(lambda: Connection(self, Role.GUEST), sock=_bind(path))
        self._path = path

    async def adopt_owner(self, sock: socket.socket, keeper: TerminalKeeper | None = None) -> None:
        """Serve the program that started the run; its end stops the run, unless it has given ownership up.

        Takes the socket over. The keeper of its terminal, if there is one, is told when it ends or gives up ownership.
        """
        self._keeper = keeper
        sock.setblocking(False)
        loop = asyncio.get_running_loop()
        await loop.connect_accepted_socket(lambda: Connection(self, Role.OWNER), sock)

    async def finish(self, ended: Ended | None) -> None:
        """Tell every client how the run ended, close all connections and remove the socket.

        Takes a bounded time whatever clients do. None closes without a word; calling it again does nothing.
        """
        self._supervised.remove_listener(self)
        if self._listening is not None:
            self._listening.close()
            self._listening = None
        if self._path is not None:
            self._path.unlink(missing_ok=True)
            self._path = None
        await self._settle_commands()
        frame = None if ended is None else encode(ended)
        connections = tuple(self._connections)
        for connection in connections:
            connection.finish(None if connection.standing is Standing.FOREIGN else frame)
        closed = [connection.closed for connection in connections]
        if closed:
            await asyncio.wait(closed, timeout=FLUSH_TIMEOUT_S)
        for connection in connections:
            if not connection.closed.done():
                connection.transport.abort()
        await asyncio.gather(*closed)

    # Listener of the run

    def task_entered(self, task: TaskId, state: TaskState, at: float) -> None:
        """Forward a transition; clients that are behind do without."""
        if talking := self._talking():
            frame = encode(Transition(time=at, task=task, state=state))
            for connection in talking:
                connection.send_unless_behind(frame)

    def task_changed(self, view: TaskView) -> None:
        """Forward how a task looks now; for clients that are behind the latest look replaces earlier ones."""
        if talking := self._talking():
            frame = encode(State(task=view))
            for connection in talking:
                connection.send_latest(view.id, frame)

    def run_changed(self, view: RunView) -> None:
        """Forward how the run stands now."""
        if talking := self._talking():
            frame = encode(Run(run=view))
            for connection in talking:
                connection.send_latest("", frame)

    def plan_taken(self, plan: Plan) -> None:
        """Send everybody the whole run anew: there are other tasks."""
        now = frozenset(plan.tasks)
        self._gone = (self._gone | self._known) - now
        self._known = now
        if talking := self._talking():
            frame = encode(Snapshot(run=self._supervised.run_view, tasks=self._supervised.views()))
            for connection in talking:
                connection.send_picture(frame)

    def output(self, task: TaskId, chunk: OutputChunk) -> None:
        """Forward output to subscribers."""
        self._feed.output(task, chunk)

    # Desk of the connections

    def opened(self, connection: Connection) -> None:
        """Greet a client, unless it belongs to another user or there are too many."""
        self._connections.add(connection)
        sock = connection.transport.get_extra_info("socket")
        uid = peer_uid(sock)
        if connection.role is Role.GUEST and uid not in {os.geteuid(), 0}:
            connection.refuse(_usage("this run belongs to another user", ""))
            return
        if len(self._connections) > MAX_CONNECTIONS:
            connection.refuse(_usage(f"{MAX_CONNECTIONS} clients are connected already", "close some of them"))
            return
        connection.send(encode(Hello(version=VERSION, run_id=self._supervised.run_view.run_id)))
        if connection.role is Role.GUEST:
            timer = asyncio.get_running_loop().call_later(HELLO_TIMEOUT_S, self._expect_hello, connection)
            self._hello_timers[connection] = timer

    def received(self, connection: Connection, message: ClientMessage) -> None:
        """Take a message of a client."""
        match connection.standing:
            case Standing.NEW:
                self._greet(connection, message)
            case Standing.TALKING:
                self._take(connection, message)
            case Standing.FOREIGN:
                if isinstance(message, Command) and message.verb in {"ps", "down"}:
                    self._start_command(connection, message)
                else:
                    connection.refuse(_usage("only `ps` and `down` work between different versions", _RESTART_IT))
            case Standing.CLOSING:
                pass
            case _:
                assert_never(connection.standing)

    def caught_up(self, connection: Connection) -> None:
        """Give a client that was behind the newest output."""
        self._feed.caught_up(connection)
        self._usage.caught_up(connection)

    def lost(self, connection: Connection) -> None:
        """Forget a client; if it owned the run, stop the run in order."""
        self._connections.discard(connection)
        self._feed.forget(connection)
        self._usage.unsubscribe(connection)
        self._terminals.forget(connection)
        if timer := self._hello_timers.pop(connection, None):
            timer.cancel()
        for waiting in self._waiting.pop(connection, ()):
            waiting.cancel()
        if connection.role is Role.OWNER and self._keeper is not None:
            self._keeper.owner_lost()
        # A stop that is under way is not made harder by this: an owner may leave while it waits for it.
        if connection.role is Role.OWNER and self._supervised.run_view.phase is RunPhase.RUNNING:
            self._supervised.stop_run(StopCause.OWNER_GONE, "the terminal that started it is gone")

    def _talking(self) -> list[Connection]:
        return [connection for connection in self._connections if connection.standing is Standing.TALKING]

    def _expect_hello(self, connection: Connection) -> None:
        self._hello_timers.pop(connection, None)
        connection.refuse(_usage(f"no hello came within {HELLO_TIMEOUT_S:g} s", ""))

    def _greet(self, connection: Connection, message: ClientMessage) -> None:
        if not isinstance(message, Hello):
            raise ProtocolError("the first frame must be a hello")
        if timer := self._hello_timers.pop(connection, None):
            timer.cancel()
        if message.protocol != PROTOCOL:
            connection.standing = Standing.FOREIGN
            return
        connection.standing = Standing.TALKING
        connection.send(encode(Snapshot(run=self._supervised.run_view, tasks=self._supervised.views())))

    def _take(self, connection: Connection, message: ClientMessage) -> None:
        match message:
            case Hello():
                raise ProtocolError("a second hello")
            case Subscribe(task=task, start=start):
                try:
                    self._feed.subscribe(connection, task, start)
                except KeyError:
                    if task not in self._gone:
                        raise ProtocolError(f"there is no task `{task}` to subscribe to") from None
            case Unsubscribe(task=task):
                self._feed.unsubscribe(connection, task)
            case WatchUsage(on=on):
                (self._usage.subscribe if on else self._usage.unsubscribe)(connection)
            case Resize() | Input():
                try:
                    self._terminals.take(connection, message)
                except KeyError:
                    if message.task not in self._gone:
                        raise ProtocolError(f"there is no task `{message.task}` with a terminal") from None
            case Command(verb="detach"):
                owned = connection.role is Role.OWNER
                connection.role = Role.GUEST
                if owned and self._keeper is not None:
                    self._keeper.close()
                text = "the run goes on without this terminal" if owned else "this terminal does not own the run"
                connection.send(encode(Reply(id=message.id, ok=True, message=text)))
            case Command():
                self._start_command(connection, message)
            case _:
                assert_never(message)

    def _start_command(self, connection: Connection, command: Command) -> None:
        waiting = self._waiting.setdefault(connection, set())
        if len(waiting) >= MAX_WAITING:
            text = f"{MAX_WAITING} commands of this client are waiting already"
            connection.send(encode(Reply(id=command.id, ok=False, message=text)))
            return
        task = asyncio.get_running_loop().create_task(self._commands.perform(command))
        waiting.add(task)
        task.add_done_callback(lambda done: self._answer(connection, command, done))

    def _answer(self, connection: Connection, command: Command, done: "asyncio.Task[Reply]") -> None:
        self._waiting.get(connection, set()).discard(done)
        if done.cancelled():
            return
        error = done.exception()
        if error is None:
            connection.send(encode(done.result()))
            return
        context = {"message": f"`{command.verb}` broke", "exception": error}
        asyncio.get_running_loop().call_exception_handler(context)
        text = f"internal error: {type(error).__name__}: {error}"
        connection.send(encode(Reply(id=command.id, ok=False, message=text)))

    async def _settle_commands(self) -> None:
        # The run is over, so whoever waits for it is answered now; nothing may wait for ever.
        waiting = [task for tasks in self._waiting.values() for task in tasks]
        if not waiting:
            return
        _, late = await asyncio.wait(waiting, timeout=FLUSH_TIMEOUT_S)
        for task in late:
            task.cancel()
        if late:
            await asyncio.wait(late)
        # Answers are sent by callbacks of the tasks, in the next turn of the loop.
        await asyncio.sleep(0)


def _bind(path: Path) -> socket.socket:
    path.unlink(missing_ok=True)
    acceptor = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        acceptor.bind(os.fspath(path))
        path.chmod(0o600)
    except BaseException:
        acceptor.close()
        raise
    return acceptor


_RESTART_IT = "stop the run with `tui-runner down` and start it again"


def _usage(message: str, help_text: str) -> Problem:
    return Problem(kind=ProblemKind.USAGE, message=message, help=help_text)
