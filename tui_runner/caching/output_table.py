"""What `stat` said of outputs when their contents were known last, so that unchanged ones are not read again.

A shortcut only: losing it costs time. Kept in columns, which are compared and written in bulk.
"""

import os
import time
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tui_runner.caching.copying import hash_bytes
from tui_runner.caching.entry import Output, OutputFile
from tui_runner.caching.file_clock import FileClock
from tui_runner.caching.output_patterns import OutputPatterns
from tui_runner.caching.stat_record import RECORD_BYTES, UNKNOWN, records_of
from tui_runner.caching.table_file import read_table, write_table

_MAGIC: Final = b"tui-runner output table\n"
_NO_DIGEST: Final = bytes(32)
_WORTH_WAITING_BYTES: Final = 64 << 20
_MOMENT_S: Final = 0.03
"""Longer than files have to be left alone on most file systems; see `FileClock`."""


class OutputTable(msgspec.Struct, frozen=True, kw_only=True, array_like=True):
    """How outputs looked. Names and paths have a NUL between two; the other columns have entries of one length."""

    patterns: bytes
    """Identity of the patterns."""
    whole: bytes
    """Of the list of outputs, when they were all there and nothing else; empty when that is not certain."""
    names: bytes = b""
    digests: bytes = b""
    """Of files; zeros for others."""
    records: bytes = b""
    directories: bytes = b""
    """Paths of those that were listed."""
    directory_records: bytes = b""

    def contents(self) -> dict[bytes, tuple[bytes, bytes]]:
        """Return record and digest of every file, by name."""
        names = split(self.names)
        if len(names) * len(_NO_DIGEST) != len(self.digests) or len(names) * RECORD_BYTES != len(self.records):
            return {}
        digests = (self.digests[start : start + 32] for start in range(0, len(self.digests), 32))
        records = (self.records[start : start + RECORD_BYTES] for start in range(0, len(self.records), RECORD_BYTES))
        columns = zip(names, records, digests, strict=True)
        return {name: (record, digest) for name, record, digest in columns if digest != _NO_DIGEST}


def load_output_table(path: Path | None, patterns: OutputPatterns) -> OutputTable:
    """Return the table kept in a file; an empty one when there is none that is of use."""
    nothing = OutputTable(patterns=hash_bytes(patterns.identity), whole=b"")
    if path is None:
        return nothing
    content = read_table(path, _MAGIC)
    try:
        table = nothing if content is None else msgspec.msgpack.decode(content, type=OutputTable)
    except msgspec.DecodeError:
        return nothing
    return table if table.patterns == nothing.patterns else nothing


def save_output_table(path: Path | None, table: OutputTable) -> None:
    """Keep a table, atomically; where that cannot be done, the next look takes longer."""
    if path is not None:
        write_table(path, _MAGIC, msgspec.msgpack.encode(table))


def whole_of(outputs: Sequence[Output]) -> bytes:
    """Return what stands for a list of outputs."""
    return hash_bytes(msgspec.msgpack.encode(outputs))


def is_as_recorded(table: OutputTable, outputs: Sequence[Output], patterns: OutputPatterns) -> bool:
    """Tell whether all these outputs are there, and nothing else: one `stat` for each tells."""
    if table.whole != whole_of(outputs):
        return False
    paths = [*map(patterns.path_of, split(table.names)), *split(table.directories)]
    try:
        return records_of(paths) == table.records + table.directory_records
    except (OSError, ValueError):
        return False


def table_of(
    outputs: Sequence[Output],
    records: Mapping[bytes, bytes],
    directories: Mapping[bytes, bytes],
    patterns: OutputPatterns,
    *,
    is_whole: bool,
) -> OutputTable:
    """Return the table for outputs whose contents are known. Records go by path; those that may not be trusted lack.

    `is_whole` says that nothing else was there, and that whatever is added changes one of the directories.
    """
    return OutputTable(
        patterns=hash_bytes(patterns.identity),
        whole=whole_of(outputs) if is_whole else b"",
        names=b"\0".join(output.path for output in outputs),
        digests=b"".join(output.digest if isinstance(output, OutputFile) else _NO_DIGEST for output in outputs),
        records=b"".join(records.get(patterns.path_of(output.path), UNKNOWN) for output in outputs),
        directories=b"\0".join(directories),
        directory_records=b"".join(directories.values()),
    )


def read_clock(table: Path | None) -> FileClock:
    """Return the clock by which records are judged; None when no table is kept."""
    return FileClock.read(None if table is None else table.parent)


def wait_for_large(clock: FileClock, files: Iterable[os.stat_result], table: Path | None) -> FileClock:
    """Let a moment pass when large files were touched just now: else they would have to be read again next time."""
    if table is None or sum(file.st_size for file in files if not clock.is_settled(file)) < _WORTH_WAITING_BYTES:
        return clock
    time.sleep(_MOMENT_S)
    return read_clock(table)


def split(column: bytes) -> list[bytes]:
    """Return the names or paths in a column."""
    return column.split(b"\0") if column else []
