"""How long a person looks at nothing: until the first picture, and until the first line a task prints is seen."""

import re
from statistics import median

from benchmarks.bench import Bench, calm_down, cpu_seconds, wait_until
from benchmarks.row import Peer, Row
from benchmarks.screens import OURS, Screen, contenders

PAINT_LIMIT_S, OUTPUT_LIMIT_S = 0.40, 0.35
# The command as it is shown must not look like its output.
_COMMANDS = {"first": "echo FIRST''-OUTPUT; exec sleep 600"}
_OUTPUT = b"FIRST-OUTPUT"
_ALTERNATE = b"\x1b[?1049h"
_TEXT = re.compile(rb"(?:\x1b\[[^@-~]*[@-~]|\x1b[^\[]|[\s\x00-\x1f])*[^\s\x00-\x1f\x1b]{2}")


def measure(bench: Bench) -> list[Row]:
    """Measure `dev` and the peers, each in its turn."""
    paints: dict[str, list[float]] = {}
    outputs: dict[str, list[float]] = {}
    spent: list[float] = []
    for _ in range(bench.rounds):
        for program in contenders(bench):
            calm_down()
            paint, output, cpu_s = _open(bench, program)
            if program == OURS:
                spent.append(cpu_s)
            paints.setdefault(program, []).append(paint)
            outputs.setdefault(program, []).append(output)
    return [
        _row("`dev`: first picture", paints, PAINT_LIMIT_S, "≤ 0.40 s (goal 0.25 s)", median(spent)),
        _row("`dev`: first output seen", outputs, OUTPUT_LIMIT_S, "≤ 0.35 s"),
    ]


def _row(what: str, taken: dict[str, list[float]], limit: float, bar: str, cpu_s: float | None = None) -> Row:
    medians = {program: median(values) for program, values in taken.items()}
    ours = medians.pop(OURS)
    peers = tuple(Peer(name=name, value=value) for name, value in medians.items())
    return Row(what=what, value=ours, cpu_s=cpu_s, peers=peers, limit=limit, bar=bar)


def _open(bench: Bench, program: str) -> tuple[float, float, float]:
    """Return the seconds to the first picture and the first output, and the CPU time of the screen at the picture."""
    with Screen(bench, program, _COMMANDS) as screen:
        painted: list[float] = []
        shown: list[float] = []
        written = bytearray()

        def look(at: float, data: bytes) -> None:
            written.extend(data)
            _, entered, after = written.partition(_ALTERNATE)
            if not painted and entered and _TEXT.match(after):
                painted.extend((at, cpu_seconds([screen.terminal.pid])))
            if not shown and _OUTPUT in written:
                shown.append(at)

        def seen() -> bool:
            screen.terminal.pump(0.05)
            return bool(shown and painted)

        screen.terminal.on_read = look
        start = screen.terminal.started_at
        wait_until(seen, f"the first picture of {program}")
        return painted[0] - start, shown[0] - start, painted[1]
