"""Looking at a set of files: is everything as the table says? If not, what is it now?

    directories as before? ─► the same names ─► files as before? ─► the table as it was
                      └ no ─► walk           └ no ─► read those that are not

The table is believed of a file as long as `stat` says the same; what was touched too shortly before to be believed is
marked in it (see `file_clock`). What moves under our hands is looked at again.
"""

import os
from collections.abc import Callable, Mapping
from typing import Final

import msgspec

from tui_runner.caching.cancelling import Cancelled
from tui_runner.caching.copying import hash_bytes
from tui_runner.caching.file_clock import FileClock
from tui_runner.caching.file_walk import Found, Kind, kind_of, walk, what_is_at
from tui_runner.caching.imprint import IMPRINT_BYTES, LINK, SPECIAL_KINDS, Imprint, ImprintReader, record_of_target
from tui_runner.caching.look_again import MOST_TRIES, LookAgainError, keeps_changing, reading_error
from tui_runner.caching.scope import Scope
from tui_runner.caching.stat_record import RECORD_BYTES, mode_in, records_of
from tui_runner.caching.stat_table import StatTable, slices, split_names

Ask = Callable[[bytes, list[bytes]], bytes]
"""Returns the records of files, as `stat_record.records_below` does."""

_DIGEST_RULES: Final = b"files 1\n"
"""Changes whenever the same files have another digest than before."""


