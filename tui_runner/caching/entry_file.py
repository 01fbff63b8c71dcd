"""Entries as files: a magic line, the SHA-256 of all that follows, then msgpack.

A file may be cut off by a full disk, or come from a stranger's checkout: whatever does not make sense is no entry.
"""

import os
from typing import Final

import msgspec

from tui_runner.caching.copying import UnreadableError, hash_bytes, read_whole
from tui_runner.caching.entry import ENTRY_VERSION, Entry, OutputDirectory
from tui_runner.process.regular_file import open_regular

MOST_BYTES: Final = 256 << 20
"""Larger files are no entries: a million files fit."""

_MAGIC: Final = b"tui-runner cache entry\n"
_DIGEST_BYTES: Final = 32
_BEGINNING: Final = len(_MAGIC) + _DIGEST_BYTES


def encode_entry(entry: Entry) -> bytes:
    """Return the content of the file of an entry."""
    payload = msgspec.msgpack.encode(entry)
    return b"".join((_MAGIC, hash_bytes(payload), payload))


def decode_entry(data: bytes) -> Entry | None:
    """Return the entry in a file's content; None when it is broken, of another version, or could do harm."""
    payload = data[_BEGINNING:]
    if data[:_BEGINNING] != _MAGIC + hash_bytes(payload):
        return None
    try:
        entry = msgspec.msgpack.decode(payload, type=Entry)
    except (msgspec.DecodeError, RecursionError):
        return None
    return entry if entry.version == ENTRY_VERSION and _has_sound_paths(entry) else None


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


def _has_sound_paths(entry: Entry) -> bool:
    """Tell whether outputs come in order, each once, on plain paths, and nothing lies below what is no directory."""
    before = b""
    directories: set[bytes] = set()
    others: set[bytes] = set()
    for output in entry.outputs:
        path = output.path
        if path <= before or not _is_plain(path) or b"\0" in getattr(output, "target", b""):
            return False
        before = path
        (directories if isinstance(output, OutputDirectory) else others).add(path)
    return not any(_is_below(path, others) for path in directories | others)


def _is_plain(path: bytes) -> bool:
    return b"\0" not in path and not any(name in {b"", b".", b".."} for name in path.removeprefix(b"/").split(b"/"))


def _is_below(path: bytes, others: set[bytes]) -> bool:
    end = path.rfind(b"/")
    while end > 0:
        if path[:end] in others:
            return True
        end = path.rfind(b"/", 0, end)
    return False
