"""What a task leaves behind, in data: where, what was found there after a run, what was done to bring it back."""

from typing import Final

import msgspec

from tui_runner.caching.entry import Output

KEPT_BITS: Final = 0o777
"""Permission bits that are kept and brought back."""


class OutputSet(msgspec.Struct, frozen=True, kw_only=True):
    """Where a task leaves what it makes."""

    root: str
    """Absolute workspace root."""
    base: str
    """Absolute cwd of the task."""
    patterns: tuple[str, ...]
    """Files, directories and globs in order, relative to `base` or absolute; `!` takes away from what came before."""


class Snapshot(msgspec.Struct, frozen=True, kw_only=True):
    """What was found after a run."""

    outputs: tuple[Output, ...]
    """Sorted by path."""
    missing: tuple[str, ...]
    """Patterns that matched nothing; then nothing may be kept."""


class Restored(msgspec.Struct, frozen=True, kw_only=True):
    """What had to be done to bring outputs back."""

    written: int = 0
    """Files and links that were missing or different."""
    removed: int = 0
    """Stale ones, and stale directories."""
