"""From the key that quits to the death of the last task, and to the end of the program."""

import sys
from statistics import median
from time import perf_counter

from benchmarks.bench import Bench, calm_down, wait_until
from benchmarks.row import Peer, Row, Unit
from benchmarks.screens import OURS, Ends, Screen, contenders

SERVICES = 10
DEAD_LIMIT_MS, GONE_LIMIT_MS = 50.0, 300.0
STOP_TIMEOUT_S, STUBBORN_EXTRA_S = 1.0, 0.2
_KEYS = {OURS: "q", "mprocs": "q", "turbo": "ctrl+c"}
_NAP = "sleep 601"

_STUBBORN = """
import signal, time
for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
    signal.signal(number, signal.SIG_IGN)
print("NOTHING" + "-STOPS-ME", flush=True)
while True:
    time.sleep(600)
"""


def measure(bench: Bench) -> list[Row]:
    """Measure well-behaved services in every program, and a stubborn one in ours: peers wait for it for ever."""
    dead: dict[str, list[float]] = {}
    gone: dict[str, list[float]] = {}
    for _ in range(bench.rounds):
        for program in contenders(bench):
            calm_down()
            died, left = _quit(bench, program)
            dead.setdefault(program, []).append(died * 1000)
            gone.setdefault(program, []).append(left * 1000)
    stubborn = median(_quit_stubborn(bench) for _ in range(bench.rounds))
    return [
        _row(f"quit, {SERVICES} services: all dead", dead, DEAD_LIMIT_MS, "≤ 50 ms"),
        _row(f"quit, {SERVICES} services: terminal back", gone, GONE_LIMIT_MS, "≤ 300 ms"),
        Row(
            what=f"quit, a child that ignores every signal, stop_timeout={STOP_TIMEOUT_S:g}",
            value=stubborn,
            limit=STOP_TIMEOUT_S + STUBBORN_EXTRA_S,
            bar="≤ its stop timeout + 0.2 s",
        ),
    ]


def _row(what: str, taken: dict[str, list[float]], limit: float, bar: str) -> Row:
    medians = {program: median(values) for program, values in taken.items()}
    ours = medians.pop(OURS)
    peers = tuple(Peer(name=name, value=value) for name, value in medians.items())
    return Row(what=what, value=ours, unit=Unit.MILLISECONDS, peers=peers, limit=limit, bar=bar)


def _quit(bench: Bench, program: str) -> tuple[float, float]:
    commands = {f"service{number}": f"echo IS''-UP; exec {_NAP}" for number in range(SERVICES)}
    with Screen(bench, program, commands) as screen:
        screen.until(b"IS-UP")
        wait_until(lambda: _read_and_count(screen) == SERVICES, f"{SERVICES} services in {program}")
        screen.read_for(0.5)
        ends = Ends(screen.pids_of(_NAP))
        start = perf_counter()
        screen.terminal.press(_KEYS[program])

        def over() -> bool:
            screen.terminal.pump(0.001)
            return ends.all_gone() and screen.terminal.exit_code is not None

        wait_until(over, f"the end of {program}")
        return ends.last - start, perf_counter() - start


def _read_and_count(screen: Screen) -> int:
    screen.read_for(0.05)
    return len(screen.pids_of(_NAP))


def _quit_stubborn(bench: Bench) -> float:
    calm_down()
    child = bench.file("child.py", _STUBBORN)
    commands = {"mule": f"exec {sys.executable} -I -S {child}"}
    with Screen(bench, OURS, commands, stop_timeout=STOP_TIMEOUT_S) as screen:
        screen.until(b"NOTHING-STOPS-ME")
        screen.read_for(0.5)
        start = perf_counter()
        screen.terminal.press("q")

        def over() -> bool:
            screen.terminal.pump(0.01)
            return screen.terminal.exit_code is not None

        wait_until(over, "the end")
        return perf_counter() - start
