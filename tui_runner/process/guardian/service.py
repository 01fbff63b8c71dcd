"""The guardian's requests and events: one method for each request of the supervisor."""

from __future__ import annotations

import os

from tui_runner.process.guardian.activation import close_all
from tui_runner.process.guardian.frames import Channel
from tui_runner.process.guardian.spawner import SpawnError
from tui_runner.process.guardian.tasks import Tasks

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

    from tui_runner.process.guardian.auxiliary import Auxiliary
    from tui_runner.process.guardian.frames import Message


class Service:
    """Turns messages into calls, and what happens into messages."""

    def __init__(self, channel: Channel, marker: str) -> None:
        self._channel = channel
        self._listening = True
        self._runs: dict[str, Auxiliary] = {}
        self.tasks = Tasks(marker, self.emit, self.emit_at_once)
        self.log_limits: list[int] | None = None
        """Bytes of one file of a log, and of all of them; None: nobody has said."""
        self.leaving = False
        """`bye` was received."""
        self.taking_down = False
        """`take-down` was received: do what is done when the supervisor dies, and tell it at the end."""
        self._requests: dict[str, Callable[[Message], None]] = {
            "begin": self._begin,
            "hide": self._hide,
            "inherit": self._inherit,
            "inherit-others": self._inherit_others,
            "spawn": self._spawn,
            "sweep": self._sweep,
            "stop": self._stop,
            "kill": self._kill,
            "signal": self._signal,
            "teardown": self._teardown,
            "abandon": self._abandon,
            "close": self._close,
            "run": self._run,
            "run-kill": self._run_kill,
            "take-down": self._take_down,
            "bye": self._bye,
        }

    def emit(self, event: Message) -> None:
        """Queue an event; nobody hears it after the supervisor's death."""
        if self._listening:
            self._channel.queue(event)

    def emit_at_once(self, event: Message) -> None:
        """Send an event before anything else is done."""
        self.emit(event)
        if self._listening:
            try:  # noqa: SIM105 - contextlib is not worth its import here
                self._channel.flush()
            except OSError:  # the loop will find out
                pass

    def hang_up(self) -> None:
        """Stop talking: the supervisor is gone."""
        self._listening = False
        self._channel.close()

    def handle(self, message: Message) -> None:
        """Perform one request."""
        self._requests[message["op"]](message)

    def _begin(self, message: Message) -> None:
        """Learn the environment, and keep the descriptors, such as the lock of a root, open until the end."""
        self.tasks.spawner.base_env = message["env"]
        self.log_limits = message["log_limits"]
        held = self._fds(message)
        for descriptor in held:
            os.set_inheritable(descriptor, False)
        if message["journal"] and held:
            self.tasks.journal.open(held[-1], message["env"])
        self.tasks.hide(message["hidden"])

    def _hide(self, message: Message) -> None:
        self.tasks.hide(message["hidden"])

    def _fds(self, message: Message) -> list[int]:
        return self._channel.take_fds(message.get("nfds", 0))

    def _inherit(self, message: Message) -> None:
        self.tasks.inherit(message, self._fds(message))

    def _inherit_others(self, message: Message) -> None:
        for pid, start in message["others"]:
            self.tasks.journal.orphan(pid, start)
        self.tasks.heritage.take_others(message["others"])

    def _spawn(self, message: Message) -> None:
        self.tasks.spawn(message, self._fds(message))

    def _sweep(self, message: Message) -> None:
        activation = self.tasks.activations.get(message["id"])
        if activation is not None:
            activation.begins_anew = True

    def _stop(self, message: Message) -> None:
        fds = self._fds(message)
        activation = self.tasks.activations.get(message["id"])
        if activation is None:
            close_all(fds)
        else:
            self.tasks.stop(activation, fds)

    def _kill(self, message: Message) -> None:
        activation = self.tasks.activations.get(message["id"])
        if activation is not None:
            self.tasks.kill(activation)

    def _signal(self, message: Message) -> None:
        activation = self.tasks.activations.get(message["id"])
        if activation is not None and activation.group is not None:
            activation.group.send(message["sig"])

    def _teardown(self, message: Message) -> None:
        fds = self._fds(message)
        activation = self.tasks.activations.get(message["id"])
        if activation is None:
            close_all(fds)
        else:
            self.tasks.teardown(activation, message["argv"], fds)

    def _abandon(self, message: Message) -> None:
        activation = self.tasks.activations.get(message["id"])
        if activation is not None and activation.teardown is not None:
            activation.teardown.kill()

    def _close(self, message: Message) -> None:
        activation = self.tasks.activations.get(message["id"])
        if activation is None:
            self.emit({"ev": "closed", "id": message["id"]})
        else:
            self.tasks.close(activation)

    def _run(self, message: Message) -> None:
        """Run a command that is no task; without descriptors its output is dropped."""
        name: str = message["id"]
        fds = self._fds(message)
        out = fds[0] if fds else None

        def ended(code: int, _timed_out: bool) -> None:
            del self._runs[name]
            self.emit({"ev": "run-exited", "id": name, "code": code, "message": ""})

        spawner = self.tasks.spawner
        try:
            env = spawner.environment(message["task"], message["env"])
            pid = spawner.spawn(message["argv"], message["cwd"], env, out, out)
        except SpawnError as error:
            code = 127 if error.errno == 2 else 126
            self.emit({"ev": "run-exited", "id": name, "code": code, "message": str(error)})
            return
        finally:
            close_all(fds)
        self._runs[name] = self.tasks.auxiliaries.add(pid, None, ended, [])

    def _run_kill(self, message: Message) -> None:
        command = self._runs.get(message["id"])
        if command is not None:
            command.kill()

    def kill_runs(self) -> None:
        """Kill every command that is no task."""
        for command in self._runs.values():
            command.kill()

    def _take_down(self, _message: Message) -> None:
        self.taking_down = True

    def _bye(self, _message: Message) -> None:
        self.leaving = True

    def ready(self) -> None:
        """Say that the guardian is there."""
        self.emit({"ev": "ready", "pid": os.getpid()})
