"""From saving a watched file to the stop signal of the task, with the default options of `watch`, in a tree of some size."""

import subprocess
from pathlib import Path
from statistics import median, quantiles
from time import monotonic, sleep

from benchmarks.bench import PROGRAM, Bench, calm_down, wait_until
from benchmarks.row import Row, Unit

SAVES = 40
FILES = 2_000
LIMIT_MS = 150.0
_PER_DIRECTORY = 20
_PAUSES_S = (0.21, 0.37, 0.53, 0.29)
"""Between a start and the next save: not in step with anything of ours."""

# The clock is the same for all processes of a machine.
_SERVICE = """
import os, signal, sys, time

def stop(*_):
    at = time.monotonic()
    with open("stops", "a") as stops:
        print(at, file=stops)
    os._exit(0)

signal.signal(signal.SIGTERM, stop)
with open("starts", "a") as starts:
    print("x", file=starts)
print("listening", flush=True)
while True:
    signal.pause()
"""


def measure(bench: Bench) -> list[Row]:
    """Save files of a watched tree in turns, in place and by renaming, and let the service note when it is stopped."""
    service = bench.file("service.py", _SERVICE)
    root = bench.workspace(f"""
        from tui_runner import watch
        serve = command([sys.executable, "-I", "-S", {str(service)!r}], ready_when="listening", watch=watch("src"))
        main = pipeline([task("api", commands={{"dev": serve}})])
    """)
    files = _lay(root)
    calm_down()
    dev = [*PROGRAM, "dev", "--no-tui"]
    null = subprocess.DEVNULL
    with subprocess.Popen(dev, cwd=root, env=bench.env, stdout=null, stderr=null) as program:
        try:
            taken_ms = [_save(root, files[7 * number % FILES], number) for number in range(SAVES)]
        finally:
            program.terminate()
    tail = quantiles(taken_ms, n=100, method="inclusive")[94]
    what = f"a save to the stop signal, {FILES:,} watched files"
    return [
        Row(what=f"{what}: median", value=median(taken_ms), unit=Unit.MILLISECONDS, limit=LIMIT_MS, bar="≤ 150 ms"),
        Row(what=f"{what}: 95 %", value=tail, unit=Unit.MILLISECONDS),
    ]


def _lay(root: Path) -> list[Path]:
    files = [root / f"src/d{number // _PER_DIRECTORY}/{number}.py" for number in range(FILES)]
    for file in files:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text("0")
    return files


def _save(root: Path, file: Path, number: int) -> float:
    """Return the milliseconds from the moment the file is there as a whole."""
    wait_until(lambda: len(_lines(root / "starts")) > number, "the service")
    sleep(_PAUSES_S[number % len(_PAUSES_S)])
    if number % 2:
        beside = file.with_suffix(".tmp")
        beside.write_text(f"saved {number}")
        beside.replace(file)
    else:
        file.write_text(f"saved {number}")
    saved = monotonic()
    wait_until(lambda: len(_lines(root / "stops")) > number, "the stop signal")
    return 1000 * (float(_lines(root / "stops")[number]) - saved)


def _lines(file: Path) -> list[str]:
    try:
        return [line for line in file.read_text(encoding="ascii").splitlines(keepends=True) if line.endswith("\n")]
    except FileNotFoundError:
        return []
