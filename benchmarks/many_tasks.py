"""Many tasks that do nothing: side by side, and one after the other."""

import sys

from benchmarks.bench import PROGRAM, Bench, Run
from benchmarks.row import Peer, Row

FACTOR = 0.8


def measure(bench: Bench) -> list[Row]:
    """Measure 1,000 independent tasks and a chain of 200, by the verb and by the library."""
    return [
        *_measure(
            bench,
            "1,000 independent `true`",
            "[task(f't{i}', run='true') for i in range(1000)]",
            "Array.from({ length: 1000 }, (_, i) => task({ name: `t${i}`, commands: { build: 'true' } }))",
        ),
        *_measure(
            bench,
            "chain of 200 `true`",
            "[task(f't{i}', run='true', depends_on=[f't{i - 1}'] if i else []) for i in range(200)]",
            """(() => {
                const tasks = []
                for (let i = 0; i < 200; i++) {
                    const before = i ? [tasks[i - 1]] : []
                    tasks.push(task({ name: `t${i}`, commands: { build: "true" }, dependencies: before }))
                }
                return tasks
            })()""",
        ),
    ]


def _measure(bench: Bench, what: str, tasks: str, peer_tasks: str) -> list[Row]:
    last = "t199" if "200" in what else None
    targets = [last] if last else [f"t{number}" for number in range(1000)]
    root = bench.workspace(f"main = pipeline({tasks})")
    script = bench.file(
        "script.py",
        f"from tui_runner import pipeline, task\nraise SystemExit(not pipeline({tasks}).run_sync(mode='build').ok)\n",
    )
    taken = bench.compare({
        "verb": Run((*PROGRAM, "run", *targets), root),
        "library": Run((sys.executable, str(script)), script.parent),
        "builderman": bench.builderman(
            f"const result = await pipeline({peer_tasks}).run({{ command: 'build' }})\nprocess.exit(result.ok ? 0 : 1)\n"
        ),
    })  # fmt: skip
    peer = taken.get("builderman")
    return [
        Row(
            what=f"{what}: {name}",
            value=taken[key].wall_s,
            cpu_s=taken[key].cpu_s,
            peers=() if peer is None else (Peer(name="builderman", value=peer.wall_s, cpu_s=peer.cpu_s),),
            limit=None if peer is None else FACTOR * peer.wall_s,
            bar="≤ 80 % of builderman",
        )
        for key, name in (("verb", "`tui-runner run`"), ("library", "the library"))
    ]
