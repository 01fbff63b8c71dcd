"""The body of an HTTP/1.1 answer, put together from what came over the wire. Pure; whatever came, it never raises."""

import re
from typing import Final

_SIZE: Final = re.compile(rb"([0-9A-Fa-f]{1,8})[^\r\n]*\r?\n")


def is_whole(head: bytes, raw: bytes) -> bool:
    """Tell whether nothing more will come: servers need not close the connection when they were asked to."""
    if _chunked(head):
        return b"\r\n0\r\n" in raw or raw.startswith(b"0\r\n")
    length = re.search(rb"(?im)^content-length:[ \t]*(\d{1,18})[ \t]*\r?$", head)
    return length is not None and len(raw) >= int(length[1])


def body_of(head: bytes, raw: bytes) -> bytes:
    """Return the body; chunks are put together, up to the first that is cut or makes no sense."""
    if not _chunked(head):
        return raw
    parts: list[bytes] = []
    position = 0
    while (size := _SIZE.match(raw, position)) is not None and (length := int(size[1], 16)):
        parts.append(raw[size.end() : size.end() + length])
        position = size.end() + length
        position += 2 if raw.startswith(b"\r\n", position) else 1
    return b"".join(parts)


def _chunked(head: bytes) -> bool:
    return re.search(rb"(?im)^transfer-encoding:[^\r\n]*\bchunked\b", head) is not None
