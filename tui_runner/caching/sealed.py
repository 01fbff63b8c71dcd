"""Files that check themselves: a magic line, the SHA-256 of all that follows, then the content.

A file may be cut off by a full disk or come from a stranger's checkout: what does not fit its seal is no content.
"""

from typing import Final

from tui_runner.caching.copying import hash_bytes

_DIGEST_BYTES: Final = 32


def seal(magic: bytes, content: bytes) -> bytes:
    """Return what to write to the file."""
    return b"".join((magic, hash_bytes(content), content))


def unseal(magic: bytes, data: bytes) -> memoryview | None:
    """Return the content of a file; None when it is broken, or of another kind."""
    content = memoryview(data)[len(magic) + _DIGEST_BYTES :]
    return content if data[: len(magic) + _DIGEST_BYTES] == magic + hash_bytes(content) else None
