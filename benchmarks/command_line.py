"""How long the shortest commands take: help, and one task that does nothing."""

import sys

from benchmarks.bench import PROGRAM, Bench, Run
from benchmarks.row import Peer, Row, Unit

HELP_LIMIT_MS = 60.0


def measure(bench: Bench) -> list[Row]:
    """Measure `--help`, a headless run of one `true`, and the same through the library."""
    return [_help(bench), *_one_task(bench)]


def _help(bench: Bench) -> Row:
    taken = bench.compare({
        "ours": Run((*PROGRAM, "--help"), bench.directory),
        "python -c pass": Run((sys.executable, "-c", "pass"), bench.directory),
    })  # fmt: skip
    floor = taken["python -c pass"]
    return Row(
        what="`tui-runner --help`",
        value=taken["ours"].wall_s * 1000,
        unit=Unit.MILLISECONDS,
        cpu_s=taken["ours"].cpu_s,
        peers=(Peer(name="python -c pass", value=floor.wall_s * 1000, cpu_s=floor.cpu_s),),
        limit=HELP_LIMIT_MS,
        bar="≤ 60 ms",
    )


def _one_task(bench: Bench) -> list[Row]:
    root = bench.workspace("main = pipeline([task('one', run='true')])")
    script = bench.file(
        "script.py",
        """
        from tui_runner import pipeline, task
        raise SystemExit(not pipeline([task("one", run="true")]).run_sync().ok)
        """,
    )
    taken = bench.compare({
        "verb": Run((*PROGRAM, "run", "one"), root),
        "library": Run((sys.executable, str(script)), script.parent),
        "builderman": bench.builderman(
            """
            const result = await pipeline([task({ name: "one", commands: { build: "true" } })]).run({ command: "build" })
            process.exit(result.ok ? 0 : 1)
            """
        ),
    })  # fmt: skip
    peer = taken.get("builderman")
    peers = () if peer is None else (Peer(name="builderman", value=peer.wall_s * 1000, cpu_s=peer.cpu_s),)
    return [
        Row(
            what=what,
            value=taken[name].wall_s * 1000,
            unit=Unit.MILLISECONDS,
            cpu_s=taken[name].cpu_s,
            peers=peers,
            limit=None if peer is None else peer.wall_s * 1000,
            bar="≤ builderman",
        )
        for name, what in (("verb", "one `true`: `tui-runner run one`"), ("library", "one `true`: the library"))
    ]
