"""Entries as files: sealed msgpack. Whatever does not make sense is no entry."""

import os
from typing import Final

import msgspec

from tui_runner.caching.copying import UnreadableError, read_whole
from tui_runner.caching.entry import ENTRY_VERSION, Entry
from tui_runner.caching.sealed import seal, unseal
from tui_runner.caching.soundness import is_sound
from tui_runner.process.regular_file import open_regular

MOST_BYTES: Final = 256 << 20
"""Larger files are no entries: a million files fit."""

_MAGIC: Final = b"tui-runner cache entry\n"


def encode_entry(entry: Entry) -> bytes:
    """Return the content of the file of an entry."""
    return seal(_MAGIC, msgspec.msgpack.encode(entry))


def decode_entry(data: bytes) -> Entry | None:
    """Return the entry in a file's content; None when it is broken, of another version, or could do harm."""
    payload = unseal(_MAGIC, data)
    if payload is None:
        return None
    try:
        entry = msgspec.msgpack.decode(payload, type=Entry)
    except (msgspec.DecodeError, RecursionError):
        return None
    return entry if entry.version == ENTRY_VERSION and is_sound(entry.outputs) else None


def read_entry(path: str) -> Entry | None:
    """Return the entry in a file; None when it is broken or cannot be read.

    Raises:
        FileNotFoundError: there is none.
    """
    try:
        descriptor = open_regular(path, os.O_RDONLY)
    except FileNotFoundError:
        raise
    except OSError:
        return None
    try:
        size = os.fstat(descriptor).st_size
        return decode_entry(read_whole(descriptor, size)) if size <= MOST_BYTES else None
    except (OSError, UnreadableError):
        return None
    finally:
        os.close(descriptor)
