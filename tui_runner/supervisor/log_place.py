"""Where the output of a task can be found when its run is over. Reads what is in memory, opens nothing."""

from typing import Final

import msgspec

from tui_runner.process.log_file import LogFile
from tui_runner.process.log_tail import last_lines_of

_TAIL_BYTES: Final = 16 << 10
_TAIL_LINES: Final = 1000


class LogPlace(msgspec.Struct, frozen=True, kw_only=True):
    """A log file, or the last lines where no file has them."""

    file: str | None = None
    tail: tuple[str, ...] = ()


NOWHERE: Final = LogPlace()
"""Of a task that printed nothing."""


def log_place(log: LogFile) -> LogPlace:
    """Return where the output of a task is: in its file; in memory when there is none or the disk failed."""
    if not log.end:
        return NOWHERE
    file = None if log.path is None else str(log.path)
    if file is not None and log.failed is None:
        return LogPlace(file=file)
    return LogPlace(file=file, tail=last_lines_of(log.tail, _TAIL_LINES, most_bytes=_TAIL_BYTES))
