"""When the guardian itself was killed: end what it has left behind, as well as that can be done without it.

Nobody is the parent of the tasks any more. Process groups and the marker in the environment are what is left to find
them by; teardowns do not run.
"""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import Iterable
from typing import Final

from tui_runner.process.guardian import process_table
from tui_runner.process.guardian.adoption import CALM_LOOKS, kill_all
from tui_runner.process.guardian_client import ProcessId

_POLL_S: Final = 0.01
_ROUNDS: Final = 100
_STOP_FIRST_AFTER: Final = 3


async def end_orphans(groups: Iterable[ProcessId], marker: str, *, grace_s: float = 1.0) -> None:
    """Send SIGTERM to the groups, SIGKILL after the grace time, then SIGKILL to everything that carries the marker.

    `groups` are their leaders; one whose pid is somebody else's by now is left alone.
    """
    same = [group.pid for group in groups if process_table.is_same_group(group.pid, group.start, marker)]
    left = {group for group in same if _signal(group, signal.SIGTERM) and _signal(group, signal.SIGCONT)}
    loop = asyncio.get_running_loop()
    end = loop.time() + grace_s
    while left and loop.time() < end:
        await asyncio.sleep(_POLL_S)
        left = {group for group in left if _signal(group, 0)}
    for group in left:
        _signal(group, signal.SIGKILL)
    calm = 0
    for round_number in range(_ROUNDS):
        marked = _marked(marker)
        kill_all(marked, stop_first=round_number >= _STOP_FIRST_AFTER)
        calm = 0 if marked else calm + 1
        if calm == CALM_LOOKS:
            return
        await asyncio.sleep(_POLL_S)


def _signal(group: int, number: int) -> bool:
    """Signal a group; tell whether it exists."""
    try:
        os.killpg(group, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def _marked(marker: str) -> set[int]:
    if sys.platform == "linux":
        return process_table.marked(marker)
    import psutil  # noqa: PLC0415 - only needed where there is no /proc, and slow to load

    found: set[int] = set()
    for process in psutil.process_iter():
        with contextlib.suppress(psutil.Error):
            if process.environ().get("TUI_RUNNER_RUN") == marker:
                found.add(process.pid)
    return found
