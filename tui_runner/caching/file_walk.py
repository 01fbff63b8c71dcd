"""Finds the files a set of patterns means. Reads directories; what files hold is nothing to it.

In one walk every directory is listed once, however many patterns lead into it. Links to directories are not followed,
unless a pattern names them.
"""

import os
import stat
from collections.abc import Callable, Iterable
from enum import Enum, auto
from typing import Final

import msgspec

from tui_runner.caching.cancelling import Cancelled, check_cancelled, never
from tui_runner.caching.file_clock import FileClock
from tui_runner.caching.look_again import MOST_TRIES, NOTHING_THERE, keeps_changing, reading_error
from tui_runner.caching.patterns import Exclusions, GlobMatcher, PathPattern, with_slash
from tui_runner.caching.scope import Scope
from tui_runner.caching.stat_record import record_of
from tui_runner.caching.unfinished import elsewhere_name

_STAGING: Final = elsewhere_name("")
"""How the names of directories begin in which outputs of a task are made ready: they are there for a moment only."""


class Kind(Enum):
    """What a file is, as far as a walk can tell."""

    FILE = auto()
    LINK = auto()
    SPECIAL = auto()


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """What one walk has found."""

    kinds: dict[bytes, Kind]
    """By name, in no particular order."""
    directories: dict[bytes, bytes]
    """Path of every directory that was listed, and its record before that."""
    dead_ends: dict[bytes, bytes]
    """Paths where a pattern began and no directory was, and `what_is_at` said of them."""
    missing: tuple[bytes, ...]
    """Patterns no file came from."""


class _Listing(msgspec.Struct, frozen=True, kw_only=True):
    """Names in a directory."""

    files: list[bytes]
    links: list[bytes]
    special: list[bytes]
    directories: list[bytes]

    def leaves(self) -> tuple[tuple[Kind, list[bytes]], ...]:
        return (Kind.FILE, self.files), (Kind.LINK, self.links), (Kind.SPECIAL, self.special)


def walk(scope: Scope, clock: FileClock, cancelled: Cancelled = never) -> Found:
    """Return the files that are meant; `clock` was read before.

    Raises:
        LookAgainError: something has moved while it was looked at.
        CacheError: a directory cannot be read, or keeps changing; or a glob makes no sense; or `cancelled`.
    """
    return _Walk(scope, clock, cancelled).run()


def kind_of(mode: int) -> Kind | None:
    """Return what a file of this mode is; None for a directory."""
    match stat.S_IFMT(mode):
        case stat.S_IFDIR:
            return None
        case stat.S_IFREG:
            return Kind.FILE
        case stat.S_IFLNK:
            return Kind.LINK
        case _:
            return Kind.SPECIAL


def what_is_at(path: bytes) -> bytes:
    """Return the types of what is at a path and of what it leads to, where it is a link; 0 where there is nothing.

    Raises:
        OSError: nobody can tell.
    """
    return _seen(_type_at(path, os.lstat), _type_at(path, os.stat))


