"""What every measurement is given: a place to work, programs to run, a way to time them fairly."""

import os
import sys
import tempfile
import textwrap
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from statistics import median
from time import clock_gettime, monotonic, perf_counter, sleep

import msgspec
import psutil

from benchmarks.peers import Peers

_SCRIPT = Path(sys.executable).with_name("tui-runner")
PROGRAM = (str(_SCRIPT),) if _SCRIPT.exists() else (sys.executable, "-P", "-m", "tui_runner")
"""What a person starts; without an installation the same as a module, which takes a few milliseconds more."""
_CALM_PERCENT = 20.0
_CALM_PATIENCE_S = 6.0
_LOOK_S = 0.004


class Sample(msgspec.Struct, frozen=True, kw_only=True):
    """One execution."""

    wall_s: float
    cpu_s: float
    """Of the program and of all children it waited for."""


class Bench:
    """The surroundings of all measurements."""

    def __init__(self, directory: Path, peers: Peers, rounds: int) -> None:
        self.directory = directory
        self.peers = peers
        self.rounds = rounds
        self.env = _environment(directory)

    def workspace(self, body: str) -> Path:
        """Return a new directory with this pipeline.py; `true`, `python` and `service` help to write it."""
        root = Path(tempfile.mkdtemp(dir=self.directory))
        (root / "pipeline.py").write_text(_HEAD + textwrap.dedent(body), encoding="utf-8")
        return root

    def file(self, name: str, text: str) -> Path:
        """Return a file with this text in a new directory."""
        path = Path(tempfile.mkdtemp(dir=self.directory)) / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    def builderman(self, body: str) -> "Run | None":
        """Return a run of a script on builderman; None when it is not here."""
        if self.peers.node is None or self.peers.builderman is None:
            return None
        script = self.file("script.mjs", "import { task, pipeline } from 'builderman'\n" + textwrap.dedent(body))
        (script.parent / "node_modules").symlink_to(self.peers.builderman.parent)
        return Run((self.peers.node, str(script)), script.parent)

    def compare(self, runs: "Mapping[str, Run | None]") -> dict[str, Sample]:
        """Run every program some times in turns, and return the medians of those that are here.

        Raises:
            RuntimeError: one of them failed, or did not do what its `check` expects.
        """
        there = {name: run for name, run in runs.items() if run is not None}
        samples: dict[str, list[Sample]] = {name: [] for name in there}
        for _ in range(self.rounds):
            for name, run in there.items():
                samples[name].append(self.once(run))
        return {name: middle(taken) for name, taken in samples.items()}

    def peaks_mb(self, runs: "Mapping[str, Run | None]") -> dict[str, float]:
        """Run every program that is here once more, and return the most memory its own processes had together (PSS).

        Not while it is timed: looking takes a while. Children that end at once, as tasks do, are not counted.

        Raises:
            RuntimeError: one of them failed, or did not do what its `check` expects.
        """
        return {name: self._peak_mb(run) for name, run in runs.items() if run is not None}

    def once(self, run: "Run") -> Sample:
        """Run a program to its end without a terminal."""
        run.prepare()
        calm_down()
        start = perf_counter()
        _, status, usage = os.wait4(self._start(run), 0)
        wall = perf_counter() - start
        _check(run, status)
        return Sample(wall_s=wall, cpu_s=usage.ru_utime + usage.ru_stime)

    def _peak_mb(self, run: "Run") -> float:
        run.prepare()
        pid = self._start(run)
        peak = 0.0
        ended, status = 0, 0
        earlier = {pid}
        while not ended:
            family = _family(pid)
            peak = max(peak, memory_mb([member for member in family if member in earlier]))
            earlier = {pid, *family}
            sleep(_LOOK_S)
            ended, status = os.waitpid(pid, os.WNOHANG)
        _check(run, status)
        return peak

    def _start(self, run: "Run") -> int:
        null = os.open(os.devnull, os.O_RDWR)
        actions = [(os.POSIX_SPAWN_DUP2, null, number) for number in range(3)]
        shell = ["/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(run.cwd), *run.command]
        try:
            return os.posix_spawn(shell[0], shell, self.env, file_actions=actions)
        finally:
            os.close(null)


def _nothing() -> None:
    """Do nothing."""


class Run(msgspec.Struct, frozen=True):
    """A program to run, and where."""

    command: Sequence[str]
    cwd: Path
    prepare: Callable[[], None] = _nothing
    """Called before each time; not measured."""
    check: Callable[[], None] = _nothing
    """Called after each time; raises RuntimeError when something else was measured than what was meant."""


def middle(samples: Sequence[Sample]) -> Sample:
    """Return the median of each figure."""
    return Sample(wall_s=median(s.wall_s for s in samples), cpu_s=median(s.cpu_s for s in samples))


def _check(run: Run, status: int) -> None:
    if code := os.waitstatus_to_exitcode(status):
        raise RuntimeError(f"{' '.join(run.command)[:60]} in {run.cwd} ended with {code}")
    run.check()


def _family(pid: int) -> list[int]:
    """Return a process and all its descendants."""
    found = [pid]
    for member in found:
        try:
            texts = [file.read_text(encoding="ascii") for file in Path(f"/proc/{member}/task").glob("*/children")]
        except OSError:
            continue
        found += [int(child) for text in texts for child in text.split()]
    return found


def calm_down() -> None:
    """Wait until the machine is idle, but not for ever."""
    deadline = monotonic() + _CALM_PATIENCE_S
    while psutil.cpu_percent(interval=0.1) > _CALM_PERCENT and monotonic() < deadline:
        sleep(0.2)


def wait_until(holds: Callable[[], bool], what: str, deadline_s: float = 60.0) -> None:
    """Wait for something, checking every few milliseconds.

    Raises:
        TimeoutError: it did not happen in time.
    """
    deadline = monotonic() + deadline_s
    while not holds():
        if monotonic() > deadline:
            raise TimeoutError(f"waited {deadline_s:g} s for {what}")
        sleep(0.002)


def cpu_seconds(pids: Sequence[int]) -> float:
    """Return the CPU time that processes have used, to the nanosecond; one that is gone counts nothing."""
    total = 0.0
    for pid in pids:
        try:
            # The clock of another process, as clock_getcpuclockid(3) makes it.
            total += clock_gettime((~pid << 3) | 2)
        except OSError:
            continue
    return total


def memory_mb(pids: Sequence[int]) -> float:
    """Return the memory of processes, shared pages counted once (PSS)."""
    total = 0
    for pid in pids:
        try:
            text = Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii")
        except OSError:
            continue
        total += next((int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")), 0)
    return total / 1024


def _environment(directory: Path) -> dict[str, str]:
    env = {name: value for name, value in os.environ.items() if not name.startswith(("TUI_RUNNER_", "XDG_"))}
    # Byte code is kept, as it is everywhere but in some containers.
    for name in ("NO_COLOR", "FORCE_COLOR", "NODE_ENV", "CI", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"):
        env.pop(name, None)
    for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME"):
        place = directory / name.lower()
        place.mkdir(mode=0o700, exist_ok=True)
        env[name] = str(place)
    return {**env, "TERM": "xterm-256color", "COLORTERM": "truecolor"}


_HEAD = """\
import sys
from tui_runner import command, pipeline, task

def python(program, *arguments):
    return [sys.executable, "-I", "-S", "-c", program, *map(str, arguments)]

def service(name, **options):
    return task(name, run=command(f"echo {name} is up; exec sleep 600", ready_when="is up", **options))

"""
