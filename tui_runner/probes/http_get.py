"""One GET over HTTP/1.1, reduced to its status and the begin of its body. No proxies, no redirects, no cookies.

Written out because a probe must cost nothing to import, and a hostile or half-started server must not hold it up.
"""

import asyncio
from base64 import b64encode
from collections.abc import Iterable
from typing import Final
from urllib.parse import SplitResult, quote, unquote

import msgspec

from tui_runner.probes.channel import Channel, PlainChannel, TlsChannel
from tui_runner.probes.dial import Inspect, accept_any, dial
from tui_runner.probes.endpoint import endpoint_of_url
from tui_runner.probes.http_body import body_of, is_whole

HEAD_BYTES: Final = 64 << 10
"""Interim answers may come before the status that counts; all of them together are no longer than this."""
LINE_BYTES: Final = 8 << 10
BODY_BYTES: Final = 64 << 10
"""Of a body no more is read."""


class NoHttpError(OSError):
    """What answers does not speak HTTP."""


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """What a GET was answered with."""

    status: int
    body: bytes = b""
    """Its first 64 KiB at most; empty when nobody wanted it."""


async def ask(
    url: SplitResult,
    timeout_s: float,
    *,
    headers: Iterable[tuple[str, str]] = (),
    want_body: bool = False,
    inspect: Inspect = accept_any,
) -> Answer:
    """Return what a GET of the URL (from `split_url`) is answered with.

    `headers` are sent along and must be fit for it. `inspect` may refuse a connection before anything is sent. A certificate is checked unless the host is on this machine, where self-signed ones are common.

    Raises:
        TimeoutError: there was no answer after `timeout_s` seconds, however busily the server sends.
        OSError: it cannot be reached, or what answers speaks no HTTP.
    """
    endpoint = endpoint_of_url(url)
    async with asyncio.timeout(timeout_s):
        connection = await dial(endpoint, inspect)
        try:
            plain = PlainChannel(connection)
            channel: Channel = plain
            if url.scheme == "https":
                channel = TlsChannel(plain, endpoint.host, verify=not endpoint.loopback)
            await channel.send(request_head(url, headers))
            status, rest = await _read_status(channel)
            return Answer(status=status, body=await _read_body(channel, rest) if want_body else b"")
        finally:
            connection.close()


def request_head(url: SplitResult, headers: Iterable[tuple[str, str]] = ()) -> bytes:
    """Return the request; `headers` stand instead of ours of the same name. Whatever is in the URL, it stays one request: everything special is escaped.

    Raises:
        ValueError: the host name cannot be written in ASCII.
    """
    path = quote(url.path or "/", safe="/%:@!$&'()*+,;=~-._")
    query = "?" + quote(url.query, safe="/%:@!$&'()*+,;=~-._?[]") if url.query else ""
    named = url.netloc.rpartition("@")[2]
    host = named if named.isascii() else named.encode("idna").decode("ascii")
    fields = {"host": ("Host", host), "user-agent": ("User-Agent", "tui-runner"), "accept": ("Accept", "*/*")}
    if url.username is not None:
        user = f"{unquote(url.username)}:{unquote(url.password or '')}"
        fields["authorization"] = ("Authorization", f"Basic {b64encode(user.encode()).decode('ascii')}")
    fields.update((name.lower(), (name, value)) for name, value in headers)
    lines = [f"{name}: {value}" for name, value in fields.values()]
    return "\r\n".join([f"GET {path}{query} HTTP/1.1", *lines, "Connection: close", "", ""]).encode("ascii")


async def _read_status(channel: Channel) -> tuple[int, bytearray]:
    """Return the status that counts, and what was read of its head and body so far."""
    buffer = bytearray()
    taken = 0
    while True:
        line_end = buffer.find(b"\n")
        if line_end >= 0:
            status = _status_of(bytes(buffer[:line_end]))
            if status >= 200 or status == 101:
                return status, buffer
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


async def _read_body(channel: Channel, buffer: bytearray) -> bytes:
    """Return the body as far as it goes; one that breaks off is as long as it is."""
    while (head_end := _end_of_head(buffer)) is None and len(buffer) <= HEAD_BYTES:
        data = await channel.receive()
        if not data:
            return b""
        buffer += data
    if head_end is None:
        raise NoHttpError("the answer is not HTTP")
    head = bytes(buffer[:head_end])
    del buffer[:head_end]
    while len(buffer) < BODY_BYTES and not is_whole(head, bytes(buffer)):
        data = await channel.receive()
        if not data:
            break
        buffer += data
    return body_of(head, bytes(buffer[:BODY_BYTES]))


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
