"""Many tasks that do nothing: side by side, and one after the other."""

import sys

from benchmarks.bench import PROGRAM, Bench, Run
from benchmarks.beside_builderman import LIBRARY, PEER, VERB, memory_rows, time_rows
from benchmarks.row import Row

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
    runs = {
        VERB: Run((*PROGRAM, "run", *targets), root),
        LIBRARY: Run((sys.executable, str(script)), script.parent),
        PEER: bench.builderman(
            f"const result = await pipeline({peer_tasks}).run({{ command: 'build' }})\nprocess.exit(result.ok ? 0 : 1)\n"
        ),
    }
    return [*time_rows(what, bench.compare(runs), FACTOR), *memory_rows(what, bench.peaks_mb(runs))]
