"""The supervisor's end of the guardian: starts it, sends requests, hands out its events.

Leaves the host alone: no signal handlers, no child watchers, and it waits for its own child only.
"""

import asyncio
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, Literal

import msgspec

from tui_runner.errors.runner_error import GuardianError
from tui_runner.model.retention import LogLimits
from tui_runner.model.task import TaskId
from tui_runner.process.environment import Delta
from tui_runner.process.guardian.frames import Channel
from tui_runner.process.guardian_event import AnyEvent, Bye, Failed, Ready, TaskEvent, decode
from tui_runner.process.guardian_process import GuardianProcess

_REAP_S: Final = 0.001
BYE_PATIENCE_S: Final = 10.0
"""Sweeping takes milliseconds; a guardian that has not ended after this long will not."""


class ProcessId(msgspec.Struct, frozen=True, kw_only=True):
    """A process, never mistaken for another one that got its pid later."""

    pid: int
    start: int
    """See `process_table.start_of`."""


class SpawnOrder(msgspec.Struct, frozen=True, kw_only=True):
    """A task to spawn. Commands are the executable's path, then argv."""

    id: TaskId
    attempt: int
    argv: Sequence[str]
    cwd: str
    env: Delta
    """Changes to the base environment."""
    slave: str | None = None
    """Path of its terminal; None for pipes."""
    after: tuple[TaskId, ...] = ()
    """Tasks that must outlive it when the guardian takes over."""
    stop: Sequence[str] | None = None
    stop_signal: int
    stop_timeout: float
    """Seconds."""
    teardown: Sequence[str] | None = None
    teardown_timeout: float
    """Seconds."""
    log: str | None = None
    """Where its output goes when the supervisor has died."""


class Bequest(msgspec.Struct, frozen=True, kw_only=True):
    """An activation that a killed guardian has left to its successor. Commands are the executable's path, then argv."""

    id: TaskId
    attempt: int = 0
    leader: ProcessId | None = None
    """Leader of the running attempt; None when none runs."""
    after: tuple[TaskId, ...] = ()
    """Tasks that must outlive it."""
    cwd: str = "/"
    env: Delta = {}
    """Changes to the base environment."""
    stop: tuple[str, ...] | None = None
    stop_signal: int
    stop_timeout: float
    """Seconds."""
    teardown: tuple[str, ...] | None = None
    teardown_timeout: float = 0.0
    """Seconds."""
    teardown_state: Literal["none", "due", "running", "done"]
    teardown_leader: ProcessId | None = None
    """Its process while it runs."""
    log: str | None = None


