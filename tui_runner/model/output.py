"""Output of a task: raw bytes as they were read, with where and when.

Data only. Nothing splits lines here; that happens where somebody looks.
"""

from enum import StrEnum

import msgspec


class Stream(StrEnum):
    """Where bytes in a task's log come from."""

    STDOUT = "stdout"
    """Also everything from a pseudo-terminal."""
    STDERR = "stderr"
    TEARDOWN = "teardown"
    """Both streams of the teardown or stop command."""
    NOTE = "note"
    """A line of ours: restarts, stops, problems. Ends with a newline."""


class OutputChunk(msgspec.Struct, frozen=True, kw_only=True):
    """One read from a task, as appended to its log file."""

    offset: int
    """Position of `data` in the log file, in bytes."""
    time: float
    """Seconds since the epoch."""
    stream: Stream
    attempt: int
    data: bytes
