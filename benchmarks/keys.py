"""From a key to the picture it changes: with nothing going on, beside a busy log, beside one flood and eight."""

import sys
from statistics import median, quantiles

import msgspec

from benchmarks.bench import Bench, calm_down
from benchmarks.row import Peer, Row, Unit
from benchmarks.screens import OURS, Screen, contenders

PRESSES = 40
_PAUSE_S = 0.08
_SETTLE_S = 2.0
# Programs that send only cells that changed must have to send all of these.
_QUIET, _BUSY = b"QQQQQQQQ", b"BBBBBBBB"

_CHILD = """
import os, sys, time
print("B" * 8, flush=True)
lines, pause = int(sys.argv[1]), float(sys.argv[2])
block = b"".join(b"BBBBBBBB %06d " % number + b"y" * 84 + b"\\n" for number in range(lines))
end = time.monotonic() + 30
written = 0
while lines and time.monotonic() < end and written < 600_000_000:
    data = block
    written += len(data)
    while data:
        data = data[os.write(1, data):]
    time.sleep(pause)
time.sleep(600)
"""


class _Situation(msgspec.Struct, frozen=True):
    """What goes on while keys are pressed."""

    name: str
    arguments: str
    """Of each busy child: lines at once, and the pause between."""
    busy: int
    """How many of those there are; one is looked at."""
    limits_ms: tuple[float | None, float]
    """Of median and 95th percentile."""


_SITUATIONS = (
    _Situation("idle", "0 0", 1, (10.0, 20.0)),
    _Situation("beside 10,000 lines/s", "100 0.01", 1, (15.0, 30.0)),
    _Situation("beside a flat-out flood", "1000 0", 1, (None, 50.0)),
    _Situation("beside eight floods", "1000 0", 8, (None, 100.0)),
)


def measure(bench: Bench) -> list[Row]:
    """Go back and forth between a quiet task and a busy one, in every program."""
    rows: list[Row] = []
    for situation in _SITUATIONS:
        name, (middle_limit, tail_limit) = situation.name, situation.limits_ms
        taken = {program: _latencies(bench, program, situation) for program in contenders(bench)}
        ours = taken.pop(OURS)
        if not ours:
            raise TimeoutError(f"no answer to a key, {name}")
        rows += [
            _row(f"key to picture, {name}: median", ours, taken, 50, middle_limit),
            _row(f"key to picture, {name}: 95 %", ours, taken, 95, tail_limit),
        ]
    return rows


def _row(what: str, ours: list[float], peers: dict[str, list[float]], percent: int, limit: float | None) -> Row:
    return Row(
        what=what,
        value=_percentile(ours, percent),
        unit=Unit.MILLISECONDS,
        peers=tuple(
            Peer(name=name, value=_percentile(values, percent) if values else None) for name, values in peers.items()
        ),
        limit=limit,
        bar="" if limit is None else f"≤ {limit:g} ms",
    )


def _percentile(values: list[float], percent: int) -> float:
    return 1000 * (median(values) if percent == 50 else quantiles(values, n=100, method="inclusive")[percent - 1])


def _latencies(bench: Bench, program: str, situation: _Situation) -> list[float]:
    """Return seconds from key to picture; nothing when the program does not answer at all."""
    calm_down()
    child = bench.file("child.py", _CHILD)
    busy = f"exec {sys.executable} -I -S {child} {situation.arguments}"
    others = {f"z{number}": busy for number in range(1, situation.busy)}
    commands = {"busy": busy, "quiet": "echo QQQQ''QQQQ; exec sleep 600", **others}
    with Screen(bench, program, commands) as screen:
        screen.read_for(_SETTLE_S)
        # Some list tasks in the order in which they happened to start.
        texts = (_QUIET, _BUSY) if screen.terminal.contains(_BUSY.decode()) else (_BUSY, _QUIET)
        screen.terminal.draws = False
        taken = []
        try:
            for number in range(PRESSES + 2):
                taken.append(screen.press("jk"[number % 2], texts[number % 2]))
                screen.read_for(_PAUSE_S)
        except TimeoutError:
            return []
        return taken[2:]
