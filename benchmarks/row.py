"""One line of the table, and how numbers are written in it. Data only."""

from enum import StrEnum

import msgspec


class Unit(StrEnum):
    """What a figure counts."""

    SECONDS = "s"
    MILLISECONDS = "ms"
    MEGABYTES = "MB"
    PERCENT = "%"


class Peer(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody else's program took for the same, in the same run."""

    name: str
    value: float | None
    """None: it did not get there in the time a person would wait."""
    cpu_s: float | None = None


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One measured thing."""

    what: str
    value: float
    """Median of ours, in `unit`."""
    unit: Unit = Unit.SECONDS
    cpu_s: float | None = None
    """CPU seconds of ours, children included where the row says so."""
    peers: tuple[Peer, ...] = ()
    limit: float | None = None
    """Largest value that meets the bar; None when there is none."""
    bar: str = ""
    """The bar in words, when it is more than a number."""
    note: str = ""

    @property
    def met(self) -> bool | None:
        """Tell whether the bar is met; None without one."""
        return None if self.limit is None else self.value <= self.limit


class Skipped(msgspec.Struct, frozen=True, kw_only=True):
    """Something that could not be measured here."""

    what: str
    why: str


def figure(value: float, unit: Unit) -> str:
    """Write a number with its unit, in three digits or so."""
    if unit is Unit.SECONDS:
        return f"{value:.3f} s" if value < 10 else f"{value:.1f} s"
    return f"{value:.1f} {unit}" if value < 10 else f"{value:.0f} {unit}"
