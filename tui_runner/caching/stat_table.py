"""The stat table: what a set of files was when it was looked at last, and how to see that it still is.

In columns, so that it is read, compared and written in bulk. A shortcut only: losing it costs time. On disk it checks
itself; one that is broken, of other patterns or another root is as good as none.
"""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from tui_runner.caching.directories import make_cache_directory
from tui_runner.caching.imprint import DIGEST_BYTES, IMPRINT_BYTES
from tui_runner.caching.stat_record import RECORD_BYTES
from tui_runner.caching.store import CacheError
from tui_runner.caching.table_file import read_table, write_table

TABLE_MAGIC: Final = b"tui-runner stat table 1\n"
"""What the file of a table begins with."""


class StatTable(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """What a set of files was. Columns of names have a NUL between two, all others entries of one length."""

    names: bytes
    """Of all files, sorted."""
    imprints: bytes
    """Their kinds and contents."""
    records: bytes
    """By which the files are recognised; links are not followed."""
    links: bytes
    """Names of those that are links."""
    targets: bytes
    """Records of what these lead to."""
    directories: bytes
    """Paths of the directories that were listed; a file that comes or goes changes the record of one."""
    directory_records: bytes
    dead_ends: dict[bytes, bytes]
    """Paths where a pattern began and no directory was, and what was there."""
    missing: tuple[bytes, ...]
    """Patterns no file came from."""
    digest: bytes
    """Over all the files."""

    @property
    def count(self) -> int:
        """Number of files and links."""
        return len(self.imprints) // IMPRINT_BYTES

    def imprints_by_name(self) -> dict[bytes, bytes]:
        """Return the imprint of every file."""
        return dict(zip(split_names(self.names), slices(self.imprints, IMPRINT_BYTES), strict=True))

    def is_sound(self) -> bool:
        """Tell whether all columns are as long as they have to be."""
        return (
            len(self.digest) == DIGEST_BYTES
            and _length(self.names) * IMPRINT_BYTES == len(self.imprints)
            and self.count * RECORD_BYTES == len(self.records)
            and _length(self.links) * RECORD_BYTES == len(self.targets)
            and _length(self.directories) * RECORD_BYTES == len(self.directory_records)
        )


class _Stored(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    scope: bytes
    """Identity of the scope the table is of."""
    table: StatTable


def load_table(path: Path, scope: bytes) -> StatTable | None:
    """Return the table of a scope, given by its identity; None when there is none that is of use."""
    content = read_table(path, TABLE_MAGIC)
    try:
        stored = None if content is None else msgspec.msgpack.decode(content, type=_Stored)
    except msgspec.DecodeError:
        return None
    if stored is None:
        return None
    return stored.table if stored.scope == scope and stored.table.is_sound() else None


def save_table(path: Path, scope: bytes, table: StatTable) -> None:
    """Keep a table, private and atomically; where that cannot be done, the next look takes longer."""
    if directory_of(path) is None:
        return
    write_table(path, TABLE_MAGIC, msgspec.msgpack.encode(_Stored(scope=scope, table=table)))


def directory_of(path: Path) -> Path | None:
    """Return the directory a table is kept in, made where it is missing; None when it cannot be ours."""
    try:
        make_cache_directory(path.parent)
    except CacheError:
        return None
    return path.parent


def split_names(column: bytes) -> list[bytes]:
    """Return the names in a column."""
    return column.split(b"\0") if column else []


def _length(column: bytes) -> int:
    """Return how many names are in a column."""
    return column.count(b"\0") + 1 if column else 0


def slices(column: bytes, length: int) -> Iterator[bytes]:
    """Yield the entries of a column, all of one length."""
    return (column[start : start + length] for start in range(0, len(column), length))
