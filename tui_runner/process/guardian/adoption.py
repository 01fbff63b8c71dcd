"""Escaped processes: orphans that became our children because we are the subreaper, and whose they are."""

from __future__ import annotations

import os

from tui_runner.process.guardian import process_table
from tui_runner.process.guardian.signals import SIGKILL, SIGSTOP

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

_STOP_FIRST_AFTER = 3
"""Rounds after which processes are stopped before they are killed, against those that fork without end."""
_MOST_ROUNDS = 400
CALM_LOOKS = 4
"""What forks on and on may be missed by a look at all processes."""
_FIRST_LOOK_S = 0.25
_LONGEST_PAUSE_S = 64.0


class Adoption:
    """Knows the owner of every adopted child, from the environment it was started with."""

    def __init__(self, marker: str, found: Callable[[int, int], None]) -> None:
        """`found` is told the pid and the start time of every orphan."""
        self._marker = marker
        self._found = found
        self._everywhere = False
        """Others than children of ours may belong to a task: another guardian was there before."""
        self._owners: dict[int, str | None] = {}
        self._heirs: dict[int, str] = {}
        """Descendants of escaped processes that were just killed: they are adopted next, whatever they carry."""

    def refresh(self, known: Callable[[int], bool]) -> None:
        """Look for new orphans among our children; `known` tells which children we started ourselves."""
        children = process_table.children()
        for pid in children:
            if pid not in self._owners and not known(pid):
                self._owners[pid] = self._heirs.pop(pid, None) or process_table.owner(pid, self._marker)
                self._found(pid, process_table.start_of_new(pid))
        for pid in [pid for pid in self._owners if pid not in children]:
            del self._owners[pid]

    def look_everywhere(self) -> None:
        """Look for escaped processes among all that carry the marker: those of a killed guardian are no children."""
        self._everywhere = True

    def reaped(self, pid: int) -> None:
        """Forget an orphan that has ended."""
        self._owners.pop(pid, None)

    def closed(self, task: str) -> None:
        """Forget what was noted for the hunt."""
        self._heirs = {pid: heir for pid, heir in self._heirs.items() if heir != task}

    def may_have(self, task: str) -> bool:
        """Tell whether an orphan belongs to the task, or to nobody we know."""
        return self._everywhere or any(owner in {task, None} for owner in self._owners.values())

    def hunt(self, task: str, sweeps: int) -> bool:
        """Kill the task's orphans and all below them; tell whether there were any."""
        roots = {pid for pid, owner in self._owners.items() if owner == task}
        if self._everywhere:
            marked = process_table.marked(self._marker)
            roots |= {pid for pid in marked if process_table.owner(pid, self._marker) == task}
        if not roots:
            return False
        below = process_table.descendants(roots, process_table.everyone())
        self._heirs.update(dict.fromkeys(below, task))
        kill_all(roots | below, stop_first=sweeps >= _STOP_FIRST_AFTER)
        return True


class Lookout:
    """When to look for orphans while nothing happens, to have them in the journal: soon after a spawn, then less often.

    Nobody tells us when a process becomes our child. Daemons come to be soon after their task.
    """

    def __init__(self) -> None:
        self._pause = 0.0
        self._next: float | None = None

    def spawned(self, now: float) -> None:
        """Begin anew."""
        self._pause = _FIRST_LOOK_S
        self._next = now + self._pause

    def is_due(self, now: float) -> bool:
        """Tell whether to look now; then the next look is due after twice the time."""
        if self._next is None or now < self._next:
            return False
        self._pause = min(2 * self._pause, _LONGEST_PAUSE_S)
        self._next = now + self._pause
        return True

    def rest(self) -> None:
        """Look no more until something is spawned."""
        self._next = None

    def delay(self, now: float) -> float | None:
        """Return in how many seconds a look is due; None when none is."""
        return None if self._next is None else max(0.0, self._next - now)


def sweep_everything(marker: str, reap: Callable[[], None], wait: Callable[[float], None], *, calm_looks: int) -> None:
    """Kill every descendant and everything that carries the marker, until so many looks in a row find nothing.

    One look is enough for descendants; `CALM_LOOKS` where only the marker tells of a process. Gives up on what cannot be
    killed, such as processes of another user.
    """
    me = {os.getpid()}
    unreachable: set[int] = set()
    calm = 0
    for round_number in range(_MOST_ROUNDS):
        reap()
        left = set[int]()
        children = process_table.children() - unreachable  # with those that have just died and are to be reaped
        if children:
            left = process_table.descendants(me, process_table.everyone())
        left = (left or process_table.marked(marker)) - unreachable
        calm = 0 if left or children else calm + 1
        if calm == calm_looks:
            return
        unreachable |= kill_all(left, stop_first=round_number >= _STOP_FIRST_AFTER)
        wait(0.002)


def kill_all(pids: set[int], *, stop_first: bool) -> set[int]:
    """SIGKILL processes; return those that we may not signal."""
    refused: set[int] = set()
    for number in (SIGSTOP, SIGKILL) if stop_first else (SIGKILL,):
        for pid in pids:
            try:
                os.kill(pid, number)
            except ProcessLookupError:
                continue
            except PermissionError:
                refused.add(pid)
    return refused
