"""Takes what a task has made into the store."""

import os
import stat
from collections.abc import Callable, Mapping
from pathlib import Path

from tui_runner.caching.entry import Output, OutputDirectory, OutputFile, OutputLink
from tui_runner.caching.output_patterns import OutputPatterns
from tui_runner.caching.output_scan import Scan, scan_outputs
from tui_runner.caching.output_set import KEPT_BITS, OutputSet, Snapshot
from tui_runner.caching.output_table import load_output_table, read_clock, save_output_table, table_of, wait_for_large
from tui_runner.caching.output_tree import OutputTree, trusted_directories
from tui_runner.caching.stat_record import record_of
from tui_runner.caching.store import CacheError, CacheStore
from tui_runner.caching.trouble import shown


def take_snapshot(outputs: OutputSet, store: CacheStore, table: Path | None, cancelled: Callable[[], bool]) -> Snapshot:
    """Put everything a task has made into the store; return what it was. Only while the store is in use.

    `table` remembers what `stat` says of each file, for `restore`. Stops early when `cancelled` says so. Special files
    are left out.

    Raises:
        CacheError: something cannot be read or kept, changed meanwhile, or `cancelled`.
    """
    if not outputs.patterns:
        return Snapshot(outputs=(), missing=())
    patterns = OutputPatterns(outputs)
    known = load_output_table(table, patterns).contents()
    with OutputTree(trusted_directories(patterns)) as tree:
        scan = scan_outputs(patterns, tree)
        clock = wait_for_large(read_clock(table), scan.found.values(), table)
        taken: list[Output] = []
        for path, found in scan.found.items():
            if cancelled():
                raise CacheError("keeping the outputs was cancelled")
            output = _take(path, patterns.name_of(path), found, known, store, tree, cancelled)
            if output is not None:
                taken.append(output)
        again = scan_outputs(patterns, tree)
    _check_unchanged(scan, again)
    taken.sort(key=lambda output: output.path)
    records = {path: clock.record(found) for path, found in again.found.items()}
    directories = {path: clock.record(found) for path, found in again.listed.items()}
    save_output_table(table, table_of(taken, records, directories, patterns, is_whole=again.is_whole))
    return Snapshot(outputs=tuple(taken), missing=scan.missing)


def _take(
    path: bytes,
    name: bytes,
    found: os.stat_result,
    known: Mapping[bytes, tuple[bytes, bytes]],
    store: CacheStore,
    tree: OutputTree,
    cancelled: Callable[[], bool],
) -> Output | None:
    """Return one output, its content in the store; None for a special file."""
    match stat.S_IFMT(found.st_mode):
        case stat.S_IFDIR:
            return OutputDirectory(path=name, mode=found.st_mode & KEPT_BITS)
        case stat.S_IFLNK:
            return OutputLink(path=name, target=_target(path, tree))
        case stat.S_IFREG:
            record, digest = known.get(name, (b"", b""))
            if record != record_of(found) or not store.has_blob(digest, found.st_size):
                digest, _ = store.add_blob(path, cancelled)
            return OutputFile(path=name, digest=digest, size=found.st_size, mode=found.st_mode & KEPT_BITS)
        case _:
            return None


def _target(path: bytes, tree: OutputTree) -> bytes:
    try:
        descriptor, name = tree.above(path)
        return os.readlink(name, dir_fd=descriptor)
    except OSError as error:
        raise _changed(path) from error


def _check_unchanged(before: Scan, after: Scan) -> None:
    """Make sure that what was taken is what was there, and all of it."""
    for path in before.found.keys() ^ after.found.keys():
        raise _changed(path)
    for path, found in before.found.items():
        now = after.found[path]
        # The times of a directory tell only of what is in it.
        look = _mode_of if stat.S_ISDIR(found.st_mode) else record_of
        if look(found) != look(now):
            raise _changed(path)


def _mode_of(found: os.stat_result) -> int:
    return found.st_mode


def _changed(path: bytes) -> CacheError:
    return CacheError(f"{shown(path)} was changed while it was copied into the cache")
