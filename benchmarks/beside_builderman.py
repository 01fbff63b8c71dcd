"""Rows of the same work done by the verb, by the library and by builderman."""

from collections.abc import Mapping
from typing import Final

from benchmarks.bench import Sample
from benchmarks.row import Peer, Row, Unit

VERB: Final = "`tui-runner run`"
LIBRARY: Final = "the library"
PEER: Final = "builderman"


def time_rows(what: str, taken: Mapping[str, Sample], factor: float | None = None) -> list[Row]:
    """Return a row for the verb and one for the library; `factor` of the peer's wall time is the bar, None is none."""
    peer = taken.get(PEER)
    return [
        Row(
            what=f"{what}: {name}",
            value=taken[name].wall_s,
            cpu_s=taken[name].cpu_s,
            peers=() if peer is None else (Peer(name=PEER, value=peer.wall_s, cpu_s=peer.cpu_s),),
            limit=None if peer is None or factor is None else factor * peer.wall_s,
            bar="" if factor is None else f"≤ {100 * factor:.0f} % of builderman",
        )
        for name in (VERB, LIBRARY)
    ]


def memory_rows(what: str, peaks_mb: Mapping[str, float]) -> list[Row]:
    """Return a row for the verb and one for the library with the most memory each needed."""
    peers = (Peer(name=PEER, value=peaks_mb[PEER]),) if PEER in peaks_mb else ()
    return [
        Row(what=f"{what}: peak memory (PSS), {name}", value=peaks_mb[name], unit=Unit.MEGABYTES, peers=peers)
        for name in (VERB, LIBRARY)
    ]
