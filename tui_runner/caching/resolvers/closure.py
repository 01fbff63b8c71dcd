"""Everything a package needs, directly and indirectly, and its fingerprint. Pure."""

import hashlib
from collections.abc import Callable, Hashable, Iterable
from typing import TypeVar

import msgspec

from tui_runner.model.cache import VirtualInput, virtual_input

Node = TypeVar("Node", bound=Hashable)


class Closure(msgspec.Struct, frozen=True, kw_only=True):
    """The fingerprint of packages with all they need."""

    digest: str
    """SHA-256, hexadecimal: of what is locked, not of how it is written."""
    count: int
    """Number of packages."""

    def as_input(self, kind: str, lock_file: str) -> VirtualInput:
        """Return it as an input of a task; `lock_file` is the name people know the file by."""
        packages = "1 package" if self.count == 1 else f"{self.count} packages"
        # The number alone seldom tells what is new from what was.
        return virtual_input(kind, self.digest, f"{packages} of {lock_file}, {self.digest[:8]}")


def reach(start: Iterable[Node], needs: Callable[[Node], Iterable[Node]]) -> set[Node]:
    """Return `start` and all it leads to, each once; loops and long chains do no harm."""
    reached = set(start)
    waiting = list(reached)
    while waiting:
        for node in needs(waiting.pop()):
            if node not in reached:
                reached.add(node)
                waiting.append(node)
    return reached


def closure(records: Iterable[object], count: int) -> Closure:
    """Return the fingerprint of what is said of `count` packages: plain data. The order of records does not count."""
    encoder = msgspec.json.Encoder(order="deterministic")
    encoded = sorted({encoder.encode(record) for record in records})
    # JSON holds no line ends: joined by them, records cannot run into each other.
    return Closure(digest=hashlib.sha256(b"\n".join(encoded)).hexdigest(), count=count)