class GuardianClient:
    """A running guardian. Must be used on one event loop and ended by `bye`.

    `on_event` and `on_lost` are called on the loop; `on_lost` once, when the guardian dies without having been asked
    to, with a message for people. No event follows it.
    """

    def __init__(
        self, process: GuardianProcess, on_event: Callable[[TaskEvent], None], on_lost: Callable[[str], None]
    ) -> None:
        self._on_event = on_event
        self._on_lost = on_lost
        self._process, ours = process.take()
        self._channel: Channel | None = Channel(ours)
        self._failure = ""
        self._loop = asyncio.get_running_loop()
        self._ready: asyncio.Future[int] = self._loop.create_future()
        self._ended: asyncio.Future[None] = self._loop.create_future()
        self._leaving = False

    @classmethod
    def start(
        cls,
        process: GuardianProcess,
        base_env: Mapping[str, str],
        *,
        on_event: Callable[[TaskEvent], None],
        on_lost: Callable[[str], None],
        held: Sequence[int] = (),
        journal: int | None = None,
        hidden: tuple[bytes, ...] = (),
        log_limits: LogLimits | None = None,
    ) -> "GuardianClient":
        """Take over a guardian and return at once; requests may be sent before it is ready.

        `held` are descriptors that it keeps open until it ends, such as a lock that must outlive a killed supervisor.
        `journal` is one that it writes its journal to, open for appending. `hidden` is what must not get into logs,
        `log_limits` how large those may become; None leaves that to it.
        """
        client = cls(process, on_event, on_lost)
        limits = None if log_limits is None else [log_limits.piece, log_limits.log]
        client._begin(
            {"op": "begin", "env": dict(base_env), "hidden": hidden, "log_limits": limits}, tuple(held), journal
        )
        return client

    def _begin(self, message: dict[str, Any], held: tuple[int, ...], journal: int | None) -> None:
        if self._channel is not None:
            self._loop.add_reader(self._channel.fileno(), self._readable)
        fds = held if journal is None else (*held, journal)
        self._send({**message, "journal": journal is not None, "nfds": len(fds)}, fds)

    @property
    def pid(self) -> int:
        """Process id of the guardian."""
        return self._process.pid

    async def ready(self) -> int:
        """Wait until the guardian answers; return its pid.

        Raises:
            GuardianError: it died before.
        """
        return await asyncio.shield(self._ready)

    async def bye(self, patience_s: float = BYE_PATIENCE_S) -> bool:
        """Have everything swept; return when the guardian is gone. Idempotent, also after a loss.

        False when it did not end by itself: one that does not answer, such as a stopped one, is killed after the patience.
        """
        self._leave("bye")
        deadline = self._loop.call_later(patience_s, self._process.kill)
        try:
            await asyncio.shield(self._ended)
        finally:
            deadline.cancel()
        return self._process.returncode == 0

    async def take_down(self) -> bool:
        """Have everything brought down in order, as after our death; return when the guardian is gone.

        The events come at the end. False when it did not end by itself; what it had begun is not known then.
        """
        self._leave("take-down")
        await asyncio.shield(self._ended)
        return self._process.returncode == 0

    def _leave(self, request: str) -> None:
        if not self._leaving:
            self._leaving = True
            self._send({"op": request})

    def hide(self, hidden: tuple[bytes, ...]) -> None:
        """Keep these out of logs too."""
        self._send({"op": "hide", "hidden": hidden})

    def inherit(self, bequest: Bequest, fds: tuple[int, ...] = ()) -> None:
        """Hand over what a killed guardian has left of a task; `fds` are read ends of its output."""
        leader, teardown = bequest.leader, bequest.teardown_leader
        message = {
            "op": "inherit",
            **_ending(bequest),
            "pid": None if leader is None else leader.pid,
            "start": None if leader is None else leader.start,
            "teardown_state": bequest.teardown_state,
            "teardown_pid": None if teardown is None else teardown.pid,
            "teardown_start": None if teardown is None else teardown.start,
            "nfds": len(fds),
        }
        self._send(message, fds)

    def inherit_others(self, others: Iterable[ProcessId]) -> None:
        """Hand over processes that belong to no task; they are killed at the end."""
        self._send({"op": "inherit-others", "others": [[other.pid, other.start] for other in others]})

    def spawn(self, order: SpawnOrder, fds: tuple[int, ...]) -> None:
        """Spawn an attempt. Pipes: out and err write ends, out and err read ends; terminal: the master.

        The caller keeps the descriptors open until `Started` or `SpawnRefused`.
        """
        message = {
            "op": "spawn",
            **_ending(order),
            "argv": _plain(order.argv),
            "slave": order.slave,
            "nfds": len(fds),
        }
        self._send(message, fds)

    def sweep(self, task: TaskId) -> None:
        """Have the end of the running attempt be that of what it put into other sessions too, before `GroupEnded`."""
        self._send({"op": "sweep", "id": task})

    def stop(self, task: TaskId, fds: tuple[int, ...] = ()) -> None:
        """Begin the stop ladder. `fds` are write and read end for the output of a stop command."""
        self._send({"op": "stop", "id": task, "nfds": len(fds)}, fds)

    def kill(self, task: TaskId) -> None:
        """SIGKILL the group."""
        self._send({"op": "kill", "id": task})

    def signal(self, task: TaskId, number: int) -> None:
        """Send a signal to the group."""
        self._send({"op": "signal", "id": task, "sig": int(number)})

    def teardown(self, task: TaskId, argv: Sequence[str] | None, fds: tuple[int, ...]) -> None:
        """Run the teardown; `argv` replaces the command of the spawn. The caller keeps `fds` until it has ended."""
        self._send({"op": "teardown", "id": task, "argv": _plain(argv), "nfds": len(fds)}, fds)

    def abandon(self, task: TaskId) -> None:
        """Kill the running teardown."""
        self._send({"op": "abandon", "id": task})

    def close(self, task: TaskId) -> None:
        """End the activation; answered by `Closed`."""
        self._send({"op": "close", "id": task})

    def run(self, name: str, task: TaskId, argv: Sequence[str], cwd: str, env: Delta) -> None:
        """Run a command that is no task, in the name of one; answered by `RunExited`."""
        self._send({"op": "run", "id": name, "task": task, "argv": _plain(argv), "cwd": cwd, "env": env, "nfds": 0})

    def run_kill(self, name: str) -> None:
        """Kill such a command; `RunExited` follows."""
        self._send({"op": "run-kill", "id": name})

    def _send(self, message: dict[str, Any], fds: tuple[int, ...] = ()) -> None:
        """Send now or queue. After a loss requests go nowhere: `on_lost` has told so."""
        if self._channel is not None:
            self._channel.queue(message, fds)
            self._flush()

    def _flush(self) -> None:
        channel = self._channel
        if channel is None:
            return
        try:
            channel.flush()
        except OSError:
            self._loop.remove_writer(channel.fileno())
            return  # reading tells of the end, after the last events
        if channel.waiting:
            self._loop.add_writer(channel.fileno(), self._writable)

    def _writable(self) -> None:
        if self._channel is not None:
            self._loop.remove_writer(self._channel.fileno())
            self._flush()

    def _readable(self) -> None:
        if self._channel is None:
            return
        try:
            messages = self._channel.receive()
        except OSError:
            messages = None
        if messages is None:
            self._hang_up()
            return
        for message in messages:
            self._take(decode(message))

    def _take(self, event: AnyEvent) -> None:
        match event:
            case Ready():
                if not self._ready.done():
                    self._ready.set_result(event.pid)
            case Bye():
                pass
            case Failed():
                self._failure = event.message
            case _:
                self._on_event(event)

    def _hang_up(self) -> None:
        channel = self._channel
        if channel is None:
            return
        self._channel = None
        self._loop.remove_reader(channel.fileno())
        self._loop.remove_writer(channel.fileno())
        channel.close()
        self._reap()

    def _reap(self) -> None:
        """Collect the guardian, which is about to be gone; then tell."""
        code = self._process.poll()
        if code is None:
            self._loop.call_later(_REAP_S, self._reap)
            return
        message = self._why(code)
        if not self._ready.done():
            self._ready.set_exception(GuardianError(message))
            self._ready.exception()  # nobody may be waiting
        if not self._leaving:
            self._leaving = True
            self._on_lost(message)
        self._ended.set_result(None)

    def _why(self, code: int) -> str:
        if self._failure:
            return f"the guardian process failed: {self._failure}"
        how = f"was killed by signal {-code}" if code < 0 else f"exited with code {code}"
        return f"the guardian process (pid {self._process.pid}) {how}"


def start_guardian(marker: str) -> GuardianProcess:
    """Start a guardian that a client takes over.

    Raises:
        GuardianError: the process could not be started.
    """
    try:
        return GuardianProcess.start(marker)
    except OSError as error:
        python = sys.executable or "an unknown Python"
        raise GuardianError(f"cannot start the guardian with {python}: {error}") from error


def _ending(order: SpawnOrder | Bequest) -> dict[str, Any]:
    """Return what a request says about the end of a task.

    Plain types only: marshal takes no subclasses, such as members of an enum.
    """
    return {
        "id": str(order.id),
        "attempt": order.attempt,
        "after": _plain(order.after),
        "cwd": order.cwd,
        "env": {str(name): None if value is None else str(value) for name, value in order.env.items()},
        "stop": _plain(order.stop),
        "stop_signal": int(order.stop_signal),
        "stop_timeout": float(order.stop_timeout),
        "teardown": _plain(order.teardown),
        "teardown_timeout": float(order.teardown_timeout),
        "log": order.log,
    }


def _plain(argv: Sequence[str] | None) -> list[str] | None:
    return None if argv is None else [str(argument) for argument in argv]
