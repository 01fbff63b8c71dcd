"""Exit codes of the command line, in one table.

Must stay importable without anything else: `--help` uses it.
"""

from enum import IntEnum


class ExitCode(IntEnum):
    """What the process `tui-runner` ends with."""

    OK = 0
    TASK_FAILED = 1
    """At least one task failed."""
    USAGE = 2
    """The command line or the definitions are wrong; nothing was started."""
    INTERNAL = 3
    """A bug of ours; a traceback and a place to report it are shown."""
    HANGUP = 129
    INTERRUPTED = 130
    TERMINATED = 143


def after_signal(number: int) -> int:
    """Return the conventional exit code after a signal: 128 + its number."""
    return 128 + number
