"""A run whose supervisor and guardian are killed before either can notice, and what it leaves."""

import json
import os
import signal
from collections.abc import Iterable
from pathlib import Path

from live_workspace import Owner, Workspace

from tui_runner.control.lock import wait_until_free

PARTS = """
    import os

    def part(name, *needs, teardown="", **options):
        down = f'echo {name} $COLOR "${{PWD##*/}}" >> ../story; echo {name} is down'
        up = command("echo ready; exec sleep 1000", ready_when="ready", teardown=teardown + down, **options)
        os.makedirs(name, exist_ok=True)
        return task(name, commands={"dev": up}, depends_on=needs, cwd=name, env={"COLOR": name + "-blue"})

    quick = task("quick", commands={"build": "true"})
"""
"""Head of a pipeline.py: `part(name, *needs)` is a service in a directory of its own; `quick` is nothing in `dev`."""


def children_of(pid: int) -> list[int]:
    """Return the children of a process."""
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def kill_at_once(pids: Iterable[int]) -> None:
    """SIGKILL processes before any of them can notice that another one is gone."""
    for number in (signal.SIGSTOP, signal.SIGKILL):
        for pid in pids:
            os.kill(pid, number)


def kill_together(owner: Owner, workspace: Workspace) -> str:
    """Kill a supervisor and its guardian; return the marker of what is left."""
    marker = marker_of(workspace)
    kill_at_once((*children_of(owner.pid), owner.pid))
    owner.wait_exit()
    owner.socket.close()
    wait_until_free(workspace.places.lock)
    return marker


def marker_of(workspace: Workspace) -> str:
    """Return the marker that the journal tells."""
    marker: str = json.loads(workspace.places.journal.read_text().splitlines()[0])["marker"]
    return marker


def story_of(workspace: Workspace) -> list[str]:
    """Return what teardowns have written, in order."""
    story = workspace.root / "story"
    return story.read_text().splitlines() if story.exists() else []


def torn_down(*names: str) -> list[str]:
    """Return what the teardowns of parts write, with their environment and directory."""
    return [f"{name} {name}-blue {name}" for name in names]
