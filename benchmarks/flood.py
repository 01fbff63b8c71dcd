"""A million lines at once: how long until the last one is seen, what it costs, and whether the first is still there."""

import sys
from statistics import median
from time import perf_counter

import msgspec

from benchmarks.bench import Bench, calm_down, wait_until
from benchmarks.row import Peer, Row, Unit
from benchmarks.screens import OURS, Meter, Screen, contenders

LINES = 1_000_000
WALL_LIMIT_S, CPU_LIMIT_S, MEMORY_LIMIT_MB = 1.6, 1.0, 250.0
_SLOWEST = "mprocs"
"""Takes a quarter of a minute: measured once."""
_LAST = b"LAST-LINE-SEEN"

_CHILD = """
import os, sys, time
print("waiting", flush=True)
while not os.path.exists(sys.argv[1]):
    time.sleep(0.002)
block = (b"%08d " + b"x" * 90 + b"\\n") * 1000
for first in range(0, int(sys.argv[2]), 1000):
    data = block % tuple(range(first, first + 1000))
    while data:
        data = data[os.write(1, data):]
print("LAST-LINE" + "-SEEN", flush=True)
time.sleep(600)
"""


class Flood(msgspec.Struct, frozen=True, kw_only=True):
    """One flood, from the moment the child may write."""

    wall_s: float
    cpu_s: float
    peak_mb: float
    found_s: float
    """From Enter to the first line of all, in ours; 0 elsewhere."""


def measure(bench: Bench) -> list[Row]:
    """Measure ours and the peers, each in its turn."""
    floods: dict[str, list[Flood]] = {}
    for number in range(bench.rounds):
        for program in contenders(bench):
            if number == 0 or program != _SLOWEST:
                calm_down()
                floods.setdefault(program, []).append(_flood(bench, program))
    middle = {program: _middle(taken) for program, taken in floods.items()}
    ours = middle.pop(OURS)
    what = "1M × 100 B lines"  # noqa: RUF001 - a multiplication sign is meant
    return [
        Row(
            what=f"{what}: last one seen",
            value=ours.wall_s,
            cpu_s=ours.cpu_s,
            peers=tuple(Peer(name=name, value=flood.wall_s, cpu_s=flood.cpu_s) for name, flood in middle.items()),
            limit=WALL_LIMIT_S,
            bar="≤ 1.6 s",
        ),
        Row(
            what=f"{what}: CPU of screen, supervisor, guardian",
            value=ours.cpu_s,
            peers=tuple(Peer(name=name, value=flood.cpu_s) for name, flood in middle.items()),
            limit=CPU_LIMIT_S,
            bar="≤ 1.0 s",
        ),
        Row(
            what=f"{what}: peak memory (PSS)",
            note="all kept",
            value=ours.peak_mb,
            unit=Unit.MEGABYTES,
            peers=tuple(Peer(name=name, value=flood.peak_mb) for name, flood in middle.items()),
            limit=MEMORY_LIMIT_MB,
            bar="≤ 250 MB",
        ),
        Row(
            what=f"{what}: the first one found again by `/`",
            value=ours.found_s * 1000,
            unit=Unit.MILLISECONDS,
            bar="all searchable",
        ),
    ]


def _middle(floods: list[Flood]) -> Flood:
    return Flood(
        wall_s=median(flood.wall_s for flood in floods),
        cpu_s=median(flood.cpu_s for flood in floods),
        peak_mb=median(flood.peak_mb for flood in floods),
        found_s=median(flood.found_s for flood in floods),
    )


def _flood(bench: Bench, program: str) -> Flood:
    child = bench.file("child.py", _CHILD)
    go = child.with_name("go")
    with Screen(bench, program, {"flood": f"exec {sys.executable} -I -S {child} {go} {LINES}"}) as screen:
        screen.until(b"waiting")
        screen.read_for(0.5)
        screen.terminal.draws = False
        meter = Meter(screen.own_pids())
        start = perf_counter()
        go.touch()
        last = _until_last(screen, meter)
        screen.read_for(0.3)
        cpu_s, peak_mb = meter.cpu_s(), meter.peak_mb
        found_s = _find_first(screen) if program == OURS else 0.0
    return Flood(wall_s=last - start, cpu_s=cpu_s, peak_mb=peak_mb, found_s=found_s)


def _until_last(screen: Screen, meter: Meter) -> float:
    found: list[float] = []
    tail = b""

    def look(at: float, data: bytes) -> None:
        nonlocal tail
        if _LAST in tail + data:
            found.append(at)
        tail = data[-len(_LAST) :]

    def seen() -> bool:
        screen.terminal.pump(0.05)
        meter.sample()
        return bool(found)

    usual, screen.terminal.on_read = screen.terminal.on_read, look
    wait_until(seen, "the last line")
    screen.terminal.on_read = usual
    return found[0]


def _find_first(screen: Screen) -> float:
    screen.press("/", b"search")
    screen.read_for(0.2)
    # Written as a pattern, so that what is typed does not look like what is looked for.
    start = perf_counter()
    screen.terminal.type("/^0{8} x/")
    return screen.until(b"00000000") - start
