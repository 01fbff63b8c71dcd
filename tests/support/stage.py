"""A workspace to run the program in as people do: from outside, at a terminal or in a pipe, with proof that all is gone.

Every process of a stage carries a token in its environment, whatever becomes of its parents, groups and sessions.
"""

import contextlib
import os
import re
import socket
import subprocess
import sys
import textwrap
from collections.abc import Callable, Iterable
from pathlib import Path
from time import monotonic, sleep
from uuid import uuid4

import psutil
from rig import GUARDIAN
from terminal import DEADLINE_S, Terminal

from tui_runner.control.places import places_for

PROGRAM = [sys.executable, "-P", "-m", "tui_runner"]
_TOKEN = "TUI_RUNNER_STAGE"
_POLL_S = 0.02
TREE_WIDTH = 34
"""Columns of the tree unless it was resized."""

HEAD = """\
import shlex
import sys
from tui_runner import command, log_line, pipeline, restart, task, tcp

ORDER = {order!r}
LISTEN = '''
import socket, sys
door = socket.create_server(("127.0.0.1", int(sys.argv[1])))
print("listens on", sys.argv[1], flush=True)
while True:
    door.accept()[0].close()
'''
STUBBORN = '''
import signal, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
print("nothing stops me", flush=True)
while True:
    time.sleep(600)
'''

def note(words):
    return f"echo {{shlex.quote(words)}} >> {{shlex.quote(ORDER)}}"

def python(program, *arguments):
    return [sys.executable, "-I", "-S", "-c", program, *map(str, arguments)]

def service(name, *depends_on, says="is up", run=None, **options):
    run = run or f"echo {{name}} {{says}}; exec sleep 600"
    options.setdefault("ready_when", says)
    options.setdefault("teardown", note(f"teardown {{name}}"))
    return task(name, run=command(run, **options), depends_on=depends_on)

"""

SHOP = """\
db = service("db", says="accepts connections")
migrate = task("migrate", run=command("echo 2 migrations applied", teardown=note("teardown migrate")), depends_on=[db])
api = service("api", migrate, run=python(LISTEN, {port}), ready_when=tcp({port}))
web = service("web", api)
main = pipeline([db, migrate, api, web], name="shop")
"""
"""A database, a job on it, a server on a port that needs the job, and a page that needs the server."""

SHOP_LEAVES = ["teardown web", "teardown api", "teardown migrate", "teardown db"]
"""What the teardowns of the shop write, in their only right order."""


class Stage:
    """A directory with a pipeline.py, and everything that was started in it."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        self.port = free_port()
        self._token = uuid4().hex
        self._terminals: list[Terminal] = []

    # -- the workspace ------------------------------------------------------------------------------------------------

    def write(self, body: str) -> None:
        """Write pipeline.py: a prelude with `service`, `note`, `python`, and this."""
        head = HEAD.format(order=str(self.order_file))
        (self.root / "pipeline.py").write_text(head + textwrap.dedent(body))

    def write_shop(self) -> None:
        """Write the shop, on a free port."""
        self.write(SHOP.format(port=self.port))

    @property
    def order_file(self) -> Path:
        """Where teardowns write."""
        return self.root / "order.txt"

    def order(self) -> list[str]:
        """Return what teardowns have written, in order."""
        return self.order_file.read_text().splitlines() if self.order_file.exists() else []

    @property
    def env(self) -> dict[str, str]:
        """The environment of everything that is started here."""
        # COLUMNS and LINES would be believed more than the terminal.
        kept = {name: value for name, value in os.environ.items() if name not in {"COLUMNS", "LINES"}}
        return {**kept, _TOKEN: self._token}

    # -- starting -----------------------------------------------------------------------------------------------------

    def open(self, *arguments: str, columns: int = 120, rows: int = 36, **env: str) -> Terminal:
        """Run the program at a new terminal."""
        terminal = Terminal([*PROGRAM, *arguments], columns=columns, rows=rows, cwd=self.root, env={**self.env, **env})
        self._terminals.append(terminal)
        return terminal

    def open_shop(self) -> Terminal:
        """Bring the shop up at a new terminal and wait until all of it is up."""
        self.write_shop()
        terminal = self.open("dev")
        for name in ("db", "api", "web"):
            wait_task(terminal, name, "ready")
        return terminal

    def run(self, *arguments: str, timeout_s: float = 60) -> "subprocess.CompletedProcess[str]":
        """Run the program in a pipe to its end."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            cwd=self.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=timeout_s,
            check=False,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[str]":
        """Run the program in a pipe, in a group of its own."""
        return subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=self.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            process_group=0,
        )

    # -- processes ----------------------------------------------------------------------------------------------------

    def processes(self) -> list[psutil.Process]:
        """Return everything alive that was started here, zombies left out."""
        found = []
        for process in psutil.process_iter():
            try:
                if process.status() != psutil.STATUS_ZOMBIE and self._is_ours(process):
                    found.append(process)
            except (psutil.NoSuchProcess, psutil.AccessDenied, psutil.ZombieProcess):
                continue
        return found

    def _is_ours(self, process: psutil.Process) -> bool:
        if process.environ().get(_TOKEN) == self._token:
            return True
        if GUARDIAN not in process.cmdline():
            return False
        # The guardian has no environment, but it holds the lock of the workspace it guards.
        lock = places_for(self.root).lock
        return lock in open_files(process.pid)

    def process_of(self, words: str) -> psutil.Process:
        """Return the process whose command line holds these words; there is exactly one."""
        found = [process for process in self.processes() if words in " ".join(_command_line(process))]
        assert len(found) == 1, (words, self.listing())
        return found[0]

    def supervisor(self) -> psutil.Process:
        """Return the supervisor process."""
        return self.process_of("tui_runner.control.daemon")

    def listing(self) -> list[str]:
        """Return the command lines of everything alive, for messages."""
        return [f"{process.pid}: {' '.join(_command_line(process))[:100]}" for process in self.processes()]

    def wait_until(self, holds: Callable[[], bool], what: str, deadline_s: float = DEADLINE_S) -> None:
        """Wait until something is so; the terminals are read meanwhile."""
        deadline = monotonic() + deadline_s
        while not holds():
            pictures = [terminal.picture() for terminal in self._terminals]
            assert monotonic() < deadline, "\n".join([f"waited for {what}", *self.listing(), *pictures])
            for terminal in self._terminals:
                terminal.pump(0)
            sleep(_POLL_S)

    def wait_all_gone(self) -> None:
        """Wait until no process that was started here is left."""
        self.wait_until(lambda: not self.processes(), "every process to be gone")

    def assert_all_gone(self) -> None:
        """Assert that no process is left, now, and that the port is free."""
        assert not self.processes(), self.listing()
        assert is_free(self.port)

    def close(self) -> None:
        """Close all windows, wait until what they ran has left, and assert that it did."""
        for terminal in self._terminals:
            terminal.close()
        self._terminals.clear()
        try:
            self.wait_all_gone()
        finally:
            for process in self.processes():
                process.kill()


