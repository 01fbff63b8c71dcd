"""What the guardian says, as typed events. Data only."""

from typing import Any, Final

import msgspec

from tui_runner.model.task import TaskId


class Ready(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="ready"):
    """The guardian is there."""

    pid: int


class Started(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="started"):
    """An attempt was spawned; descriptors sent for it may be closed."""

    id: TaskId
    attempt: int
    pid: int
    start: int
    """When the process was started, as `process_table.start_of` has it: the pid may be another's later."""


class SpawnRefused(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="spawn-failed"):
    """An attempt could not be spawned; descriptors sent for it may be closed."""

    id: TaskId
    attempt: int
    errno: int
    stage: str
    """`cwd`, `exec` or `fds`."""
    message: str


class LeaderExited(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="exited"):
    """The leader of an attempt ended."""

    id: TaskId
    attempt: int
    code: int | None
    """Negative: the signal that ended it. None: not known, it was started by a guardian that was killed."""
    utime: float
    """CPU seconds of it and all it waited for, in user mode."""
    stime: float
    maxrss: int
    """Largest resident set, in KiB on Linux and in bytes on macOS."""
    gone: bool
    """Nothing is left of its process group; else `GroupEnded` follows."""
    escaped: bool
    """Processes of it may live on in other sessions; always False without a subreaper."""


class GroupEnded(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="gone"):
    """The last process of an attempt's group ended."""

    id: TaskId
    attempt: int


class StopEscalated(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="escalated"):
    """The stop timeout ran out, SIGKILL was sent."""

    id: TaskId


class TeardownAnnounced(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="tearing-down"):
    """The teardown command is about to be started: whatever becomes of the guardian, it must not run again."""

    id: TaskId


class TeardownBegun(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="teardown-started"):
    """The teardown command runs."""

    id: TaskId
    pid: int
    start: int


class TeardownFinished(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="teardown-ended"):
    """The teardown command ended."""

    id: TaskId
    code: int | None
    """Negative: the signal that ended it. None: see `message`."""
    message: str | None
    """Why it has no exit code: it did not start, or ran out of time."""


class RunExited(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="run-exited"):
    """A command that is no task ended."""

    id: str
    code: int
    message: str


class Closed(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="closed"):
    """Everything the task had left behind is swept."""

    id: TaskId


class Failed(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="failed"):
    """The guardian met an error of its own and has killed everything; it is about to exit."""

    message: str


class Bye(msgspec.Struct, frozen=True, kw_only=True, tag_field="ev", tag="bye"):
    """Nothing is left; the guardian is about to exit."""


TaskEvent = (
    Started
    | SpawnRefused
    | LeaderExited
    | GroupEnded
    | StopEscalated
    | TeardownAnnounced
    | TeardownBegun
    | TeardownFinished
    | RunExited
    | Closed
)
"""What is handed to `on_event`."""

AnyEvent = TaskEvent | Ready | Failed | Bye
"""Everything a guardian says."""

_BY_TAG: Final[dict[str, type[AnyEvent]]] = {
    "ready": Ready,
    "started": Started,
    "spawn-failed": SpawnRefused,
    "exited": LeaderExited,
    "gone": GroupEnded,
    "escalated": StopEscalated,
    "tearing-down": TeardownAnnounced,
    "teardown-started": TeardownBegun,
    "teardown-ended": TeardownFinished,
    "run-exited": RunExited,
    "closed": Closed,
    "failed": Failed,
    "bye": Bye,
}


def decode(message: dict[str, Any]) -> AnyEvent:
    """Return the event for a message of the guardian, which is another half of this program and trusted.

    Much faster than converting to the union, which would be taken apart anew for every message.

    Raises:
        KeyError: the guardian is of another version.
        msgspec.ValidationError: the same.
    """
    return msgspec.convert(message, _BY_TAG[message["ev"]])
