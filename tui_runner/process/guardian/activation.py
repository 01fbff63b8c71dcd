"""What the guardian knows of one task from its first spawn until its activation is closed. Data only."""

from __future__ import annotations

import os

from tui_runner.process.regular_file import open_regular

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tui_runner.process.guardian.auxiliary import Auxiliary
    from tui_runner.process.guardian.frames import Message
    from tui_runner.process.guardian.ladder import Group

NONE, DUE, RUNNING, DONE = "none", "due", "running", "done"
"""Where a teardown stands: there is none, it is due, it runs, it ran (or could not)."""


class Activation:
    """One task that is up, or whose teardown is still due."""

    def __init__(self, task: str) -> None:
        self.task = task
        self.attempt = 0
        self.after: tuple[str, ...] = ()
        self.cwd = "/"
        self.env: dict[str, str] = {}
        self.stop_command: list[str] | None = None
        self.teardown_command: list[str] | None = None
        self.teardown_timeout = 0.0
        self.log: str | None = None
        self.group: Group | None = None
        """The latest attempt; None when none was ever spawned."""
        self.teardown_state = NONE
        self.teardown: Auxiliary | None = None
        """The running teardown command."""
        self.stopper: Auxiliary | None = None
        """The running stop command."""
        self.outputs: list[int] = []
        """Duplicates of the read ends of the attempt's output, so that it never meets SIGPIPE."""
        self.slave: int | None = None
        """Our copy of the terminal's slave: unread output is lost when the last one closes too early."""
        self.closing = False
        self.sweeps = 0
        """How often escaped processes of it were hunted since it is closing or to begin anew."""
        self.begins_anew = False
        """Another attempt follows a stop: nobody hears that the group is gone before what escaped is gone as well."""

    def describe(self, request: Message, env: dict[str, str]) -> None:
        """Take over what a spawn request says; the newest one counts for stop and teardown."""
        self.attempt = request["attempt"]
        self.begins_anew = False
        self.after = tuple(request["after"])
        self.cwd = request["cwd"]
        self.env = env
        self.stop_command = request["stop"]
        self.teardown_command = request["teardown"]
        self.teardown_timeout = request["teardown_timeout"]
        self.log = request["log"]

    def drop_outputs(self) -> None:
        """Close the duplicates of the attempt's output."""
        close_all(self.outputs)

    def drop_slave(self) -> None:
        """Close our copy of the terminal's slave."""
        if self.slave is not None:
            os.close(self.slave)
            self.slave = None


def close_all(fds: list[int]) -> None:
    """Close the descriptors and empty the list."""
    for fd in fds:
        os.close(fd)
    fds.clear()


def open_log(path: str | None) -> int | None:
    """Open a task's log for appending; None when there is none or it cannot be opened."""
    if path is None:
        return None
    try:
        return open_regular(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT)
    except (OSError, ValueError):  # the latter: a name that no file can have
        return None
