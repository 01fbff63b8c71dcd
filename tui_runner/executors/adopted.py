"""Orphans of a killed guardian that became children of this process. For processes of ours only, on Linux.

A host program is left alone: there such orphans become children of the init process, and only the marker finds them.
"""

import contextlib
import os
import time
from typing import Final

from tui_runner.process.guardian import process_table
from tui_runner.process.guardian.subreaper import become_subreaper
from tui_runner.process.guardian_client import ProcessId

_MOST_S: Final = 5.0
"""Then what is left cannot be killed by us."""
_PAUSE_S: Final = 0.001


class Adopted:
    """What may be ours without our having started it."""

    def __init__(self) -> None:
        """Become the one to whom orphans go. What is there already is not among them."""
        become_subreaper()
        self._others = _in_other_sessions()

    def found(self, ours: set[int]) -> list[ProcessId]:
        """Return adopted children that live; `ours` are children that we started."""
        starts = ((pid, process_table.start_of(pid)) for pid in self._pids(ours))
        return [ProcessId(pid=pid, start=start) for pid, start in starts if start is not None]

    def _pids(self, ours: set[int]) -> set[int]:
        return _in_other_sessions() - self._others - ours

    def sweep(self, ours: set[int]) -> None:
        """End adopted children, and all below them, until none is left; `ours` are children that we started.

        Tasks have sessions of their own, and nobody can join ours: what is in our session was started by ourselves. Children
        of those that are killed come to us, and are next: looking at our own children only is quick enough to catch what
        forks on and on.
        """
        from tui_runner.process.guardian.adoption import kill_all  # noqa: PLC0415 - few guardians are killed

        end = time.monotonic() + _MOST_S
        while (left := self._pids(ours)) and time.monotonic() < end:
            for pid in left:
                if not _reap(pid):
                    kill_all({pid}, stop_first=False)
            time.sleep(_PAUSE_S)


def _in_other_sessions() -> set[int]:
    session = os.getsid(0)
    found: set[int] = set()
    for pid in process_table.children():
        with contextlib.suppress(ProcessLookupError):
            if os.getsid(pid) != session:
                found.add(pid)
    return found


def _reap(pid: int) -> bool:
    """Collect a child if it has ended; tell whether it is gone."""
    try:
        return os.waitpid(pid, os.WNOHANG)[0] == pid
    except ChildProcessError:
        return True
