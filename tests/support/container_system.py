"""A workspace whose tasks are containers, run from outside."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import psutil
from container_room import DEADLINE_S, IMAGE, ContainerRoom
from rig import guardians_of

PROGRAM = [sys.executable, "-P", "-m", "tui_runner"]
HEAD = f"""\
from tui_runner import command, compose, container, healthy, http, pipeline, restart, task, tcp

IMAGE = {IMAGE!r}
POLITE = ["/bin/sh", "-c", "trap 'echo leaves politely; exit 0' TERM; echo is up; while true; do sleep 0.1; done"]
STUBBORN = ["/bin/sh", "-c", "trap '' TERM; echo is up; while true; do sleep 0.1; done"]

"""
COMPOSE_HEAD = "version: '3'\n"
"""Version 1 of docker-compose wants it, the others do not mind."""


def polite(name: str, before: str = "") -> str:
    """Return the command of a service that says so when it comes and goes; `$` is doubled for compose."""
    return f"""["/bin/sh", "-c", "trap 'echo {name} leaves; exit 0' TERM; {before} echo {name} comes; while true; do sleep 0.1; done"]"""


class ContainerSystem:
    """A directory with a pipeline.py and a compose.yaml, and the engine they use."""

    def __init__(self, root: Path, room: ContainerRoom) -> None:
        self.root = root.resolve()
        self.room = room
        self.programs = self.root / "programs"
        """Come first in PATH."""
        self.programs.mkdir()
        self._started: list[subprocess.Popen[bytes]] = []

    def write(self, pipeline: str, compose: str = "") -> None:
        """Write both files."""
        (self.root / "pipeline.py").write_text(HEAD + textwrap.dedent(pipeline))
        (self.root / "compose.yaml").write_text(COMPOSE_HEAD + textwrap.dedent(compose))

    @property
    def env(self) -> dict[str, str]:
        """The environment of everything that is started here."""
        names = ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME")
        places = {name: os.environ[name] for name in names}
        return {**self.room.env, **places, "PATH": f"{self.programs}{os.pathsep}{self.room.env['PATH']}"}

    def stand_in(self, name: str, script: str) -> None:
        """Put a program in front of all others of this name."""
        path = self.programs / name
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)

    def run(self, *arguments: str) -> "subprocess.CompletedProcess[str]":
        """Run the command line to its end."""
        return subprocess.run(
            [*PROGRAM, *arguments],
            cwd=self.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=2 * DEADLINE_S,
            check=False,
        )

    def compose(self, way: str, *arguments: str) -> None:
        """Run a compose program as somebody else would."""
        subprocess.run(
            [*way.split(" "), *arguments],
            cwd=self.root,
            env=self.env,
            capture_output=True,
            timeout=DEADLINE_S,
            check=True,
        )

    def start(self, *arguments: str) -> "subprocess.Popen[bytes]":
        """Start the command line, in a group of its own; what it prints goes into a file."""
        with (self.root / "printed.txt").open("ab") as file:
            process = subprocess.Popen(
                [*PROGRAM, *arguments],
                cwd=self.root,
                env=self.env,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
                process_group=0,
            )
        self._started.append(process)
        return process

    def printed(self) -> str:
        """Return what has been printed by what was started."""
        path = self.root / "printed.txt"
        return path.read_text() if path.exists() else ""

    def until(self, holds: Callable[[], object], what: str) -> None:
        """Wait for something outside."""
        deadline = time.monotonic() + DEADLINE_S
        while not holds():
            assert time.monotonic() < deadline, f"waited for {what}: {self.room.containers()}\n{self.printed()}"
            time.sleep(0.05)

    def until_printed(self, text: str, count: int = 1) -> None:
        """Wait until a text was printed so often."""
        self.until(lambda: self.printed().count(text) >= count, f"{text!r} {count} times")

    def until_empty(self) -> None:
        """Wait until there is no container."""
        self.until(lambda: not self.room.containers(), "all containers to be gone")

    def programs_in_front(self) -> list[int]:
        """Return the processes that stand in front of the containers of this workspace."""
        found = []
        for process in psutil.process_iter(["cmdline"]):
            words: Sequence[str] = process.info["cmdline"] or ()
            if any(word.endswith("tui_runner/containers") for word in words) and self._runs_here(process):
                found.append(process.pid)
        return found

    def _runs_here(self, process: psutil.Process) -> bool:
        try:
            return Path(process.cwd()) == self.root
        except psutil.Error:
            return False

    @staticmethod
    def kill_with_guardian(process: "subprocess.Popen[bytes]") -> None:
        """Kill a supervisor and its guardian in the same moment."""
        victims = [process.pid, *guardians_of(process.pid)]
        assert len(victims) == 2
        for pid in victims:
            os.kill(pid, signal.SIGSTOP)  # so that none sees the other die
        for pid in victims:
            os.kill(pid, signal.SIGKILL)
        process.wait()

    def close(self) -> None:
        """End what a test that failed has left."""
        for process in self._started:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
                process.wait(DEADLINE_S)
        self.until(lambda: not self.programs_in_front(), "the programs in front of containers to end")
