"""Writes rows as one table of Markdown, readable in a terminal too."""

from collections.abc import Sequence

from benchmarks.row import Peer, Row, Skipped, Unit, figure

_HEAD = ("what", "ours", "CPU", "peers", "bar", "met")


def table(rows: Sequence[Row | Skipped]) -> str:
    """Return the table; columns are padded."""
    cells = [_HEAD, *(_cells(row) for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(_HEAD))]
    lines = [
        "| " + " | ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)) + " |" for line in cells
    ]
    lines.insert(1, "| " + " | ".join("-" * width for width in widths) + " |")
    return "\n".join(lines)


def _cells(row: Row | Skipped) -> tuple[str, str, str, str, str, str]:
    if isinstance(row, Skipped):
        return (row.what, "not measured", "", row.why, "", "")
    cpu = "" if row.cpu_s is None else figure(row.cpu_s, Unit.SECONDS)
    met = "" if row.met is None else ("yes" if row.met else "**no**")
    what = f"{row.what} ({row.note})" if row.note else row.what
    return (
        what,
        figure(row.value, row.unit),
        cpu,
        ", ".join(_peer(peer, row.unit) for peer in row.peers),
        row.bar,
        met,
    )


def _peer(peer: Peer, unit: Unit) -> str:
    if peer.value is None:
        return f"{peer.name} hangs"
    cpu = "" if peer.cpu_s is None else f" ({figure(peer.cpu_s, Unit.SECONDS)} CPU)"
    return f"{peer.name} {figure(peer.value, unit)}{cpu}"
