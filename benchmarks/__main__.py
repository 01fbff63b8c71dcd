"""Runs the measurements: `python -m benchmarks [NAME…] [--rounds N] [--write]`."""

import argparse
import compileall
import importlib
import sys
import tempfile
from pathlib import Path

from benchmarks import ROOT
from benchmarks.bench import Bench
from benchmarks.machine import describe
from benchmarks.peers import VERSIONS, Peers, install
from benchmarks.row import Row, Skipped
from benchmarks.table import table

MEASUREMENTS = (
    "command_line",
    "many_tasks",
    "cached",
    "first_paint",
    "flood",
    "keys",
    "chatty",
    "search",
    "saving",
    "idle",
    "quitting",
)
"""Modules of this package with `measure(bench)`, in the order of the table."""

_PAGE = ROOT / "docs" / "benchmarks.md"
_TITLE = """\
# Benchmarks

`make bench` measures what follows; `python -m benchmarks --write` writes this page. Peers run in the same minutes on the
same machine, in turns with ours; every figure is a median. CPU seconds are sounder than wall time on a busy machine.
Peers are installed from npm into a cache of their own and left out where npm is missing. No test depends on time.
"""


def main() -> int:
    """Measure, print the table, and with `--write` put it into the documentation."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which of: {', '.join(MEASUREMENTS)}")
    parser.add_argument("--rounds", type=int, default=5, help="repetitions of each figure (default: %(default)s)")
    parser.add_argument("--write", action="store_true", help="write docs/benchmarks.md")
    arguments = parser.parse_args()
    if unknown := set(arguments.names) - set(MEASUREMENTS):
        parser.error(f"there is no measurement {', '.join(sorted(unknown))}")
    facts = describe()
    for package in ("tui_runner", "widgets"):
        compileall.compile_dir(ROOT / package, quiet=1)  # as an installation does
    peers = install()
    facts.append(_peer_fact(peers))
    print("\n".join(facts), file=sys.stderr)
    rows = _measure(arguments.names or MEASUREMENTS, peers, arguments.rounds)
    text = table(rows)
    print(text)
    if arguments.write:
        listed = "\n".join(f"- {fact}" for fact in facts)
        _PAGE.write_text(f"{_TITLE}\n{listed}\n\n{text}\n", encoding="utf-8")
    return 0


def _peer_fact(peers: Peers) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in VERSIONS.items())
    return f"Peers: {versions}" + (f" ({peers.missing})" if peers.missing else "")


def _measure(names: "list[str] | tuple[str, ...]", peers: Peers, rounds: int) -> list[Row | Skipped]:
    rows: list[Row | Skipped] = []
    with tempfile.TemporaryDirectory(prefix="tui-runner-bench-", ignore_cleanup_errors=True) as directory:
        bench = Bench(Path(directory), peers, rounds)
        for name in names:
            print(f"… {name}", file=sys.stderr, flush=True)
            try:
                rows += importlib.import_module(f"benchmarks.{name}").measure(bench)
            except (OSError, RuntimeError, AssertionError) as error:
                rows.append(Skipped(what=name, why=str(error).splitlines()[0][:120]))
    return rows


if __name__ == "__main__":
    raise SystemExit(main())
