"""A stage for faults: at its end no process is left, ports are free, terminals are sane, and teardowns ran as they should."""

import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path

from stage import PROGRAM, Stage
from terminal import DEADLINE_S, Terminal


class FaultScene(Stage):
    """A workspace in which something goes wrong."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        self.torn_down: Sequence[str] | set[str] | None = None
        """What teardowns must have written in the end: exactly this, in this order; a set when any order will do."""
        self._to_be_sane: list[Terminal] = []
        self._started: list[subprocess.Popen[bytes]] = []

    def open(self, *arguments: str, columns: int = 120, rows: int = 36, **env: str) -> Terminal:
        """Run the program at a new terminal, which has to be sane in the end unless its window was closed."""
        terminal = super().open(*arguments, columns=columns, rows=rows, **env)
        self._to_be_sane.append(terminal)
        return terminal

    def start_bytes(
        self, *arguments: str, stdout: int = subprocess.PIPE, stderr: int = subprocess.STDOUT
    ) -> "subprocess.Popen[bytes]":
        """Run the program in a pipe, in a group of its own; what it prints is bytes."""
        started = subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=self.root,
            env=self.env,
            stdin=subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            process_group=0,
        )
        self._started.append(started)
        return started

    def read_until(self, process: "subprocess.Popen[bytes]", *words: bytes) -> bytes:
        """Read what a program prints until all of these were in it."""
        assert process.stdout is not None
        out, missing = [], set(words)
        for line in process.stdout:
            out.append(line)
            missing -= {word for word in missing if word in line}
            if not missing:
                return b"".join(out)
        raise AssertionError(f"ended before {missing!r}: {b''.join(out[-40:])!r}")

    @staticmethod
    def rest_of(process: "subprocess.Popen[bytes]") -> bytes:
        """Wait for the end of a program; return what it printed until then."""
        return process.communicate(timeout=DEADLINE_S * 3)[0]

    def finish(self) -> None:
        """Wait until all is over, then prove what has to hold after every fault."""
        for process in self._started:
            if process.poll() is None:
                os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            for pipe in (process.stdout, process.stderr):
                if pipe is not None:
                    pipe.close()
        alive = [terminal for terminal in self._to_be_sane if not terminal.is_closed]
        for terminal in alive:
            terminal.wait_exit()
        self.wait_all_gone()
        self.assert_all_gone()
        for terminal in alive:
            terminal.assert_sane()
        assert self.torn_down is not None, "the test has to say which teardowns must have run"
        if isinstance(self.torn_down, set):
            assert sorted(self.order()) == sorted(self.torn_down)
        else:
            assert self.order() == list(self.torn_down)
