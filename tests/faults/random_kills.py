"""Kills the runner at random moments, again and again, and looks at what is left: `random_kills.py --help`.

Each round brings a small hostile system up, kills at some moment of its start, its life, a restart, its end or its
teardowns, and then finds out: no process of it is left, its ports are free, every task that was up was torn down once
and in order, and the next start works. Rounds can be repeated: the same seed gives the same rounds.
"""

import argparse
import contextlib
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import time
import uuid
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Literal, NamedTuple

from rig import carriers, guardians_of
from stage import free_port, is_free

from tui_runner.control.blocking_client import BlockingClient
from tui_runner.control.lock import holder_of
from tui_runner.control.places import places_for

DEADLINE_S = 60.0
"""How long to wait for what must happen; only failures take so long."""
_POLL_S = 0.01
_TOKEN = "RANDOM_KILLS"
_PROGRAM = [sys.executable, "-P", "-m", "tui_runner"]
_DAEMON = "tui_runner.control.daemon"
_ESCAPEE = Path(__file__).parent.parent / "executors" / "programs" / "escapee.py"

Victim = Literal["supervisor", "group", "both"]
"""Who is killed: the supervisor alone, its whole process group, or the supervisor together with its guardian."""
Way = Literal["lines", "detached"]
"""How the system was started: `dev --no-tui` in the foreground, or `dev --detach`."""
Phase = Literal["start", "life", "restart", "stop", "teardown"]

WAYS: tuple[Way, ...] = ("lines", "detached")
LONGEST_WAIT_S: dict[Phase, float] = {"start": 1.2, "life": 0.3, "restart": 0.4, "stop": 0.5, "teardown": 0.15}
"""When a phase has begun the kill comes after up to so many seconds."""

NEEDS = {
    "db": (),
    "migrate": ("db",),
    "daemon": ("db",),
    "clean": ("db",),
    "stubborn": (),
    "api": ("migrate", "stubborn"),
    "web": ("api",),
}
"""The system: what each task depends on."""

_PIPELINE = """\
import sys
from tui_runner import command, pipeline, restart, task, tcp

PYTHON = [sys.executable, "-I", "-S"]
SERVER = '''
import os, socket, sys
door = socket.create_server(("127.0.0.1", int(sys.argv[1])))
while True:
    door.accept()[0].close()
'''

def part(name, run, **options):
    teardown = f"echo begin {{name}} >> downs; sleep 0.03; echo end {{name}} >> downs"
    up = command(f"echo {{name}} >> ups; {{run}}", teardown=teardown, stop_timeout=0.2, **options)
    return task(name, commands={{"dev": up}}, depends_on={needs!r}[name])

def serves(name, port):
    return part(name, f"exec {{sys.executable}} -I -S -c '{{SERVER}}' {{port}}", ready_when=tcp(port))

def escapes(name, kind):
    return part(name, f"exec {{sys.executable}} -I -S {escapee} {{kind}} {token}")

main = pipeline([
    serves("db", {ports[0]}),
    part("migrate", "echo migrated"),
    escapes("daemon", "daemon"),
    escapes("clean", "daemon-clean"),
    part("stubborn", "trap '' TERM INT HUP; echo is up; while :; do sleep 0.05; done", ready_when="is up"),
    serves("api", {ports[1]}),
    part("web", "setsid sleep 600 & sleep 600 & echo is up; wait", ready_when="is up",
         restart=restart("always", delay=0.05)),
    task("probe", commands={{"build": "true"}}),
])
"""


class Blow(NamedTuple):
    """One round: who is killed, how it was started, and when the kill comes."""

    number: int
    victim: Victim
    way: Way
    phase: Phase
    wait_s: float

    def __str__(self) -> str:
        return f"round {self.number}: {self.victim} of {self.way}, {self.wait_s:.3f} s into {self.phase}"


class Outcome(NamedTuple):
    """What came of a round."""

    blow: Blow
    hit: bool
    """Whether there was somebody to kill; a system may have ended before."""
    cleaned_after_s: float
    faults: tuple[str, ...]


