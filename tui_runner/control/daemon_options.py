"""What a supervisor process is told when it is started. Data only; small, because it is imported before the screen."""

import msgspec

from tui_runner.control.terminal_modes import TerminalModes
from tui_runner.model.policy import OnFailure

OWNER_DESCRIPTOR = 3
"""Where the supervisor process finds its end of the owner's socketpair."""
TERMINAL_DESCRIPTOR = 4
"""Where it finds the owner's terminal, if it was given one."""


class DaemonOptions(msgspec.Struct, frozen=True, kw_only=True):
    """How to bring a system up in a process of its own."""

    file: str
    """Absolute path of pipeline.py; its directory is the root."""
    mode: str = "dev"
    targets: tuple[str, ...] | None = None
    """Ids or names; None means all tasks of the pipeline."""
    strict: bool = False
    max_concurrency: int | None = None
    on_failure: OnFailure = OnFailure.CONTINUE
    color: bool = False
    """Whoever looks at the output shows colour."""
    terminal: TerminalModes | None = None
    """Modes of the terminal on the owner's standard output, to be restored if the owner is killed; None keeps off it."""
