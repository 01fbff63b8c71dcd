"""How much of what tasks print, and of past runs, stays on the disk. Data and its factory."""

import msgspec

from tui_runner.model.duration import Duration, parse_duration
from tui_runner.model.size import parse_size

_LEAST_BYTES = 1_000_000
_PIECES = 8
"""A log is kept in so many pieces, and loses the oldest one when it grows too large."""
_LEAST_PIECE_BYTES = 64 << 10


class LogLimits(msgspec.Struct, frozen=True, kw_only=True):
    """How much of the disk the logs of one run may take, their indexes included. In bytes."""

    piece: int = 125_000_000
    """A log file of this size becomes an older piece, and a new one is begun."""
    log: int = 1_000_000_000
    """All pieces of one task's log."""
    run: int = 2_000_000_000
    """All logs of the run: the largest one loses its oldest piece."""


class Retention(msgspec.Struct, frozen=True, kw_only=True):
    """What is kept of a run while it lives, and of past ones. Made by `retention`."""

    max_log_size: int = 1_000_000_000
    """Bytes of one task's log in one run."""
    max_run_size: int = 2_000_000_000
    """Bytes of all logs of one run."""
    max_runs: int = 50
    """Runs that are kept; a few more until it is worth removing them."""
    max_age_s: float | None = None
    """Older runs are removed; None keeps them."""
    max_total_size: int = 4_000_000_000
    """Bytes of all runs together."""

    def log_limits(self, tasks: int) -> LogLimits:
        """Return the limits of a run with so many tasks: the files that are being written take half of it at most."""
        piece = min(self.max_log_size // _PIECES, self.max_run_size // (2 * max(1, tasks)))
        return LogLimits(piece=max(_LEAST_PIECE_BYTES, piece), log=self.max_log_size, run=self.max_run_size)


def retention(
    *,
    max_log_size: str | int = "1GB",
    max_run_size: str | int = "2GB",
    max_runs: int = 50,
    max_age: Duration | None = None,
    max_total_size: str | int = "4GB",
) -> Retention:
    """Say how much stays on the disk: sizes are bytes or texts such as `"500MB"`.

    `max_log_size` is for the log of one task, `max_run_size` for all logs of one run: the oldest output goes first,
    while the run lives. When a run ends, past ones go, oldest first, beyond `max_runs`, `max_age` (None: however old)
    and `max_total_size`.

    Raises:
        ValueError: a value makes no sense.
    """
    if isinstance(max_runs, bool) or not isinstance(max_runs, int) or max_runs < 1:
        raise ValueError(f"max_runs must be a whole number from 1 on, not {max_runs!r}")
    return Retention(
        max_log_size=_size("max_log_size", max_log_size),
        max_run_size=_size("max_run_size", max_run_size),
        max_runs=max_runs,
        max_age_s=None if max_age is None else parse_duration(max_age),
        max_total_size=_size("max_total_size", max_total_size),
    )


def _size(name: str, value: str | int) -> int:
    if isinstance(value, bool) or not isinstance(value, int | str):
        raise ValueError(f"{name}: {value!r} is not a size: give bytes, or a text such as 500MB, 2GiB")  # noqa: TRY004 - one kind of error for wrong values
    size = value if isinstance(value, int) else parse_size(value)
    if size < _LEAST_BYTES:
        raise ValueError(f"{name} must be 1MB at least, not {value!r}")
    return size
