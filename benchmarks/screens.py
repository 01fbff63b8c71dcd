"""Terminal UIs side by side: ours, mprocs and turbo showing the same commands on terminals of the same size."""

import json
import os
import select
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path
from time import perf_counter
from types import TracebackType
from typing import Self

import psutil
from terminal import Terminal

from benchmarks.bench import PROGRAM, Bench, cpu_seconds, memory_mb, wait_until

OURS = "tui-runner"
COLUMNS, ROWS = 120, 36
_PATIENCE_S = 20.0
_SAMPLE_S = 0.1
_OWN_PARTS = ("tui_runner.control.daemon", "guardian/__main__.py")


def contenders(bench: Bench) -> list[str]:
    """Return the programs that are here, ours first."""
    peers = (("mprocs", bench.peers.mprocs), ("turbo", bench.peers.turbo))
    return [OURS, *(name for name, path in peers if path is not None)]


class Screen:
    """A terminal UI that shows some shell commands, each a task of its own, from its start on."""

    def __init__(self, bench: Bench, program: str, commands: Mapping[str, str], **options: object) -> None:
        self.program = program
        self._tail = b""
        self._wanted: bytes | None = None
        self._seen_at = 0.0
        command, root = _prepare(bench, program, commands, options)
        self.terminal = Terminal(command, columns=COLUMNS, rows=ROWS, cwd=root, env=bench.env)
        self.terminal.keep_output = False
        self.terminal.on_read = self._look

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End it and whatever it leaves behind."""
        left = self.family()
        self.terminal.close()
        if self.program == OURS:
            # Ours goes by itself once its screen is gone.
            _, left = psutil.wait_procs(left, timeout=10)
        for process in left:
            if process.is_running():
                process.kill()

    def until(self, text: bytes) -> float:
        """Wait until the program has written these bytes and return when they were read (`perf_counter`).

        Raises:
            TimeoutError: it did not.
        """
        self._wanted = text
        wait_until(self._pump_until_seen, f"{text!r} from {self.program}", _PATIENCE_S)
        return self._seen_at

    def press(self, key: str, text: bytes) -> float:
        """Press a key and return the seconds until these bytes were written because of it."""
        self.settle()
        self._tail = b""
        pressed = perf_counter()
        self.terminal.press(key)
        return self.until(text) - pressed

    def settle(self) -> None:
        """Read what is there already."""
        self.terminal.pump(0)

    def read_for(self, seconds: float) -> None:
        """Go on reading for a while."""
        end = perf_counter() + seconds
        while (left := end - perf_counter()) > 0:
            self.terminal.pump(left)

    def family(self) -> list[psutil.Process]:
        """Return everything the program has started."""
        try:
            found: list[psutil.Process] = psutil.Process(self.terminal.pid).children(recursive=True)
        except psutil.NoSuchProcess:
            return []
        return found

    def own_pids(self) -> list[int]:
        """Return the processes that are the program itself: of a peer its main process only."""
        pids = [self.terminal.pid]
        if self.program == OURS:
            pids += [p.pid for p in self.family() if any(part in " ".join(p.cmdline()) for part in _OWN_PARTS)]
        return pids

    def pids_of(self, words: str) -> list[int]:
        """Return the processes it runs whose command line is this."""
        return [process.pid for process in self.family() if " ".join(process.cmdline()) == words]

    def _look(self, at: float, data: bytes) -> None:
        if self._wanted is None:
            return
        seen = self._tail + data
        if self._wanted in seen:
            self._seen_at, self._wanted, self._tail = at, None, b""
        else:
            self._tail = seen[-len(self._wanted) :]

    def _pump_until_seen(self) -> bool:
        if self._wanted is not None:
            self.terminal.pump(0.05)
        return self._wanted is None


class Meter:
    """CPU time and peak memory of processes over a while."""

    def __init__(self, pids: list[int]) -> None:
        self._pids = pids
        self._before = cpu_seconds(pids)
        self._sampled = 0.0
        self.peak_mb = memory_mb(pids)

    def sample(self) -> None:
        """Look at the memory, ten times a second at most."""
        if perf_counter() - self._sampled > _SAMPLE_S:
            self._sampled = perf_counter()
            self.peak_mb = max(self.peak_mb, memory_mb(self._pids))

    def cpu_s(self) -> float:
        """Return the CPU time since the beginning."""
        return cpu_seconds(self._pids) - self._before


class Ends:
    """Tells when processes have ended, to the millisecond."""

    def __init__(self, pids: list[int]) -> None:
        self._open = {os.pidfd_open(pid) for pid in pids}
        self.last = 0.0
        """When the last one so far ended (`perf_counter`)."""

    def all_gone(self) -> bool:
        """Look once more, and tell whether none is left."""
        ready, _, _ = select.select(list(self._open), [], [], 0)
        for descriptor in ready:
            os.close(descriptor)
            self._open.discard(descriptor)
            self.last = perf_counter()
        return not self._open


def _prepare(
    bench: Bench, program: str, commands: Mapping[str, str], options: Mapping[str, object]
) -> tuple[list[str], Path]:
    if program == OURS:
        extra = "".join(f", {name}={value!r}" for name, value in options.items())
        tasks = ", ".join(f"task({name!r}, run=command({run!r}{extra}))" for name, run in commands.items())
        return [*PROGRAM, "dev"], bench.workspace(f"main = pipeline([{tasks}])")
    root = Path(tempfile.mkdtemp(dir=bench.directory))
    if program == "mprocs":
        return [str(bench.peers.mprocs), *commands.values()], root
    _write_json(root / "package.json", {"name": "bench", "private": True, "workspaces": ["packages/*"]} | _NPM)
    _write_json(root / "turbo.json", {"ui": "tui", "tasks": {"dev": {"cache": False, "persistent": True}}})
    for name, run in commands.items():
        scripts = {"dev": f"sh -c {shlex.quote(run)}"}
        _write_json(root / "packages" / name / "package.json", {"name": name, "version": "1.0.0", "scripts": scripts})
    concurrency = str(len(commands) + 1)
    return [str(bench.peers.turbo), "run", "dev", "--no-daemon", "--concurrency", concurrency], root


_NPM = {"packageManager": "npm@10.0.0"}


def _write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value), encoding="utf-8")
