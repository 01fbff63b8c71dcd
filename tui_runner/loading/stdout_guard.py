"""While a user's file is loaded, what it prints goes to stderr: stdout holds the data of our command line."""

import contextlib
import os
import sys
from collections.abc import Iterator


@contextlib.contextmanager
def stdout_to_stderr() -> Iterator[None]:
    """Send everything for stdout to stderr: `print`, and what child processes write to descriptor 1.

    Descriptors belong to the whole process: use it before other threads print.
    """
    if sys.stdout is not None:
        sys.stdout.flush()
    with contextlib.redirect_stdout(sys.stderr), _descriptor_moved(1, 2):
        yield


@contextlib.contextmanager
def _descriptor_moved(moved: int, onto: int) -> Iterator[None]:
    try:
        kept = os.dup(moved)
    except OSError:  # it is closed: nothing can be written to it
        yield
        return
    try:
        with contextlib.suppress(OSError):  # the other is closed: prints stay where they went
            os.dup2(onto, moved)
        yield
    finally:
        os.dup2(kept, moved)
        os.close(kept)
