"""Removes what is not needed any more: old entries, those beyond a size, contents that no entry has.

Nobody uses the cache meanwhile (see `usage`). Entries go before their contents, so that a kill leaves nothing broken.
"""

import contextlib
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Final

import msgspec

from tui_runner.caching.entries import remove_entry
from tui_runner.caching.entry import Entry, OutputFile
from tui_runner.caching.local_store import LocalStore
from tui_runner.caching.places import CachePlaces, name_of
from tui_runner.caching.unfinished import sweep_unfinished
from tui_runner.caching.usage import alone

PATIENCE_S: Final = 5.0
"""So long others may go on using the cache before collecting is given up."""


class Collected(msgspec.Struct, frozen=True, kw_only=True):
    """What was removed."""

    entries: int = 0
    blobs: int = 0
    bytes: int = 0
    """Freed, of entries and contents together."""
    busy: bool = False
    """Nothing was removed: the cache was in use all the time. Try again later."""


class _Held(msgspec.Struct, frozen=True, kw_only=True):
    """An entry, as far as collecting is concerned."""

    path: str
    task: str
    mode: str
    used_at: float
    size: int
    """Bytes of the file of the entry."""
    blobs: frozenset[bytes]


def collect(
    store: LocalStore,
    max_age_s: float | None = None,
    max_size_bytes: int | None = None,
    keep_last: int | None = None,
    patience_s: float = PATIENCE_S,
) -> Collected:
    """Remove entries not used for `max_age_s`, all but `keep_last` of each task and mode, and what is beyond the size.

    Those used longest ago go first. A content that several entries share counts once. None sets no bound; contents that
    no entry has and leftovers of killed processes are removed in any case.

    Raises:
        CacheError: the cache cannot be read, or belongs to somebody else.
    """
    with alone(store.places, patience_s) as nobody_else:
        if not nobody_else:
            return Collected(busy=True)
        oldest_s = time.time() - max_age_s if max_age_s is not None else 0.0
        held = sorted(_held(store), key=lambda entry: entry.used_at, reverse=True)
        kept = [entry for entry in held if entry.used_at >= oldest_s]
        if keep_last is not None:
            kept = list(_newest(kept, keep_last))
        sizes = dict(store.blobs.all())
        if max_size_bytes is not None:
            kept = list(_fitting(kept, sizes, max_size_bytes))
        return _remove_all_but(store, held, kept, sizes)


def clear(store: LocalStore, task: str | None = None, patience_s: float = PATIENCE_S) -> Collected:
    """Remove all entries, or those of one task in all modes, with the contents that no other entry has.

    Raises:
        CacheError: the cache cannot be read, or belongs to somebody else.
    """
    with alone(store.places, patience_s) as nobody_else:
        if not nobody_else:
            return Collected(busy=True)
        held = list(_held(store))
        kept = [entry for entry in held if task is not None and entry.task != task]
        return _remove_all_but(store, held, kept, dict(store.blobs.all()))


def _held(store: LocalStore) -> Iterator[_Held]:
    for file, entry in store.files.all():
        yield _Held(
            path=file.path,
            task=entry.task,
            mode=entry.mode,
            used_at=file.used_ns / 1e9,
            size=file.size,
            blobs=frozenset(_blobs(entry)),
        )


def _blobs(entry: Entry) -> Iterator[bytes]:
    yield from (output.digest for output in entry.outputs if isinstance(output, OutputFile))
    yield from (digest for digest in (entry.inputs, entry.log) if digest is not None)


def _newest(entries: Iterable[_Held], count: int) -> Iterator[_Held]:
    """Yield so many of each task and mode; they come sorted by last use, newest first."""
    seen: Counter[tuple[str, str]] = Counter()
    for entry in entries:
        seen[entry.task, entry.mode] += 1
        if seen[entry.task, entry.mode] <= count:
            yield entry


def _fitting(entries: Iterable[_Held], sizes: dict[bytes, int], room: int) -> Iterator[_Held]:
    """Yield entries, newest first, up to the first that does not fit: what is older goes, however small."""
    counted: set[bytes] = set()
    for entry in entries:
        room -= entry.size + sum(sizes.get(digest, 0) for digest in entry.blobs - counted)
        if room < 0:
            return
        counted |= entry.blobs
        yield entry


def _remove_all_but(
    store: LocalStore, held: Iterable[_Held], kept: Iterable[_Held], sizes: dict[bytes, int]
) -> Collected:
    staying = {entry.path for entry in kept}
    gone = [entry for entry in held if entry.path not in staying and remove_entry(entry.path)]
    left = [entry for entry in held if entry.path in staying]
    needed = frozenset[bytes]().union(*(entry.blobs for entry in left))
    freed = [size for digest, size in sizes.items() if digest not in needed and store.blobs.remove(digest)]
    _remove_tables(store.places, {name_of(entry.task, entry.mode) for entry in left})
    sweep_unfinished(store.places.unfinished)
    return Collected(entries=len(gone), blobs=len(freed), bytes=sum(freed) + sum(entry.size for entry in gone))


def _remove_tables(places: CachePlaces, names: set[str]) -> None:
    """Remove the stat tables of tasks that have no entries any more."""
    with contextlib.suppress(OSError):
        for path in places.tables.iterdir():
            if path.stem not in names:
                with contextlib.suppress(OSError):
                    path.unlink()
