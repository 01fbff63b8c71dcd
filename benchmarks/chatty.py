"""What it costs to look at twenty services that talk all the time."""

import sys
from contextlib import ExitStack

from benchmarks.bench import Bench, calm_down, cpu_seconds
from benchmarks.row import Peer, Row, Unit
from benchmarks.screens import OURS, Screen, contenders

SERVICES = 20
LINES_PER_S = 500
SECONDS = 10.0
LIMIT_PERCENT = 15.0
_SETTLE_S = 3.0

_CHILD = """
import os, sys, time
block, due = (b"%08d " + b"x" * 90 + b"\\n") * 25, time.monotonic()
for first in range(0, 1 << 30, 25):
    os.write(1, block % tuple(range(first, first + 25)))
    due += 25 / int(sys.argv[1])
    time.sleep(max(0, due - time.monotonic()))
"""


def measure(bench: Bench) -> list[Row]:
    """Look at one of the services in every program, each in its turn."""
    spent = {program: _spent(bench, program) for program in contenders(bench)}
    ours = spent.pop(OURS)
    what = f"{SERVICES} services at {LINES_PER_S} lines/s each"
    return [
        Row(
            what=f"{what}: CPU of the screen",
            value=ours[0],
            unit=Unit.PERCENT,
            limit=LIMIT_PERCENT,
            bar="≤ 15 % of a core",
        ),
        Row(
            what=f"{what}: CPU of all our processes",
            value=sum(ours),
            unit=Unit.PERCENT,
            peers=tuple(Peer(name=name, value=sum(values)) for name, values in spent.items()),
        ),
    ]


def _spent(bench: Bench, program: str) -> list[float]:
    """Return the share of a core in percent that each process of a program takes, the screen first."""
    calm_down()
    child = bench.file("chatty.py", _CHILD)
    commands = {f"s{number:02}": f"exec {sys.executable} -I -S {child} {LINES_PER_S}" for number in range(SERVICES)}
    with ExitStack() as stack:
        screen = stack.enter_context(Screen(bench, program, commands))
        screen.until(b"x" * 40)
        screen.terminal.draws = False
        screen.read_for(_SETTLE_S)
        pids = screen.own_pids()
        before = [cpu_seconds([pid]) for pid in pids]
        screen.read_for(SECONDS)
        return [(cpu_seconds([pid]) - then) / SECONDS * 100 for pid, then in zip(pids, before, strict=True)]
