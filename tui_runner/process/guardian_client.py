"""The supervisor's end of the guardian: starts it, sends requests, hands out its events.

Leaves the host alone: no signal handlers, no child watchers, and it waits for its own child only.
"""

import asyncio
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Final

import msgspec

from tui_runner.errors.runner_error import GuardianError
from tui_runner.model.task import TaskId
from tui_runner.process.environment import Delta
from tui_runner.process.guardian.frames import Channel
from tui_runner.process.guardian_event import AnyEvent, Bye, Failed, Ready, TaskEvent, decode
from tui_runner.process.guardian_process import GuardianProcess

_REAP_S: Final = 0.001
BYE_PATIENCE_S: Final = 10.0
"""Sweeping takes milliseconds; a guardian that has not ended after this long will not."""


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
    ) -> "GuardianClient":
        """Take over a guardian and return at once; requests may be sent before it is ready.

        `held` are descriptors that it keeps open until it ends, such as a lock that must outlive a killed supervisor.
        """
        client = cls(process, on_event, on_lost)
        client._begin(base_env, tuple(held))
        return client

    def _begin(self, base_env: Mapping[str, str], held: tuple[int, ...]) -> None:
        if self._channel is not None:
            self._loop.add_reader(self._channel.fileno(), self._readable)
        self._send({"op": "begin", "env": dict(base_env), "nfds": len(held)}, held)

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
        if not self._leaving:
            self._leaving = True
            self._send({"op": "bye"})
        deadline = self._loop.call_later(patience_s, self._process.kill)
        try:
            await asyncio.shield(self._ended)
        finally:
            deadline.cancel()
        return self._process.returncode == 0

    def spawn(self, order: SpawnOrder, fds: tuple[int, ...]) -> None:
        """Spawn an attempt. Pipes: out and err write ends, out and err read ends; terminal: the master.

        The caller keeps the descriptors open until `Started` or `SpawnRefused`.
        """
        # Plain types only: marshal takes no subclasses, such as members of an enum.
        message = {
            "op": "spawn",
            "id": str(order.id),
            "attempt": order.attempt,
            "argv": _plain(order.argv),
            "cwd": order.cwd,
            "env": {str(name): None if value is None else str(value) for name, value in order.env.items()},
            "slave": order.slave,
            "after": _plain(order.after),
            "stop": _plain(order.stop),
            "stop_signal": int(order.stop_signal),
            "stop_timeout": float(order.stop_timeout),
            "teardown": _plain(order.teardown),
            "teardown_timeout": float(order.teardown_timeout),
            "log": order.log,
            "nfds": len(fds),
        }
        self._send(message, fds)

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


def _plain(argv: Sequence[str] | None) -> list[str] | None:
    return None if argv is None else [str(argument) for argument in argv]
