"""Brings back what a task has made.

stat table ─► nothing differs? done
│
▼
scan ─► differences ─► everything fetched and verified ─► renamed into place ─► stat table
"""

import contextlib
import os
import stat
from collections.abc import Callable
from pathlib import Path
from typing import Final

from tui_runner.caching.differences import Differences, compare
from tui_runner.caching.entry import Output
from tui_runner.caching.file_clock import FileClock
from tui_runner.caching.output_patterns import OutputPatterns
from tui_runner.caching.output_scan import scan_outputs
from tui_runner.caching.output_set import OutputSet, Restored
from tui_runner.caching.output_table import (
    OutputTable,
    is_as_recorded,
    load_output_table,
    read_clock,
    save_output_table,
    table_of,
    wait_for_large,
)
from tui_runner.caching.output_tree import OutputTree, trusted_directories
from tui_runner.caching.places import CachePlaces
from tui_runner.caching.placing import Placing, Ready, make_ready
from tui_runner.caching.soundness import is_sound
from tui_runner.caching.staging import Staging
from tui_runner.caching.stat_record import UNKNOWN, record_of
from tui_runner.caching.store import CacheError, CacheStore

_KEPT_TYPES: Final = frozenset({stat.S_IFREG, stat.S_IFLNK, stat.S_IFDIR})


def restore(
    outputs: OutputSet, wanted: tuple[Output, ...], store: CacheStore, table: Path | None, cancelled: Callable[[], bool]
) -> Restored | None:
    """Make the outputs what they were: write what is missing or different, remove what is stale, touch nothing else.

    Everything is fetched and verified apart first and then renamed into place: killed in the middle, the next call
    finishes. None when a blob is missing or broken, or the list makes no sense: then nothing was changed. Special files
    stay where they are in nobody's way. Only while the store is in use.

    Raises:
        CacheError: something cannot be written or removed, is in the way, or `cancelled`.
    """
    if not outputs.patterns:
        return None if wanted else Restored()
    patterns = OutputPatterns(outputs)
    recorded = load_output_table(table, patterns)
    if is_as_recorded(recorded, wanted, patterns):
        return Restored()
    if not is_sound(wanted):
        return None
    with OutputTree(trusted_directories(patterns)) as tree:
        clock = read_clock(table)
        scan = scan_outputs(patterns, tree)
        reading_clock = wait_for_large(clock, scan.found.values(), table)
        differences = compare(wanted, patterns, scan, recorded.contents(), tree, cancelled)
        if differences is None:
            return None
        if differences.is_nothing:
            records = {path: reading_clock.record(found) for path, found in scan.found.items()}
            directories = {path: clock.record(found) for path, found in scan.listed.items()}
            save_output_table(table, table_of(wanted, records, directories, patterns, is_whole=scan.is_whole))
            return Restored()
        with Staging(CachePlaces.below(outputs.root).unfinished) as staging:
            ready = make_ready(differences, store, staging, tree, cancelled)
            if ready is None:
                return None
            removed = Placing(tree, patterns, cancelled).run(differences, ready)
        if table is not None:
            with contextlib.suppress(CacheError):  # the outputs are in place
                save_output_table(table, _look_again(wanted, patterns, tree, table, differences, ready, reading_clock))
    return Restored(written=len(ready) + len(differences.change_mode), removed=removed)


def _look_again(
    wanted: tuple[Output, ...],
    patterns: OutputPatterns,
    tree: OutputTree,
    table: Path,
    differences: Differences,
    ready: dict[bytes, Ready],
    reading_clock: FileClock,
) -> OutputTable:
    """Return the table after outputs were put in place, by somebody who was not necessarily alone."""
    clock = read_clock(table)
    scan = scan_outputs(patterns, tree)
    settled = wait_for_large(clock, scan.found.values(), table)
    if settled is not clock:
        clock, scan = settled, scan_outputs(patterns, tree)
    records: dict[bytes, bytes] = {}
    for path, found in scan.found.items():
        if path in ready:
            records[path] = clock.record(found) if _is_that(found, ready[path].made) else UNKNOWN
        elif path in differences.same:
            records[path] = reading_clock.record(found) if record_of(found) == differences.same[path] else UNKNOWN
        elif path in differences.directories:
            records[path] = clock.record(found)
    directories = {path: clock.record(found) for path, found in scan.listed.items()}
    there = {path for path, found in scan.found.items() if stat.S_IFMT(found.st_mode) in _KEPT_TYPES}
    is_whole = scan.is_whole and there == {patterns.path_of(output.path) for output in wanted}
    return table_of(wanted, records, directories, patterns, is_whole=is_whole)


def _is_that(found: os.stat_result, made: os.stat_result) -> bool:
    """Tell whether a file is one that was made ready, and was not touched since; renaming changes its ctime."""
    return (found.st_ino, found.st_dev, found.st_size, found.st_mtime_ns) == (
        made.st_ino,
        made.st_dev,
        made.st_size,
        made.st_mtime_ns,
    )
