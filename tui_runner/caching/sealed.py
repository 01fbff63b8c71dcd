"""Files that check themselves: a magic line, the SHA-256 of all that follows, then the content.

A file may be cut off by a full disk or come from a stranger's checkout: what does not fit its seal is no content.
"""

import os
from pathlib import Path
from typing import Final

from tui_runner.caching.copying import UnreadableError, hash_bytes, read_whole
from tui_runner.caching.unfinished import unfinished_file
from tui_runner.process.atomic_file import write_all
from tui_runner.process.regular_file import open_regular

_DIGEST_BYTES: Final = 32


def seal(magic: bytes, content: bytes) -> bytes:
    """Return what to write to the file."""
    return b"".join((magic, hash_bytes(content), content))


def unseal(magic: bytes, data: bytes) -> memoryview | None:
    """Return the content of a file; None when it is broken, or of another kind."""
    content = memoryview(data)[len(magic) + _DIGEST_BYTES :]
    return content if data[: len(magic) + _DIGEST_BYTES] == magic + hash_bytes(content) else None


def read_sealed(path: str | Path, magic: bytes, most_bytes: int) -> memoryview | None:
    """Return the content of a file; None when it is broken, too large, of another kind, or cannot be read.

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
        return unseal(magic, read_whole(descriptor, size)) if size <= most_bytes else None
    except (OSError, UnreadableError):
        return None
    finally:
        os.close(descriptor)


def write_sealed(path: Path, magic: bytes, content: bytes, unfinished: Path) -> None:
    """Write a file atomically; its beginnings lie in `unfinished`, where they are swept after a kill.

    Raises:
        OSError, CacheError: it cannot be written.
    """
    with unfinished_file(unfinished) as (descriptor, temporary):
        write_all(descriptor, seal(magic, content))
        os.rename(temporary, path)  # noqa: PTH104 - plain strings
