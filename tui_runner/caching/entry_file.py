"""Entries as files: sealed msgpack. Whatever does not make sense is no entry."""

from typing import Final

import msgspec

from tui_runner.caching.entry import ENTRY_VERSION, Entry
from tui_runner.caching.sealed import read_sealed, seal, unseal
from tui_runner.caching.soundness import is_sound

MOST_BYTES: Final = 256 << 20
"""Larger files are no entries: a million files fit."""

_MAGIC: Final = b"tui-runner cache entry\n"


def encode_entry(entry: Entry) -> bytes:
    """Return the content of the file of an entry."""
    return seal(_MAGIC, msgspec.msgpack.encode(entry))


def decode_entry(data: bytes) -> Entry | None:
    """Return the entry in a file's content; None when it is broken, of another version, or could do harm."""
    payload = unseal(_MAGIC, data)
    return None if payload is None else _decode(payload)


def read_entry(path: str) -> Entry | None:
    """Return the entry in a file; None when it is broken or cannot be read.

    Raises:
        FileNotFoundError: there is none.
    """
    payload = read_sealed(path, _MAGIC, MOST_BYTES)
    return None if payload is None else _decode(payload)


def _decode(payload: memoryview) -> Entry | None:
    try:
        entry = msgspec.msgpack.decode(payload, type=Entry)
    except (msgspec.DecodeError, RecursionError):
        return None
    return entry if entry.version == ENTRY_VERSION and is_sound(entry.outputs) else None