class Ground:
    """A workspace that rounds are played in, one after the other: each start is the next start of the round before."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()
        self._token = f"kills-{uuid.uuid4().hex}"
        self._ports = (free_port(), free_port())
        self._places = places_for(self._root)
        text = _PIPELINE.format(needs=NEEDS, escapee=_ESCAPEE, token=self._token, ports=self._ports)
        (self._root / "pipeline.py").write_text(text)

    # -- one round ----------------------------------------------------------------------------------------------------

    def play(self, blow: Blow) -> Outcome:
        """Play a round to its end."""
        for name in ("ups", "downs"):
            (self._root / name).unlink(missing_ok=True)
        verb = ("dev", "--no-tui") if blow.way == "lines" else ("dev", "--detach")
        with self._start(*verb) as starting:
            faults: list[str] = []
            killed: list[int] = []
            try:
                self._reach(blow, starting)
                time.sleep(blow.wait_s)
            except TimeoutError as error:
                faults.append(str(error))
            finally:
                killed = self._kill(blow, starting)
            starting.wait()
        began = time.monotonic()
        told = self._next_start(faults) if blow.victim == "both" else ""
        self._wait_for_the_end(faults)
        took = time.monotonic() - began
        faults += self._wrong_teardowns(told)
        faults += [f"port {port} is not free" for port in self._ports if not is_free(port)]
        if blow.victim != "both" and self._next_start(faults):
            faults.append("the next start had to clean up")
        return Outcome(blow, bool(killed), took, tuple(faults))

    def _start(self, *words: str) -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            [*_PROGRAM, *words],
            cwd=self._root,
            env={**os.environ, _TOKEN: self._token},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            process_group=0,
        )

    def _reach(self, blow: Blow, starting: "subprocess.Popen[bytes]") -> None:
        """Bring the system to where the phase begins."""
        if blow.phase == "start":
            return
        _wait(lambda: "web" in self._lines("ups"), "the system to come up")
        match blow.phase:
            case "restart":
                self._ask("restart", random.Random(blow.wait_s).choice(("db", "api", "web", "stubborn")))
            case "stop" | "teardown" if blow.way == "lines":
                starting.send_signal(signal.SIGINT)
            case "stop" | "teardown":
                self._ask("down")
            case _:
                pass
        if blow.phase == "teardown":
            _wait(lambda: self._lines("downs") != [], "a teardown to begin")

    def _ask(self, verb: Literal["restart", "down"], task: str | None = None) -> None:
        with BlockingClient.connect(self._places.socket) as client:
            client.request(verb, task, wait=False)

    def _kill(self, blow: Blow, starting: "subprocess.Popen[bytes]") -> list[int]:
        """Kill whom the round is about; return who that was."""
        supervisors = [pid for pid, shown in carriers(self._token).items() if _DAEMON in shown]
        if not supervisors and starting.poll() is None:
            supervisors = [starting.pid]
        victims = supervisors + ([starting.pid] if starting.poll() is None else [])
        if blow.victim == "both":
            victims = [*supervisors, *(guardian for pid in supervisors for guardian in guardians_of(pid))]
            for pid in victims:
                _signal(pid, signal.SIGSTOP)
        for pid in dict.fromkeys(victims):
            _signal(pid, signal.SIGKILL, group=blow.victim == "group")
        return victims

    # -- what is left -------------------------------------------------------------------------------------------------

    def _wait_for_the_end(self, faults: list[str]) -> None:
        with contextlib.suppress(TimeoutError):
            _wait(lambda: holder_of(self._places.lock) is None and not carriers(self._token), "everything to be gone")
            return
        faults.append(f"left behind: {carriers(self._token)}, lock held by {holder_of(self._places.lock)}")
        for pid in carriers(self._token):
            _signal(pid, signal.SIGKILL)

    def _wrong_teardowns(self, told: str) -> Iterator[str]:
        ups, lines = set(self._lines("ups")), self._lines("downs")
        downs = Counter(line for line in lines if line.startswith("begin"))
        ends = Counter(line for line in lines if line.startswith("end"))
        for name, needs in NEEDS.items():
            began, ended = downs[f"begin {name}"], ends[f"end {name}"]
            unknown = f"`{name}` had begun" in told
            if began > 1 or ended > 1:
                yield f"{name} was torn down {began} times, {ended} to its end"
            elif (began == 0 or ended == 0) and name in ups and not unknown:
                yield f"{name} was up and was not torn down: {began} began, {ended} ended"
            yield from self._too_early(name, needs, lines)

    @staticmethod
    def _too_early(name: str, needs: Sequence[str], lines: list[str]) -> Iterator[str]:
        if f"end {name}" not in lines:
            return
        until = lines.index(f"end {name}")
        for need in needs:
            if f"begin {need}" in lines[:until]:
                yield f"{need} was torn down before {name}, which needs it"

    def _next_start(self, faults: list[str]) -> str:
        """Run something small; return what it says of a run before that had to be cleaned up."""
        done = subprocess.run(
            [*_PROGRAM, "run", "probe"],
            cwd=self._root,
            env={**os.environ, _TOKEN: self._token},
            capture_output=True,
            text=True,
            timeout=DEADLINE_S,
            check=False,
        )
        if done.returncode != 0:
            faults.append(f"the next start ended with {done.returncode}: {done.stdout}{done.stderr}")
        return done.stderr if "killed together" in done.stderr else ""

    def _lines(self, name: str) -> list[str]:
        path = self._root / name
        return path.read_text().splitlines() if path.exists() else []


def _signal(pid: int, number: signal.Signals, *, group: bool = False) -> None:
    with contextlib.suppress(ProcessLookupError):
        if group:
            os.killpg(os.getpgid(pid), number)
        else:
            os.kill(pid, number)


def _wait(holds: Callable[[], bool], what: str) -> None:
    deadline = time.monotonic() + DEADLINE_S
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {DEADLINE_S:g} s for {what}")
        time.sleep(_POLL_S)


def blows(seed: int, counts: dict[Victim, int]) -> list[Blow]:
    """Return the rounds of a seed."""
    chance = random.Random(seed)
    victims = [victim for victim, count in counts.items() for _ in range(count)]
    phases: tuple[Phase, ...] = tuple(LONGEST_WAIT_S)
    made = []
    for number, victim in enumerate(victims):
        phase = phases[number % len(phases)]
        made.append(Blow(number, victim, chance.choice(WAYS), phase, chance.uniform(0, LONGEST_WAIT_S[phase])))
    return made


def play(rounds: Sequence[Blow], jobs: int, tell: Callable[[str], None]) -> list[Outcome]:
    """Play all rounds, several at once, each row of them in a workspace of its own."""
    done: list[Outcome] = []

    def row(number: int) -> None:
        with tempfile.TemporaryDirectory(prefix="random-kills-", ignore_cleanup_errors=True) as root:
            ground = Ground(Path(root))
            for blow in rounds[number::jobs]:
                outcome = ground.play(blow)
                done.append(outcome)
                for fault in outcome.faults:
                    tell(f"{blow}: {fault}")

    with ThreadPoolExecutor(jobs) as rows:
        list(rows.map(row, range(jobs)))
    return done


def summary(outcomes: Sequence[Outcome]) -> str:
    """Return how all rounds went, for people."""
    lines = []
    for victim in ("supervisor", "group", "both"):
        those = [outcome for outcome in outcomes if outcome.blow.victim == victim]
        if not those:
            continue
        wrong = sum(bool(outcome.faults) for outcome in those)
        times = [outcome.cleaned_after_s for outcome in those]
        phases = Counter(outcome.blow.phase for outcome in those if outcome.hit)
        lines.append(
            f"{victim}: {len(those)} rounds, {sum(phases.values())} hit somebody "
            f"({', '.join(f'{count} in {phase}' for phase, count in phases.items())}); {wrong} went wrong; "
            f"all gone after {statistics.median(times):.2f} s in the median, {max(times):.2f} s at most"
        )
    return "\n".join(lines)


def main() -> int:
    """Play as many rounds as were asked for; 1 when one of them went wrong."""
    parser = argparse.ArgumentParser(description="Kill the runner at random moments and look at what is left.")
    parser.add_argument("--supervisor", type=int, default=0, help="rounds in which the supervisor is killed")
    parser.add_argument("--group", type=int, default=0, help="rounds in which its whole process group is killed")
    parser.add_argument("--both", type=int, default=0, help="rounds in which its guardian is killed with it")
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().randrange(1 << 32), help="repeat these rounds"
    )
    parser.add_argument("--jobs", type=int, default=2, help="rounds at once (default: %(default)s)")
    asked = parser.parse_args()
    print(f"seed {asked.seed}", flush=True)
    rounds = blows(asked.seed, {"supervisor": asked.supervisor, "group": asked.group, "both": asked.both})
    with tempfile.TemporaryDirectory(prefix="random-kills-xdg-") as places:
        for name in ("XDG_RUNTIME_DIR", "XDG_STATE_HOME", "XDG_CONFIG_HOME"):
            os.environ[name] = str(Path(places, name))
            Path(os.environ[name]).mkdir(mode=0o700)
        outcomes = play(rounds, max(1, min(asked.jobs, len(rounds))), lambda line: print(line, flush=True))
    print(summary(outcomes))
    return int(any(outcome.faults for outcome in outcomes))


if __name__ == "__main__":
    sys.exit(main())
