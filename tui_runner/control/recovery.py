"""What has to be cleaned up when a supervisor and its guardian were killed together.

While a run lives, the marker that all its processes carry stands in the journal of its root, outside the workspace.
Whoever takes the lock of the root next finds a marker there only if nobody was left to clean up, or cleaned up already.
"""

import contextlib
import os
import re
from collections.abc import Iterator

from tui_runner.control.places import Places
from tui_runner.process.atomic_file import write_atomically
from tui_runner.process.guardian import process_table

_MARKER = r"[\w.-]{16,128}"


@contextlib.contextmanager
def noted(places: Places, marker: str) -> Iterator[None]:
    """Note the run in the journal while the block lasts. The lock of the root must be held.

    A journal that cannot be written is done without.
    """
    with contextlib.suppress(OSError):
        write_atomically(places.journal, marker.encode(), durable=False)  # a reboot ends all processes anyway
    yield
    with contextlib.suppress(OSError):
        places.journal.unlink(missing_ok=True)


async def recover(places: Places) -> str | None:
    """End what a run that was killed with its guardian has left; return what was done, for people, None for nothing.

    The lock of the root must be held: then no guardian is at work any more. Teardowns are not known and do not run.
    """
    marker = _read_marker(places)
    if marker is None or marker == os.environ.get("TUI_RUNNER_RUN"):  # the latter: we are a child of it ourselves
        return None
    left = process_table.marked(marker)
    if not left:
        return None
    from tui_runner.executors.orphans import end_orphans  # noqa: PLC0415 - rarely needed

    await end_orphans({group for pid in left if (group := _group_of(pid)) is not None}, marker)
    processes = "1 process" if len(left) == 1 else f"{len(left)} processes"
    return f"the run before was killed together with its guardian: {processes} ended, its teardowns did not run"


def _read_marker(places: Places) -> str | None:
    try:
        descriptor = os.open(places.journal, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    except OSError:
        return None
    with os.fdopen(descriptor, "rb") as file:
        text = file.read(256).decode("ascii", "replace")
    return text if re.fullmatch(_MARKER, text) else None


def _group_of(pid: int) -> int | None:
    try:
        return os.getpgid(pid)
    except ProcessLookupError:
        return None