class _Walk:
    """One walk. Its lists grow; nothing outlives it."""

    def __init__(self, scope: Scope, clock: FileClock, cancelled: Cancelled) -> None:
        self._scope = scope
        self._clock = clock
        self._cancelled = cancelled
        self._listings: dict[bytes, _Listing] = {}
        self._kinds: dict[bytes, Kind] = {}
        self._directories: dict[bytes, bytes] = {}
        self._dead_ends: dict[bytes, bytes] = {}

    def run(self) -> Found:
        missing: list[bytes] = []
        for part in self._scope.parts():
            taken = self._take_literal(part.pattern, part.exclusions)
            if part.pattern.glob:
                taken += self._take_matches(part.pattern, part.exclusions)
            if not taken:
                missing.append(os.fsencode(self._scope.patterns[part.index]))
        return Found(
            kinds=self._kinds, directories=self._directories, dead_ends=self._dead_ends, missing=tuple(missing)
        )

    def _take_literal(self, pattern: PathPattern, exclusions: Exclusions) -> int:
        """Take what is at the path that reads like the pattern; return how many files that were."""
        path = pattern.literal
        if exclusions.hides_all_below(path):
            return 0
        itself, target = self._types_at(path)
        taken = 0
        kind = kind_of(itself) if itself else None
        if kind is not None and not self._scope.leads_to_us(path) and not exclusions.hides(path):
            self._kinds[self._scope.name_of(path)] = kind
            taken = 1
        if target == stat.S_IFDIR:
            taken += self._take_below(path, None, pattern, exclusions)
        elif kind is Kind.LINK or not taken:
            self._dead_ends[path] = _seen(itself, target)
        return taken

    def _take_matches(self, pattern: PathPattern, exclusions: Exclusions) -> int:
        """Take what a glob matches; return how many files that were."""
        path = pattern.start
        if exclusions.hides_all_below(path):
            return 0
        itself, target = self._types_at(path)
        if target == stat.S_IFDIR:
            return self._take_below(path, GlobMatcher(pattern.glob), pattern, exclusions)
        self._dead_ends[path] = _seen(itself, target)
        return 0

    def _take_below(self, top: bytes, matcher: GlobMatcher | None, pattern: PathPattern, exclusions: Exclusions) -> int:
        """Take everything below a directory, or all that matches; return how many files that were."""
        taken = 0
        waiting = [(top, "")]
        while waiting:
            directory, below = waiting.pop()
            listing = self._list(directory)
            path = with_slash(directory)
            name = self._scope.name_below(directory)
            for kind, entries in listing.leaves():
                names = entries if pattern.skipped.isdisjoint(entries) else _without(entries, pattern.skipped)
                if exclusions:
                    names = [entry for entry in names if not exclusions.hides(path + entry)]
                if matcher is not None:
                    names = [entry for entry in names if matcher.matches(below + os.fsdecode(entry))]
                self._kinds.update(dict.fromkeys([name + entry for entry in names], kind))
                taken += len(names)
            for entry in listing.directories:
                if entry in pattern.skipped or entry.startswith(_STAGING) or exclusions.hides_all_below(path + entry):
                    continue
                reached = below + os.fsdecode(entry)
                if matcher is None or matcher.enters(reached):
                    waiting.append((path + entry, f"{reached}/"))
        return taken

    def _list(self, directory: bytes) -> _Listing:
        known = self._listings.get(directory)
        if known is not None:
            return known
        check_cancelled(self._cancelled)
        for _ in range(MOST_TRIES):
            try:
                before = os.stat(directory)  # noqa: PTH116 - bytes
                listing = _read_directory(directory)
                after = os.stat(directory)  # noqa: PTH116 - bytes
            except OSError as error:
                raise reading_error(directory, error) from error
            if record_of(before) == record_of(after):
                self._listings[directory] = listing
                self._directories[directory] = self._clock.record(before)
                return listing
        raise keeps_changing(directory)

    @staticmethod
    def _types_at(path: bytes) -> tuple[int, int]:
        try:
            return _type_at(path, os.lstat), _type_at(path, os.stat)
        except OSError as error:
            raise reading_error(path, error) from error


def _read_directory(directory: bytes) -> _Listing:
    listing = _Listing(files=[], links=[], special=[], directories=[])
    with os.scandir(directory) as entries:
        for entry in entries:
            if entry.is_file(follow_symlinks=False):
                listing.files.append(entry.name)
            elif entry.is_dir(follow_symlinks=False):
                listing.directories.append(entry.name)
            elif entry.is_symlink():
                listing.links.append(entry.name)
            else:
                listing.special.append(entry.name)
    return listing


def _without(entries: Iterable[bytes], skipped: frozenset[bytes]) -> list[bytes]:
    return [entry for entry in entries if entry not in skipped]


def _type_at(path: bytes, look: Callable[[bytes], os.stat_result]) -> int:
    """Return the type of what is at a path, as in its mode; 0 where there is nothing."""
    try:
        return stat.S_IFMT(look(path).st_mode)
    except OSError as error:
        if error.errno in NOTHING_THERE:
            return 0
        raise


def _seen(itself: int, target: int) -> bytes:
    return b"%o %o" % (itself, target)
