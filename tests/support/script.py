"""A program of a user that uses the library, seen from outside."""

import os
import resource
import signal
import subprocess
import sys
import textwrap
import time
import uuid
from pathlib import Path

from rig import DEADLINE_S, TOKEN, carriers, guardians_of, is_alive

ROOT = Path(__file__).parent.parent.parent
SUPPORT = ROOT / "tests" / "support"
HEAD = """\
import sys
from rig import down, marks, python, service, serving, waits_for
from tui_runner import command, pipeline, task

STUBBORN = python("import signal, time; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); time.sleep(1000)")

def say(name, *_):
    print("ready", name, flush=True)

def tell(result):
    print(result.error and result.error.code.value, result.error and result.error.message, flush=True)
    for stats in result.stats.tasks:
        print(stats.id, stats.status, stats.teardown and stats.teardown.status, flush=True)

"""


class Script:
    """A program of a user, in a directory of its own."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.token = f"script-{uuid.uuid4().hex}"
        self.process: subprocess.Popen[str] | None = None
        self._guardians: list[int] = []

    def start(self, body: str, *, ignore_hup: bool = False, open_files: int | None = None) -> "Script":
        path = self.directory / "script.py"
        path.write_text(HEAD + textwrap.dedent(body))

        def prepare() -> None:
            signal.signal(signal.SIGHUP, signal.SIG_IGN if ignore_hup else signal.SIG_DFL)
            if open_files is not None:
                resource.setrlimit(resource.RLIMIT_NOFILE, (open_files, open_files))

        self.process = subprocess.Popen(
            [sys.executable, str(path)],
            cwd=self.directory,
            env={**os.environ, TOKEN: self.token, "PYTHONPATH": f"{SUPPORT}{os.pathsep}{ROOT}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=prepare,  # noqa: PLW1509 - no threads here
        )
        return self

    @property
    def running(self) -> "subprocess.Popen[str]":
        assert self.process is not None
        return self.process

    def said(self, line: str) -> None:
        """Wait until the script has said this."""
        assert self.running.stdout is not None
        assert self.running.stdout.readline() == f"{line}\n"

    def send(self, number: signal.Signals) -> None:
        self._guardians += guardians_of(self.running.pid)
        self.running.send_signal(number)

    def finish(self) -> tuple[int, str, str]:
        """Wait for its end; return its exit code and what it printed."""
        out, err = self.running.communicate(timeout=DEADLINE_S)
        return self.running.returncode, out, err

    def lines(self, name: str) -> list[str]:
        path = self.directory / name
        return path.read_text().splitlines() if path.exists() else []

    def until_lines(self, name: str, *lines: str) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while self.lines(name) != list(lines):
            assert time.monotonic() < deadline, self.lines(name)
            time.sleep(0.01)

    def close(self) -> None:
        """End it if a test that failed has left it running; check that nothing is left of it."""
        if self.process is not None and self.process.poll() is None:
            self.send(signal.SIGKILL)
        if self.process is not None:
            self.process.communicate()
        self.nobody_left()

    def nobody_left(self) -> None:
        deadline = time.monotonic() + DEADLINE_S
        while left := [*carriers(self.token), *filter(is_alive, self._guardians)]:
            assert time.monotonic() < deadline, left
            time.sleep(0.01)
