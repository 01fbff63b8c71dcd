"""The fingerprint of a set of files: by content, with what `stat` says as a shortcut.

    patterns ─► files ─► stat table (unchanged? done) ─► hash what changed ─► digest over all

The digest is the same on every machine: it knows names, kinds, exec bits and contents, no times and no inodes. A file
that is written through a memory mapping is seen as changed when the system notes it, which may be after the write.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path
from time import monotonic

import msgspec

from tui_runner.caching.cancelling import Cancelled, never
from tui_runner.caching.file_clock import FileClock
from tui_runner.caching.file_walk import walk
from tui_runner.caching.look_again import LookAgainError, keeps_changing
from tui_runner.caching.scope import Scope
from tui_runner.caching.stat_record import records_below
from tui_runner.caching.stat_table import StatTable, directory_of, load_table, save_table, split_names
from tui_runner.caching.survey import Ask, survey

LookAhead = Callable[[bytes, list[bytes]], Callable[[], bytes] | None]
"""Begins to look at files, as `StatPartner.look_ahead` does."""
_MOST_NAMED = 20
_MOST_AGE_S = 0.5
"""What was prepared for longer is not used: it waits for milliseconds, unless something else takes very long."""


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
    entered: frozenset[bytes] = frozenset()
    """Names of directories that count although tools usually make them, such as `node_modules`: in outputs they do."""


class Fingerprint:
    """What a set of files looked like at one moment. Made by `take_fingerprint`."""

    def __init__(self, scope: Scope, found: StatTable, table: Path | None, ask: Ask) -> None:
        self._scope = scope
        self._found = found
        self._table = table
        self._ask = ask

    @property
    def digest(self) -> bytes:
        """SHA-256 over the sorted (name, kind, exec bit, content) of all files; the same on every machine."""
        return self._found.digest

    @property
    def missing(self) -> tuple[str, ...]:
        """Patterns no file came from, in the order given; part of the digest. An empty directory is nothing, too."""
        return tuple(map(os.fsdecode, self._found.missing))

    @property
    def count(self) -> int:
        """Number of files and links."""
        return self._found.count

    def files(self) -> Mapping[bytes, bytes]:
        """Return name to digest (content, kind and exec bit together) of every file, sorted by name."""
        return self._found.imprints_by_name()

    def changed(self, cancelled: Cancelled = never) -> tuple[str, ...]:
        """Look again; return the names, for people, of files that were changed, added or removed since (at most 20).

        Raises:
            CacheError: a file cannot be read any more, or something keeps changing; or `cancelled`.
        """
        now = _look(self._scope, self._found, self._table, self._ask, cancelled)
        if now.digest == self.digest:
            return ()
        before, after = self.files(), now.imprints_by_name()
        names = [name for name in sorted(before.keys() | after) if before.get(name) != after.get(name)]
        return tuple(name.decode("utf-8", "backslashreplace") for name in names[:_MOST_NAMED])


class Prepared(msgspec.Struct, frozen=True, kw_only=True):
    """A fingerprint that is about to be taken: its files are being looked at already."""

    files: FileSet
    scope: Scope
    known: StatTable
    asked: Callable[[], bytes]
    at: float = msgspec.field(default_factory=monotonic)

    def is_of_use_for(self, files: FileSet) -> bool:
        """Tell whether it is for these files, and what was seen of them is not too old."""
        return self.files == files and monotonic() - self.at < _MOST_AGE_S


def prepare_fingerprint(files: FileSet, table: Path, look_ahead: LookAhead) -> Prepared | None:
    """Begin to look at files, for a fingerprint that is taken as soon as others are; None where that is not to be had.

    Raises:
        CacheError: a pattern makes no sense.
    """
    scope = _scope_of(files)
    known = load_table(table, scope.identity)
    if known is None:
        return None
    asked = look_ahead(scope.root, split_names(known.names))
    return None if asked is None else Prepared(files=files, scope=scope, known=known, asked=asked)


def take_fingerprint(
    files: FileSet,
    table: Path | None,
    cancelled: Cancelled = never,
    ask: Ask = records_below,
    prepared: Prepared | None = None,
) -> Fingerprint:
    """Return the fingerprint of the files as they are now; blocks, call it in a worker thread.

    `table` is where the stat table is kept; one that is missing, broken, of other patterns or of another file system
    costs time, nothing else. None keeps none. `ask` looks at the files of the table. What was `prepared`, a moment ago
    and for the same files, is used.

    Raises:
        CacheError: a file cannot be read, or keeps changing; the message names it. Or a pattern makes no sense, or `cancelled`.
    """
    if prepared is not None and prepared.is_of_use_for(files):
        scope = prepared.scope
        return Fingerprint(scope, _look(scope, prepared.known, table, ask, cancelled, prepared.asked), table, ask)
    scope = _scope_of(files)
    known = None if table is None else load_table(table, scope.identity)
    return Fingerprint(scope, _look(scope, known, table, ask, cancelled), table, ask)


def _scope_of(files: FileSet) -> Scope:
    return Scope(
        root=files.root, base=files.base, patterns=files.patterns, without=files.without, entered=files.entered
    )


def hidden_patterns(files: FileSet, missing: tuple[str, ...]) -> tuple[str, ...]:
    """Return which patterns that no file came from have files all the same: every one is in `without`.

    Raises:
        CacheError: a directory cannot be read, or keeps changing.
    """
    if not (missing and files.without):
        return ()
    scope = Scope(root=files.root, base=files.base, patterns=files.patterns, without=(), entered=files.entered)
    try:
        there = walk(scope, FileClock.read(None)).missing
    except LookAgainError as moved:
        raise keeps_changing(moved.path) from moved
    return tuple(pattern for pattern in missing if os.fsencode(pattern) not in there)


def _look(
    scope: Scope,
    known: StatTable | None,
    table: Path | None,
    ask: Ask,
    cancelled: Cancelled,
    asked: Callable[[], bytes] | None = None,
) -> StatTable:
    """Look at the files and keep the table if anything in it is new."""

    def clock() -> FileClock:
        return FileClock.read(None if table is None else directory_of(table))

    now = survey(scope, known, clock, ask, cancelled, asked)
    if table is not None and now is not known and now != known:
        save_table(table, scope.identity, now)
    return now
