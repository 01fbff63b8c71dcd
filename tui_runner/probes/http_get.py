"""One GET over HTTP/1.1, reduced to its status. No proxies, no redirects, no cookies; at most a few KiB are read.

Written out because a probe must cost nothing to import, and a hostile or half-started server must not hold it up.
"""

import asyncio
from base64 import b64encode
from typing import Final
from urllib.parse import SplitResult, quote, unquote

from tui_runner.probes.channel import Channel, PlainChannel, TlsChannel
from tui_runner.probes.dial import dial
from tui_runner.probes.endpoint import endpoint_of_url

HEAD_BYTES: Final = 64 << 10
"""Interim answers may come before the status that counts; all of them together are no longer than this."""
LINE_BYTES: Final = 8 << 10


class NoHttpError(OSError):
    """What answers does not speak HTTP."""


async def get_status(url: SplitResult, timeout_s: float) -> int:
    """Return the status a GET of the URL (from `split_url`) is answered with.

    A certificate is checked unless the host is on this machine, where self-signed ones are common.

    Raises:
        TimeoutError: there was no status after `timeout_s` seconds, however busily the server sends.
        OSError: it cannot be reached, or what answers speaks no HTTP.
    """
    endpoint = endpoint_of_url(url)
    async with asyncio.timeout(timeout_s):
        connection = await dial(endpoint)
        try:
            plain = PlainChannel(connection)
            channel: Channel = plain
            if url.scheme == "https":
                channel = TlsChannel(plain, endpoint.host, verify=not endpoint.loopback)
            await channel.send(request_head(url))
            return await _read_status(channel)
        finally:
            connection.close()


def request_head(url: SplitResult) -> bytes:
    """Return the request. Whatever is in the URL, it stays one request: everything special is escaped.

    Raises:
        ValueError: the host name cannot be written in ASCII.
    """
    path = quote(url.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = "?" + quote(url.query, safe="/%:@!$&'()*+,;=~-._?[]") if url.query else ""
    named = url.netloc.rpartition("@")[2]
    host = named if named.isascii() else named.encode("idna").decode("ascii")
    lines = [f"GET {path}{query} HTTP/1.1", f"Host: {host}", "User-Agent: tui-runner", "Accept: */*"]
    if url.username is not None:
        user = f"{unquote(url.username)}:{unquote(url.password or '')}"
        lines.append(f"Authorization: Basic {b64encode(user.encode()).decode('ascii')}")
    return "\r\n".join([*lines, "Connection: close", "", ""]).encode("ascii")


async def _read_status(channel: Channel) -> int:
    buffer = bytearray()
    taken = 0
    while True:
        line_end = buffer.find(b"\n")
        if line_end >= 0:
            status = _status_of(bytes(buffer[:line_end]))
            if status >= 200 or status == 101:
                return status
            head_end = _end_of_head(buffer)
            if head_end is not None:
                del buffer[:head_end]
                continue
        elif len(buffer) > LINE_BYTES:
            raise NoHttpError("the answer is not HTTP")
        if taken > HEAD_BYTES:
            raise NoHttpError("the answer is not HTTP")
        data = await channel.receive()
        if not data:
            raise NoHttpError("the connection was closed without an answer")
        taken += len(data)
        buffer += data


def _status_of(line: bytes) -> int:
    version, _, rest = line.partition(b" ")
    code = rest[:3]
    if not version.startswith(b"HTTP/1.") or len(code) != 3 or not code.isdigit() or rest[3:4].strip():
        raise NoHttpError("the answer is not HTTP")
    return int(code)


def _end_of_head(buffer: bytearray) -> int | None:
    for mark in (b"\r\n\r\n", b"\n\n"):
        position = buffer.find(mark)
        if position >= 0:
            return position + len(mark)
    return None
