"""Who listens on a port of this machine, read from /proc. Answers with nothing on a system without it."""

import os
import re
import socket
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Final

_LONGEST_COMMAND: Final = 80
_TABLES: Final = ("/proc/net/tcp", "/proc/net/tcp6")
_MAPPED: Final = "0000000000000000FFFF0000"
"""How the kernel prints the prefix of an IPv4 address in IPv6 clothes, before the IPv4 part."""


def listening_inodes(address: str, port: int) -> Mapping[str, set[bytes]]:
    """Return socket inodes of listeners that could serve a connection to the address: a key per local address.

    The key that comes first is the closest: the kernel gives it the connection.
    """
    listener = re.compile(rb"^ *\d+: ([0-9A-F]+):%04X [0-9A-F]+:0000 0A (?:\S+ +){5}(\d+)" % port, re.MULTILINE)
    found: dict[str, set[bytes]] = {local: set() for local in _kernel_names(address)}
    for table in _TABLES:
        try:
            rows = Path(table).read_bytes()
        except OSError:
            continue
        if b":%04X " % port in rows:
            for local, inode in listener.findall(rows):
                if local.decode("ascii") in found:
                    found[local.decode("ascii")].add(inode)
    return {local: inodes for local, inodes in found.items() if inodes}


def holders_of(inodes: Iterable[bytes]) -> Iterator[int]:
    """Yield the processes that hold one of these sockets, as far as we may see them; the newest first."""
    links = {f"socket:[{inode.decode('ascii')}]" for inode in inodes}
    return (pid for pid in _pids() if links and _holds(pid, links))


def _kernel_names(address: str) -> tuple[str, ...]:
    """Return how /proc/net/tcp* prints the local addresses that serve connections to this one, the closest first."""
    any_6 = "0" * 32
    if ":" in address:
        return (_in_kernel_order(socket.inet_pton(socket.AF_INET6, address)), any_6)
    packed = _in_kernel_order(socket.inet_pton(socket.AF_INET, address))
    return (packed, "0" * 8, _MAPPED + packed, any_6)


def _in_kernel_order(packed: bytes) -> str:
    words = (packed[start : start + 4] for start in range(0, len(packed), 4))
    return "".join(f"{int.from_bytes(word, sys.byteorder):08X}" for word in words)


def _pids() -> Iterator[int]:
    # Newest first: what is in the way was most often started by the same person a moment ago.
    return iter(sorted((int(name) for name in os.listdir("/proc") if name.isdigit()), reverse=True))  # noqa: PTH208 - names only


def _holds(pid: int, links: set[str]) -> bool:
    try:
        with os.scandir(f"/proc/{pid}/fd") as descriptors:
            for descriptor in descriptors:
                try:
                    if os.readlink(descriptor.path) in links:  # noqa: PTH115 - thousands of them
                        return True
                except OSError:
                    continue  # closed meanwhile
    except OSError:
        return False  # gone, or somebody else's
    return False


def command_of(pid: int) -> str:
    """Return the command line of a process, shortened; empty when it cannot be read."""
    try:
        raw = Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return ""
    return shown_command(raw.rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace"))


def shown_command(command: str) -> str:
    """Return a command line in one short line, without anything that a terminal would act upon."""
    clean = "".join(c if c.isprintable() else "?" for c in command)
    return clean if len(clean) <= _LONGEST_COMMAND else clean[: _LONGEST_COMMAND - 1] + "…"
