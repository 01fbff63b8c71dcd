"""A workspace on disk with a supervisor process of its own, for tests of daemon and command line."""

import contextlib
import os
import subprocess
import sys
import textwrap
from collections.abc import Callable, Sequence
from pathlib import Path

from tui_runner.control.blocking_client import BlockingClient
from tui_runner.control.daemon_options import DaemonOptions
from tui_runner.control.launch import Launched, launch_supervisor
from tui_runner.control.lock import wait_until_free
from tui_runner.control.places import Places, places_for
from tui_runner.control.protocol import (
    Command,
    Ended,
    FrameReader,
    Hello,
    ServerMessage,
    ServerMessageDecoder,
    Snapshot,
    State,
    Verb,
    encode,
)
from tui_runner.model.view import TaskView

SERVICE = """
import os, signal, sys
def leave(*_):
    os.write(1, b"bye\\n")
    sys.exit(0)
signal.signal(signal.SIGTERM, leave)
os.write(1, b"ready\\n")
while True: signal.pause()
"""
"""A service that says `ready` and leaves politely."""

HEAD = f"""\
import sys
from tui_runner import command, pipeline, task

PYTHON = sys.executable
SERVICE = {SERVICE!r}

def service(name, *depends_on, **options):
    up = command([PYTHON, "-c", SERVICE], ready_when="ready", **options)
    return task(name, commands={{"dev": up}}, depends_on=depends_on)

"""


class Owner:
    """The owner's end of a supervisor that was launched, read frame by frame with a deadline."""

    def __init__(self, launched: Launched) -> None:
        self.pid = launched.pid
        self.socket = launched.socket
        self.socket.settimeout(30)
        self._frames = FrameReader()
        self._decoder = ServerMessageDecoder()
        self._messages: list[ServerMessage] = []
        self.tasks: dict[str, TaskView] = {}

    def receive(self) -> ServerMessage:
        """Return the next message; EOFError at the end."""
        while not self._messages:
            data = self.socket.recv(1 << 16)
            if not data:
                raise EOFError
            self._messages += [self._decoder.decode(body) for body in self._frames.feed(data)]
        message = self._messages.pop(0)
        if isinstance(message, Snapshot):
            self.tasks = {view.id: view for view in message.tasks}
        elif isinstance(message, State):
            self.tasks[message.task.id] = message.task
        return message

    def greet(self) -> Hello:
        """Exchange hellos."""
        hello = self.receive()
        assert isinstance(hello, Hello), hello
        self.socket.sendall(encode(Hello()))
        return hello

    def wait_for(self, condition: Callable[[dict[str, TaskView]], bool]) -> None:
        """Read until the tasks fulfil a condition."""
        while not self.tasks or not condition(self.tasks):
            self.receive()

    def wait_ready(self, *tasks: str) -> None:
        """Read until the tasks are ready or completed."""
        self.wait_for(lambda views: all(_word(views[task]) in {"Ready", "Completed"} for task in tasks))

    def send(self, verb: Verb, task: str | None = None) -> None:
        """Send a command without waiting for its answer."""
        self.socket.sendall(encode(Command(id=1, verb=verb, task=task, wait=False)))

    def until_end(self) -> Ended | None:
        """Read to the end; return how the run went, None when nothing was said of it."""
        ended = None
        while True:
            try:
                message = self.receive()
            except (EOFError, ConnectionResetError):
                return ended
            if isinstance(message, Ended):
                ended = message

    def wait_exit(self) -> int:
        """Wait until the process is gone; return its exit code."""
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


class Workspace:
    """A directory with a pipeline.py."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self._owners: list[Owner] = []

    @property
    def places(self) -> Places:
        return places_for(self.root)

    def write(self, body: str) -> "Workspace":
        """Write pipeline.py: `service(name, *needs)` makes a task that gets ready and leaves politely."""
        (self.root / "pipeline.py").write_text(HEAD + textwrap.dedent(body))
        return self

    def launch(self, **options: object) -> Owner:
        """Start a supervisor for it and return the owner's end."""
        wanted = DaemonOptions(file=str(self.root / "pipeline.py"), **options)  # type: ignore[arg-type]  # as given
        owner = Owner(launch_supervisor(wanted))
        self._owners.append(owner)
        return owner

    def up(self, **options: object) -> Owner:
        """Start a supervisor and wait until every task is ready or completed."""
        owner = self.launch(**options)
        owner.greet()
        owner.wait_for(lambda views: all(_word(view) in {"Ready", "Completed", "Skipped"} for view in views.values()))
        return owner

    def cli(self, *arguments: str, code: int | None = 0, env: dict[str, str] | None = None) -> "Finished":
        """Run the command line in it; check the exit code unless it is None."""
        done = subprocess.run(
            [sys.executable, "-P", "-m", "tui_runner", *arguments],
            cwd=self.root,
            env={**os.environ, **(env or {})},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        finished = Finished(done.returncode, done.stdout, done.stderr)
        assert code is None or finished.code == code, (finished.code, finished.out, finished.err)
        return finished

    def client(self) -> BlockingClient:
        """Return a guest's connection."""
        return BlockingClient.connect(self.places.socket)

    def close(self) -> None:
        """Stop what still runs, as when the terminal is closed, and wait until it is gone."""
        for owner in self._owners:
            owner.socket.close()
        wait_until_free(self.places.lock)
        for owner in self._owners:
            with contextlib.suppress(ChildProcessError):  # a test may have waited for it
                os.waitpid(owner.pid, 0)


class Finished:
    """How a program ended."""

    def __init__(self, code: int, out: str, err: str) -> None:
        self.code = code
        self.out = out
        self.err = err


def lines_of(finished: Finished) -> Sequence[str]:
    """Return the lines of standard output."""
    return finished.out.splitlines()


def _word(view: TaskView) -> str:
    return type(view.state).__name__