def open_files(pid: int) -> set[Path]:
    """Return what the descriptors of a process lead to; empty when it has ended."""
    found: set[Path] = set()
    with contextlib.suppress(OSError):
        for file in Path(f"/proc/{pid}/fd").iterdir():
            with contextlib.suppress(FileNotFoundError):  # it closes some meanwhile
                found.add(file.readlink())
    return found


def tree_row(terminal: Terminal, name: str) -> str:
    """Return the row of a task in the tree; empty while there is none."""
    rows = (row[:TREE_WIDTH] for row in terminal.screen())
    return next((row for row in rows if re.match(rf"\W*{re.escape(name)}\s", row + " ")), "")


def wait_task(terminal: Terminal, name: str, words: str) -> None:
    """Wait until the tree shows these words beside a task."""
    terminal.wait_for(lambda: words in tree_row(terminal, name), f"{words!r} beside {name!r} in the tree")


def title(terminal: Terminal) -> str:
    """Return the title line of the first pane."""
    return terminal.screen()[0][TREE_WIDTH:].strip()


def select(terminal: Terminal, name: str) -> None:
    """Go to a task in the tree, which has the focus, and wait until the first pane shows it."""
    terminal.wait_for(lambda: tree_row(terminal, name) != "" and _shown_task(terminal) != "", f"{name!r} in the tree")
    rows = [row[:TREE_WIDTH] for row in terminal.screen()]
    steps = rows.index(tree_row(terminal, name)) - rows.index(tree_row(terminal, _shown_task(terminal)))
    for _ in range(abs(steps)):
        terminal.press("j" if steps > 0 else "k")
    terminal.wait_for(lambda: _shown_task(terminal) == name, f"{name!r} in the first pane")


def _shown_task(terminal: Terminal) -> str:
    # What is searched or filtered for stands in front of the task.
    found = re.search(r"^(?:.*│ )?\S (\S+)  ", title(terminal))
    return found[1] if found else ""


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.create_server(("127.0.0.1", 0)) as door:
        port: int = door.getsockname()[1]
        return port


def is_free(port: int) -> bool:
    """Tell whether a server could listen on a port."""
    with socket.socket() as knock:
        knock.settimeout(1)
        return knock.connect_ex(("127.0.0.1", port)) != 0


def _command_line(process: psutil.Process) -> Iterable[str]:
    try:
        return [str(part) for part in process.cmdline()]
    except (psutil.NoSuchProcess, psutil.ZombieProcess):
        return []
