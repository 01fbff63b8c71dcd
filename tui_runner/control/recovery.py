"""What has to be cleaned up when a supervisor and its guardian were killed together.

While a run lives, its guardian writes a journal, outside the workspace. Whoever takes the lock of the root next finds
something in it only if nobody was left to clean up. Then a new guardian is given what the killed one had, and brings it
down with the same ladder, order and teardowns.
"""

import contextlib
import os
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from tui_runner.control.places import Places

if TYPE_CHECKING:
    from tui_runner.control.journal_file import Leftovers


@contextlib.contextmanager
def noted(places: Places) -> Iterator[int | None]:
    """Make a new journal for the block and yield its descriptor, for the guardian. The lock of the root must be held.

    None when it cannot be made: it is done without.
    """
    try:
        places.journal.unlink(missing_ok=True)
        flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
        descriptor = os.open(places.journal, flags, 0o600)
    except OSError:
        yield None
        return
    try:
        yield descriptor
    finally:
        os.close(descriptor)
        with contextlib.suppress(OSError):
            places.journal.unlink(missing_ok=True)


def is_left(places: Places) -> bool:
    """Tell whether there may be something to clean up, or a run that lives."""
    try:
        return os.lstat(places.journal).st_size > 0
    except OSError:
        return False


def recover(places: Places, held: Sequence[int]) -> tuple[str, ...]:
    """Bring down what a run that was killed with its guardian has left; return what was done, for people.

    The lock of the root must be held, then no guardian is at work any more; `held` is its descriptor, kept until all is
    cleaned up even if this process dies. Blocks until then, and must not be called on an event loop. Empty when nothing
    was left. Nothing is asked of pipeline.py: it may have changed, or be gone.
    """
    if not is_left(places):
        return ()
    from tui_runner.control.journal_file import read_journal  # noqa: PLC0415 - rarely needed

    left = read_journal(places.journal)
    if left is None or left.marker == os.environ.get("TUI_RUNNER_RUN"):  # the latter: we are a child of it ourselves
        return ()
    return _clean_up(places, left, held)


def recover_if_free(places: Places) -> tuple[str, ...]:
    """Do as `recover` when nobody has the root, and remove the journal; return what was done, for people."""
    from tui_runner.control.lock import Holder, acquire_after_cleanup  # noqa: PLC0415 - rarely needed

    if not is_left(places):
        return ()
    lock = acquire_after_cleanup(places.lock)
    if isinstance(lock, Holder):
        return ()
    with lock:
        told = recover(places, (lock.descriptor,))
        with contextlib.suppress(OSError):
            places.journal.unlink(missing_ok=True)
    return told


def _clean_up(places: Places, left: "Leftovers", held: Sequence[int]) -> tuple[str, ...]:
    from tui_runner.control.aftermath import Aftermath  # noqa: PLC0415 - rarely needed

    descriptor = os.open(places.journal, os.O_RDWR | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK)
    try:
        return Aftermath(left).clean_up(descriptor, tuple(held))
    finally:
        os.close(descriptor)
