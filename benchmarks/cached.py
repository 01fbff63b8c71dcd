"""A hundred cached tasks with a thousand inputs each: the first run, one with nothing to do, and what either needs.

All programs work in one directory with the same inputs; each has a cache and outputs of its own. Every run is checked:
a cache that says no would be measured as something else.
"""

import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from benchmarks import cached_files
from benchmarks.bench import PROGRAM, Bench, Run
from benchmarks.beside_builderman import LIBRARY, PEER, VERB, memory_rows, time_rows
from benchmarks.file_tree import FILES, SETS, make_file_tree
from benchmarks.row import Row
from tui_runner.model.result import TaskStats
from tui_runner.records.execution import read_execution

FACTOR = 0.5
RESTORED = 1000
_WHAT = f"{SETS} cached tasks x {FILES:,} inputs"

_TASKS = f"""\
from tui_runner import cache, command, pipeline, task

main = pipeline([
    task(f"t{{number}}", cwd=f"t{{number}}", run=command("cp src/d0/f0.txt made.txt", cache=cache(
        inputs="src", outputs="made.txt")))
    for number in range({SETS})
])
"""
_LIBRARY = """
import sys

result = main.run_sync(mode="build")
sys.exit(0 if result.ok and all(task.cache.%s for task in result.stats.tasks) else 3)
"""
_PEER = """
const tasks = Array.from({ length: %d }, (_, i) => task({
    name: `t${i}`,
    cwd: `t${i}`,
    commands: { build: {
        run: "cp src/d0/f0.txt made-by-peer.txt", cache: { inputs: ["src"], outputs: ["made-by-peer.txt"] },
    } },
}))
const result = await pipeline(tasks).run({ command: "build" })
process.exit(result.ok && result.stats.tasks.every((one) => %s) ? 0 : 3)
"""
_MAKES_FILES = """\
from tui_runner import cache

program = '''
import os
for number in range(%d):
    os.makedirs(f"dist/d{number %% 10}", exist_ok=True)
    with open(f"dist/d{number %% 10}/f{number}.txt", "w") as file:
        file.write(f"made {number} " * 100)
'''
main = pipeline([task("make", run=command(python(program), cache=cache(inputs="pipeline.py", outputs="dist")))])
"""


def measure(bench: Bench) -> list[Row]:
    """Measure runs of cached tasks beside builderman, and what the cache is made of by itself."""
    root = Path(tempfile.mkdtemp(dir=bench.directory))
    make_file_tree(root)
    (root / "pipeline.py").write_text(_TASKS, encoding="utf-8")
    first, again = _first_runs(bench, root), _runs_again(bench, root)
    return [
        *time_rows(f"{_WHAT}, first run", bench.compare(first)),
        *time_rows(f"{_WHAT}, nothing to do", bench.compare(again), FACTOR),
        *memory_rows(f"{_WHAT}, first run", bench.peaks_mb(first)),
        *memory_rows(f"{_WHAT}, nothing to do", bench.peaks_mb(again)),
        _restoring_hit(bench),
        *cached_files.measure(bench, root),
    ]


def _first_runs(bench: Bench, root: Path) -> dict[str, Run | None]:
    """Return runs that find no results and keep theirs."""
    return _runs(
        bench,
        root,
        library="stored",
        peer="one.status === 'completed' && one.cache.hit !== true",
        forgets=True,
        check=lambda: _check_all(root, lambda task: task.cache is not None and task.cache.stored),
    )


def _runs_again(bench: Bench, root: Path) -> dict[str, Run | None]:
    """Return runs that find all results, after runs that have made them."""
    return _runs(
        bench,
        root,
        library="hit",
        peer="one.cache.hit === true",
        forgets=False,
        check=lambda: _check_all(root, lambda task: task.cache is not None and task.cache.hit),
    )


def _runs(
    bench: Bench, root: Path, *, library: str, peer: str, forgets: bool, check: Callable[[], None]
) -> dict[str, Run | None]:
    def forget(directory: str) -> Callable[[], None]:
        return lambda: shutil.rmtree(root / directory, ignore_errors=True) if forgets else None

    prepare = forget(".tui_runner")
    script = bench.file("script.py", _TASKS + _LIBRARY % library)
    theirs = bench.builderman(_PEER % (SETS, peer))
    return {
        VERB: Run((*PROGRAM, "run", *(f"t{number}" for number in range(SETS))), root, prepare, check),
        LIBRARY: Run((sys.executable, str(script)), root, prepare, check),
        PEER: theirs and msgspec.structs.replace(theirs, cwd=root, prepare=forget(".builderman")),
    }


def _check_all(root: Path, holds: Callable[[TaskStats], bool]) -> None:
    """Make sure that something holds for all tasks of the latest run.

    Raises:
        RuntimeError: it does not.
    """
    latest = max((root / ".tui_runner" / "runs").iterdir())
    for task in read_execution(latest / "execution.json").tasks:
        if not holds(task):
            raise RuntimeError(f"{task.id} did not do what was to be measured: {task.cache and task.cache.words}")
    shutil.rmtree(latest.parent)


def _restoring_hit(bench: Bench) -> Row:
    root = bench.workspace(_MAKES_FILES % RESTORED)
    dist = root / "dist"

    def check() -> None:
        _check_all(root, lambda task: task.cache is not None and task.cache.hit)
        if (back := sum(path.is_file() for path in dist.rglob("*"))) != RESTORED:
            raise RuntimeError(f"{back} of {RESTORED} outputs are back")

    run = (*PROGRAM, "run", "make")
    bench.once(Run(run, root))
    taken = bench.compare({"hit": Run(run, root, lambda: shutil.rmtree(dist), check)})["hit"]
    return Row(
        what=f"a hit that brings {RESTORED:,} files back: `tui-runner run`", value=taken.wall_s, cpu_s=taken.cpu_s
    )
