"""What has to be cleaned up when a supervisor and its guardian were killed together.

While a run lives, its guardian writes a journal, outside the workspace, and empties it when all is down. Whoever takes
the lock of the root next finds something in it only if nobody was left to clean up. Then a new guardian is given what
the killed one had, and brings it down with the same ladder, order and teardowns.
"""

import contextlib
import os
from collections.abc import Callable, Iterator, Sequence
from typing import Final

from tui_runner.control.places import Places
from tui_runner.process.file_lock import lock_opened

_TRIES: Final = 3
"""Somebody may kill the guardian that cleans up as well."""


@contextlib.contextmanager
def noted(places: Places) -> Iterator[int | None]:
    """Make a new journal for the block and yield its descriptor, for the guardian. The lock of the root must be held.

    None when it cannot be made, or one is there that is not ours: it is done without. After the block it is removed; one
    that was not emptied stays for the next start.
    """
    descriptor = _make(places)
    if descriptor is None:
        yield None
        return
    try:
        yield descriptor
    finally:
        if os.fstat(descriptor).st_size == 0:
            _remove(places)
        os.close(descriptor)


def _make(places: Places) -> int | None:
    if is_left(places):
        return None
    flags = os.O_RDWR | os.O_APPEND | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    _remove(places)  # an empty one
    try:
        descriptor = os.open(places.journal, flags, 0o600)
    except OSError:
        return None
    with contextlib.suppress(BlockingIOError):  # nobody can know it yet
        lock_opened(descriptor)
    return descriptor


def is_left(places: Places) -> bool:
    """Tell whether there may be something to clean up, or a run that lives."""
    try:
        return os.lstat(places.journal).st_size > 0
    except OSError:
        return False


def recover(places: Places, held: Sequence[int], tell: Callable[[str], None]) -> None:
    """Bring down what a run that was killed with its guardian has left; `tell` what is done, for people, line by line.

    The lock of the root must be held; `held` is its descriptor, kept until all is cleaned up even if this process dies.
    Blocks until then, and must not be called on an event loop. Tells nothing when nothing was left. Nothing is asked of
    pipeline.py: it may have changed, or be gone.
    """
    if not is_left(places):
        return
    from tui_runner.control.journal_file import claim_journal  # noqa: PLC0415 - rarely needed

    try:
        journal = claim_journal(places.journal)
    except BlockingIOError:
        return  # it lives, under another lock: in a container, or with another XDG_RUNTIME_DIR
    except OSError:
        _remove(places)
        return
    try:
        if _is_done(journal, tuple(held), tell):
            _remove(places)
    finally:
        os.close(journal)


def recover_if_free(places: Places, tell: Callable[[str], None]) -> None:
    """Do as `recover` when nobody has the root."""
    from tui_runner.control.lock import Holder, acquire_after_cleanup  # noqa: PLC0415 - rarely needed

    if not is_left(places):
        return
    lock = acquire_after_cleanup(places.lock)
    if isinstance(lock, Holder):
        return
    with lock:
        recover(places, (lock.descriptor,), tell)


def _is_done(journal: int, held: tuple[int, ...], tell: Callable[[str], None]) -> bool:
    """Clean up after what the journal tells; False when something is left for others to do."""
    from tui_runner.control.aftermath import Aftermath  # noqa: PLC0415 - rarely needed
    from tui_runner.control.journal_file import read_journal  # noqa: PLC0415 - the same

    lost = ""
    for _ in range(_TRIES):
        left = read_journal(journal)
        if left is None:
            return True
        if left.marker == os.environ.get("TUI_RUNNER_RUN"):
            return False  # we are a child of it ourselves, and would be ended as well
        lost = Aftermath(left, tell).clean_up(journal, held)
        if not lost:
            return True
    tell(f"not all could be cleaned up: {lost}; the next start tries again")
    return False


def _remove(places: Places) -> None:
    with contextlib.suppress(OSError):
        places.journal.unlink(missing_ok=True)
