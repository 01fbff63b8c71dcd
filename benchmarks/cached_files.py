"""What the cache is made of, by itself: looking at a hundred thousand files, keeping a thousand and bringing them back."""

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from time import perf_counter, process_time
from typing import TypeVar

from benchmarks.bench import Bench, Sample, calm_down, middle
from benchmarks.file_tree import FILES, SETS
from benchmarks.row import Row
from tui_runner.caching.fingerprint import FileSet, Fingerprint, take_fingerprint
from tui_runner.caching.local_store import LocalStore
from tui_runner.caching.outputs import OutputSet, restore, take_snapshot
from tui_runner.caching.places import CachePlaces

PASS_LIMIT_S = 0.6
KEPT = 1000

_Found = TypeVar("_Found")


def measure(bench: Bench, root: Path) -> list[Row]:
    """Measure in this process; `root` has the inputs of many tasks."""
    one = (FileSet(root=str(root), base=str(root), patterns=("*/src/",)),)
    many = tuple(FileSet(root=str(root), base=str(root / f"t{number}"), patterns=("src",)) for number in range(SETS))
    return [*_passes(bench, one, "one set"), *_passes(bench, many, f"{SETS} sets"), *_outputs(bench)]


def _passes(bench: Bench, sets: tuple[FileSet, ...], note: str) -> list[Row]:
    root = Path(tempfile.mkdtemp(dir=bench.directory))
    places = CachePlaces.below(root)

    def look() -> list[Fingerprint]:
        return [take_fingerprint(files, places.table(f"{number}", "", "")) for number, files in enumerate(sets)]

    def check(found: list[Fingerprint]) -> None:
        if (count := sum(fingerprint.count for fingerprint in found)) != SETS * FILES:
            raise RuntimeError(f"{count:,} files were found instead of {SETS * FILES:,}")

    first = _time(bench, look, check, prepare=lambda: shutil.rmtree(root / ".tui_runner", ignore_errors=True))
    again = _time(bench, look, check)
    what = f"fingerprint of {SETS * FILES:,} files"
    return [
        Row(what=f"{what}: first, all are read", note=note, value=first.wall_s, cpu_s=first.cpu_s),
        Row(
            what=f"{what}: unchanged",
            note=note,
            value=again.wall_s,
            cpu_s=again.cpu_s,
            limit=PASS_LIMIT_S,
            bar="≤ 0.6 s",
        ),
    ]


def _outputs(bench: Bench) -> list[Row]:
    root = Path(tempfile.mkdtemp(dir=bench.directory))
    made = root / "made"
    for number in range(KEPT):
        path = made / f"d{number % 10}" / f"f{number}.txt"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"made {number} " * 100)
    places = CachePlaces.below(root)
    store, table = LocalStore(places), places.table("make", "build", "outputs")
    outputs = OutputSet(root=str(root), base=str(root), patterns=("made",))

    def keep() -> int:
        with store.using():
            return len(take_snapshot(outputs, store, table, _go_on).outputs)

    stored = _time(
        bench, keep, _expect(KEPT + 11), prepare=lambda: shutil.rmtree(root / ".tui_runner", ignore_errors=True)
    )
    with store.using():
        wanted = take_snapshot(outputs, store, table, _go_on).outputs

    def bring_back() -> int | None:
        with store.using():
            restored = restore(outputs, wanted, store, table, _go_on)
        return None if restored is None else restored.written

    restored = _time(bench, bring_back, _expect(KEPT), prepare=lambda: shutil.rmtree(made))
    unchanged = _time(bench, bring_back, _expect(0))
    return [
        Row(what=what, value=taken.wall_s, cpu_s=taken.cpu_s)
        for what, taken in (
            (f"{KEPT:,} small outputs: taken into the store", stored),
            (f"{KEPT:,} small outputs: brought back", restored),
            (f"{KEPT:,} small outputs: all still there", unchanged),
        )
    ]


def _go_on() -> bool:
    return False


def _expect(wanted: int) -> "Callable[[int | None], None]":
    def check(found: int | None) -> None:
        if found != wanted:
            raise RuntimeError(f"{found} outputs instead of {wanted}")

    return check


def _time(
    bench: Bench,
    call: Callable[[], _Found],
    check: Callable[[_Found], None],
    prepare: Callable[[], None] = lambda: None,
) -> Sample:
    """Call something some times, and return the medians."""
    samples: list[Sample] = []
    for _ in range(bench.rounds):
        prepare()
        calm_down()
        wall, cpu = perf_counter(), process_time()
        found = call()
        samples.append(Sample(wall_s=perf_counter() - wall, cpu_s=process_time() - cpu))
        check(found)
    return middle(samples)
