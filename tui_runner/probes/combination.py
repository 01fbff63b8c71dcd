"""Whether a probe made of others holds, from what is known of each of them. Sans-I/O: times are given.

A log line and a delay hold for good once they came true; of what has to be asked only the latest answer counts, and
only up to the moment it was given. What has to settle must be *known* to have held that long without a break.
"""

from typing import Final, NamedTuple

import msgspec

from tui_runner.model.probe import AllOf, AnyOf, Asking, Delay, LeafProbe, Probe


class Holds(msgspec.Struct, frozen=True, kw_only=True):
    """The whole holds."""


class Hopeless(msgspec.Struct, frozen=True, kw_only=True):
    """The whole can never hold."""

    message: str
    """For people."""


class Open(msgspec.Struct, frozen=True, kw_only=True):
    """Not yet."""

    again_s: float | None = None
    """When to look again though nothing new was told; None when only news can change anything."""


Standing = Holds | Hopeless | Open
"""Where a combination stands."""


class _Span(NamedTuple):
    """Something has held since then, and is known to have held until then."""

    since_s: float
    until_s: float


class _Leaf:
    """One probe that is no combination."""

    def __init__(self, probe: LeafProbe, settle_s: float, begun_s: float) -> None:
        self.settle_s = settle_s
        self.lasting = not isinstance(probe, Asking)
        self.since_s = begun_s + probe.seconds if isinstance(probe, Delay) else None
        self.known_s = begun_s
        self.fault: str | None = None

    def inner(self, now_s: float, due: list[float]) -> _Span | None:
        if self.since_s is None:
            return None
        if self.since_s > now_s:
            due.append(self.since_s)
            return None
        return _Span(self.since_s, now_s if self.lasting else self.known_s)

    def hopeless(self) -> str | None:
        return self.fault


class _Group:
    """Several probes of which all, or one, have to hold."""

    def __init__(self, parts: "list[_Leaf | _Group]", settle_s: float, *, every: bool) -> None:
        self.parts = parts
        self.settle_s = settle_s
        self._every = every
        self._since_s: float | None = None
        """Since when it has held without a break, whichever parts it was that held."""

    def inner(self, now_s: float, due: list[float]) -> _Span | None:
        spans = [_settled(part, now_s, due) for part in self.parts]
        held = [span for span in spans if span is not None]
        if len(held) < len(spans) if self._every else not held:
            self._since_s = None
            return None
        begun = max(span.since_s for span in held) if self._every else min(span.since_s for span in held)
        until = min(span.until_s for span in held) if self._every else max(span.until_s for span in held)
        self._since_s = begun if self._since_s is None else self._since_s
        return _Span(self._since_s, until)

    def hopeless(self) -> str | None:
        faults = [part.hopeless() for part in self.parts]
        told = [fault for fault in faults if fault is not None]
        return told[0] if told and (self._every or len(told) == len(faults)) else None


_Part = _Leaf | _Group


def _settled(part: _Part, now_s: float, due: list[float]) -> _Span | None:
    span = part.inner(now_s, due)
    if span is None or not part.settle_s:
        return span
    counts_s = span.since_s + part.settle_s
    if span.until_s >= counts_s:
        return _Span(counts_s, span.until_s)
    if counts_s > now_s:
        due.append(counts_s)
    return None


class Combination:
    """Watches one probe over one attempt. Leaves are named by their position, as `leaves_of` yields them."""

    def __init__(self, probe: Probe, *, begun_s: float) -> None:
        """`begun_s` is when the attempt was spawned, on the clock of all other times."""
        self._leaves: list[_Leaf] = []
        self._patience_s: list[float] = []
        self._root = self._grown(probe, begun_s, _NEVER)

    def tell(self, leaf: int, now_s: float, *, holds: bool) -> None:
        """Note the latest answer of a leaf. What holds for good is not taken back."""
        told = self._leaves[leaf]
        told.known_s = now_s
        if not holds:
            told.since_s = told.since_s if told.lasting else None
        elif told.since_s is None:
            told.since_s = now_s
        self._root.inner(now_s, [])  # a group that broke must not be taken for unbroken when it is looked at later

    def give_up(self, leaf: int, message: str) -> None:
        """Note that a leaf can never hold, and why."""
        self._leaves[leaf].fault = message
        if not self._leaves[leaf].lasting:
            self._leaves[leaf].since_s = None

    def look(self, now_s: float) -> Standing:
        """Tell where the whole stands. Times must not go back."""
        due: list[float] = []
        if _settled(self._root, now_s, due) is not None:
            return Holds()
        fault = self._root.hopeless()
        if fault is not None:
            return Hopeless(message=fault)
        return Open(again_s=min(due, default=None))

    def holds(self, leaf: int) -> bool:
        """Tell whether the latest answer of a leaf was good, settled or not."""
        return self._leaves[leaf].since_s is not None

    def patience_s(self, leaf: int) -> float:
        """Return how long to wait at most before a leaf that holds is asked again: something has to settle."""
        return self._patience_s[leaf]

    def _grown(self, probe: Probe, begun_s: float, patience_s: float) -> _Part:
        if isinstance(probe, Delay):
            return self._leaf(probe, 0.0, begun_s, patience_s)
        shortest_s = min(patience_s, probe.settle_s or _NEVER)
        if isinstance(probe, AllOf | AnyOf):
            parts = [self._grown(part, begun_s, shortest_s) for part in probe.probes]
            return _Group(parts, probe.settle_s, every=isinstance(probe, AllOf))
        return self._leaf(probe, probe.settle_s, begun_s, shortest_s)

    def _leaf(self, probe: LeafProbe, settle_s: float, begun_s: float, patience_s: float) -> _Leaf:
        leaf = _Leaf(probe, settle_s, begun_s)
        self._leaves.append(leaf)
        self._patience_s.append(patience_s)
        return leaf


_NEVER: Final = float("inf")
