"""SKELETON. The fingerprint of a set of files: by content, with what `stat` says as a shortcut.

    patterns ─► files ─► stat table (unchanged? done) ─► hash what changed ─► digest over all

See research/supervisor.md §8 for the measurements and the racy-clean rule.
"""

from collections.abc import Mapping
from pathlib import Path

import msgspec


class FileSet(msgspec.Struct, frozen=True, kw_only=True):
    """Which files are meant."""

    root: str
    """Absolute workspace root: paths below it are named relative to it."""
    base: str
    """Absolute directory the patterns are relative to."""
    patterns: tuple[str, ...]
    """Files, directories and globs in order; `!` takes away from what came before."""
    without: tuple[str, ...] = ()
    """Patterns, relative to `base`, that are never part of it: the outputs of the task itself."""


class Fingerprint:
    """What a set of files looked like at one moment."""

    digest: bytes
    """SHA-256 over the sorted (name, kind, exec bit, content) of all files; the same on every machine."""
    missing: tuple[str, ...]
    """Patterns that matched nothing; part of the digest."""
    count: int
    """Number of files and links."""

    def files(self) -> Mapping[bytes, bytes]:
        """Return name to digest (content, kind and exec bit together) of every file; may read the table from disk."""
        raise NotImplementedError

    def changed(self) -> tuple[str, ...]:
        """Look again; return the names, for people, of files that were changed, added or removed since (at most 20)."""
        raise NotImplementedError


def take_fingerprint(files: FileSet, table: Path | None) -> Fingerprint:
    """Return the fingerprint of the files as they are now; blocks, call it in a worker thread.

    `table` is where the stat table is kept; one that is missing, broken, of other patterns or of another file system
    costs time, nothing else. None keeps none.

    Raises:
        CacheError: a file cannot be read, or keeps changing; the message names it.
    """
    raise NotImplementedError
