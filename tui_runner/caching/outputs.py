"""SKELETON. What a task has made: taken into the store after a run, brought back on a hit."""

from collections.abc import Callable
from pathlib import Path

import msgspec

from tui_runner.caching.entry import Output
from tui_runner.caching.store import CacheStore


class OutputSet(msgspec.Struct, frozen=True, kw_only=True):
    """Where a task leaves what it makes."""

    root: str
    """Absolute workspace root."""
    base: str
    """Absolute cwd of the task."""
    patterns: tuple[str, ...]


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What was found after a run."""

    outputs: tuple[Output, ...]
    missing: tuple[str, ...]
    """Patterns that matched nothing; then nothing may be kept."""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What had to be done to bring outputs back."""

    written: int = 0
    """Files and links that were missing or different."""
    removed: int = 0
    """Stale ones."""


def take_snapshot(outputs: OutputSet, store: CacheStore, table: Path | None, cancelled: Callable[[], bool]) -> Snapshot:
    """Put everything a task has made into the store; return what it was.

    `table` remembers what `stat` says of each file, for `restore`. Stops early when `cancelled` says so.

    Raises:
        CacheError: something cannot be read or kept, changed meanwhile, or `cancelled`.
    """
    raise NotImplementedError


def restore(
    outputs: OutputSet, wanted: tuple[Output, ...], store: CacheStore, table: Path | None, cancelled: Callable[[], bool]
) -> Restored | None:
    """Make the outputs what they were: write what is missing or different, remove what is stale, touch nothing else.

    Everything is fetched and verified beside its place first and then renamed into it: killed in the middle, the next
    call finishes. None when a blob is missing or broken: then nothing was changed.

    Raises:
        CacheError: something cannot be written or removed, or `cancelled`.
    """
    raise NotImplementedError