class _Rows(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of files, by name."""

    imprints: dict[bytes, Imprint]
    targets: dict[bytes, bytes]
    """Records of what links lead to."""


def survey(
    scope: Scope,
    known: StatTable | None,
    read_clock: Callable[[], FileClock],
    ask: Ask,
    cancelled: Cancelled,
    asked: Callable[[], bytes] | None = None,
) -> StatTable:
    """Return what the files are now; the very same table when nothing about them is new.

    `read_clock` is called only when something is new, `ask` for the files that are known; `asked` returns what it would
    return for those of the table, where it was asked a moment ago.

    Raises:
        CacheError: a file cannot be read, or something keeps changing; or `cancelled`.
    """
    if known is not None and _leads_the_same_way(known):
        try:
            return _with_the_same_names(scope, known, read_clock, ask if asked is None else _once(asked), cancelled)
        except LookAgainError:
            pass  # a path that a pattern names holds something of another kind now
    path = b""
    for _ in range(MOST_TRIES):
        try:
            return _with_names_found_anew(scope, known, read_clock, ask, cancelled)
        except LookAgainError as moved:
            path = moved.path
    raise keeps_changing(path)


def _once(asked: Callable[[], bytes]) -> Ask:
    return lambda _directory, _names: asked()


def _leads_the_same_way(known: StatTable) -> bool:
    """Tell whether a walk would find the same names as last time."""
    try:
        return records_of(split_names(known.directories), os.stat) == known.directory_records and all(
            what_is_at(path) == before for path, before in known.dead_ends.items()
        )
    except (OSError, ValueError):  # the second for a table with a path that cannot be one
        return False


def _with_the_same_names(
    scope: Scope, known: StatTable, read_clock: Callable[[], FileClock], ask: Ask, cancelled: Cancelled
) -> StatTable:
    records = _records_now(scope, split_names(known.names), ask)
    targets = b"".join(map(record_of_target, map(scope.path_of, split_names(known.links))))
    if records == known.records and targets == known.targets:
        return known
    clock = read_clock()
    rows = _rows_of(known)
    seen = dict(zip(split_names(known.names), slices(records, RECORD_BYTES), strict=True))
    found = Found(
        kinds={name: _kind_of_imprint(imprint) for name, (imprint, _) in rows.imprints.items()},
        directories=dict(
            zip(split_names(known.directories), slices(known.directory_records, RECORD_BYTES), strict=True)
        ),
        dead_ends=known.dead_ends,
        missing=known.missing,
    )
    return _table(found, _read(scope, found.kinds, seen, rows, ImprintReader(clock, cancelled)))


def _with_names_found_anew(
    scope: Scope, known: StatTable | None, read_clock: Callable[[], FileClock], ask: Ask, cancelled: Cancelled
) -> StatTable:
    clock = read_clock()
    found = walk(scope, clock, cancelled)
    rows = _Rows(imprints={}, targets={}) if known is None else _rows_of(known)
    common = [name for name in found.kinds if name in rows.imprints]
    seen = dict(zip(common, slices(_records_now(scope, common, ask), RECORD_BYTES), strict=True))
    return _table(found, _read(scope, found.kinds, seen, rows, ImprintReader(clock, cancelled)))


def _records_now(scope: Scope, names: list[bytes], ask: Ask) -> bytes:
    try:
        return ask(scope.root, names)
    except OSError as error:
        raise reading_error(scope.path_of(os.fsencode(error.filename)), error) from error


def _rows_of(known: StatTable) -> _Rows:
    rows = zip(slices(known.imprints, IMPRINT_BYTES), slices(known.records, RECORD_BYTES), strict=True)
    return _Rows(
        imprints=dict(zip(split_names(known.names), rows, strict=True)),
        targets=dict(zip(split_names(known.links), slices(known.targets, RECORD_BYTES), strict=True)),
    )


def _read(
    scope: Scope, kinds: Mapping[bytes, Kind], seen: Mapping[bytes, bytes], known: _Rows, reader: ImprintReader
) -> _Rows:
    """Return the rows of all files: known ones where their record is as before, and read ones.

    `seen` holds the records of known files as they are now.
    """
    rows = _Rows(imprints={}, targets={})
    unread: dict[Kind, list[bytes]] = {kind: [] for kind in Kind}
    for name, kind in kinds.items():
        row = known.imprints.get(name)
        if row is None:
            unread[kind].append(name)
        elif seen[name] != row[1]:
            if kind_of(mode_in(seen[name])) is not kind:
                raise LookAgainError(scope.path_of(name))
            unread[kind].append(name)
        elif kind is not Kind.LINK:
            rows.imprints[name] = row
        elif record_of_target(scope.path_of(name)) != known.targets.get(name):
            unread[kind].append(name)
        else:
            rows.imprints[name] = row
            rows.targets[name] = known.targets[name]
    files = sorted(unread[Kind.FILE])  # neighbours are read one after the other
    rows.imprints.update(zip(files, reader.files([scope.path_of(name) for name in files]), strict=True))
    for name in unread[Kind.LINK]:
        rows.imprints[name], rows.targets[name] = reader.link(scope.path_of(name))
    for name in unread[Kind.SPECIAL]:
        rows.imprints[name] = reader.special(scope.path_of(name))
    return rows


def _table(found: Found, rows: _Rows) -> StatTable:
    names = sorted(rows.imprints)
    links = sorted(rows.targets)
    name_column = b"\0".join(names)
    imprint_column = b"".join([rows.imprints[name][0] for name in names])
    return StatTable(
        names=name_column,
        imprints=imprint_column,
        records=b"".join([rows.imprints[name][1] for name in names]),
        links=b"\0".join(links),
        targets=b"".join([rows.targets[name] for name in links]),
        directories=b"\0".join(found.directories),
        directory_records=b"".join(found.directories.values()),
        dead_ends=found.dead_ends,
        missing=found.missing,
        # Names hold no NUL and imprints have one length: with the counts before them there is one way to read this.
        digest=hash_bytes(
            b"%b%d %d\n%b\0%b%b"
            % (_DIGEST_RULES, len(names), len(found.missing), name_column, imprint_column, b"\0".join(found.missing))
        ),
    )


def _kind_of_imprint(imprint: bytes) -> Kind:
    kind = imprint[:1]
    if kind == LINK:
        return Kind.LINK
    return Kind.SPECIAL if kind in SPECIAL_KINDS else Kind.FILE
