"""What it costs to look at ten tasks that say nothing."""

from contextlib import ExitStack

from benchmarks.bench import Bench, cpu_seconds
from benchmarks.row import Peer, Row
from benchmarks.screens import OURS, Screen, contenders

SECONDS = 20.0
TASKS = 10
LIMIT_S = 0.05
_SETTLE_S = 3.0
_READY = "ours, ready"


def measure(bench: Bench) -> list[Row]:
    """Let all programs idle side by side: they are in nobody's way."""
    commands = {f"silent{number}": "echo IS''-UP; exec sleep 600" for number in range(TASKS)}
    with ExitStack() as stack:
        screens = [stack.enter_context(Screen(bench, program, commands)) for program in contenders(bench)]
        ready = stack.enter_context(Screen(bench, OURS, commands, ready_when="IS-UP"))
        screens.append(ready)
        for screen in screens:
            screen.until(b"IS-UP")
        _read(screens, _SETTLE_S)
        names = [_READY if screen is ready else screen.program for screen in screens]
        pids = {name: screen.own_pids() for name, screen in zip(names, screens, strict=True)}
        before = {program: cpu_seconds(own) for program, own in pids.items()}
        _read(screens, SECONDS)
        spent = {program: cpu_seconds(own) - before[program] for program, own in pids.items()}
    ours = {name: spent.pop(name) for name in (_READY, OURS)}
    peers = tuple(Peer(name=name, value=value) for name, value in spent.items())
    return [
        Row(
            what=f"idle, {TASKS} silent tasks, {SECONDS:g} s: CPU of all our processes",
            note=note,
            value=ours[name],
            peers=peers,
            limit=LIMIT_S,
            bar="≤ 0.05 s",
        )
        for name, note in ((_READY, "ready"), (OURS, "no probe: their seconds tick"))
    ]


def _read(screens: list[Screen], seconds: float) -> None:
    for _ in range(round(seconds / 0.5)):
        for screen in screens:
            screen.read_for(0.5 / len(screens))
