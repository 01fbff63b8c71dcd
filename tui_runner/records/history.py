"""Runs of the past: list them, find one. Tolerates whatever a crash or a stranger left behind."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal

import msgspec

from tui_runner.model.result import RunStatus
from tui_runner.records.execution import Execution, read_execution
from tui_runner.records.journal import is_locked
from tui_runner.records.run_directory import RunDirectory, check_directory, is_run_id, run_directory, runs_directory

LATEST: Final = "latest"
"""What people may write instead of the id of the newest run."""


class RunRecord(msgspec.Struct, frozen=True, kw_only=True):
    """What is known of one run."""

    places: RunDirectory
    status: RunStatus | Literal["running", "interrupted", "broken"]
    """`interrupted`: it crashed before its end was written. `broken`: its record cannot be read."""
    execution: Execution | None = None
    """None when it cannot be read."""
    problem: str = ""
    """With `broken`: why, for people."""

    @property
    def run_id(self) -> str:
        """The id of the run."""
        return self.places.run_id


def list_runs(root: Path) -> list[RunRecord]:
    """Return all runs of a root, newest first; empty when there are none.

    Raises:
        RecordsError: something else is in the place of the records.
    """
    return [read_run(root, run_id) for run_id in run_ids(root)]


def read_run(root: Path, run_id: str) -> RunRecord:
    """Return what is known of a run, also when that is little.

    Raises:
        ValueError: the text is no run id.
    """
    places = run_directory(root, run_id)
    try:
        execution = read_execution(places.execution)
    except (OSError, ValueError) as error:
        # A run that has just begun has not written its record yet.
        alive = isinstance(error, FileNotFoundError) and is_locked(places.events)
        problem = f"{places.execution.name}: {error.strerror if isinstance(error, OSError) else error}"
        return RunRecord(places=places, status="running" if alive else "broken", problem="" if alive else problem)
    if execution.status != "running":
        return RunRecord(places=places, status=execution.status, execution=execution)
    alive = is_locked(places.events)
    return RunRecord(places=places, status="running" if alive else "interrupted", execution=execution)


def find_runs(root: Path, text: str) -> Sequence[str]:
    """Return the ids of the runs a person may mean: `latest`, an id, or the beginning or end of ids; newest first.

    Raises:
        RecordsError: something else is in the place of the records.
    """
    ids = run_ids(root)
    if text == LATEST:
        return ids[:1]
    if text in ids:
        return [text]
    return [run_id for run_id in ids if text and (run_id.startswith(text) or run_id.endswith(text))]


def run_ids(root: Path) -> list[str]:
    """Return the ids of all run directories, newest first.

    Raises:
        RecordsError: something else is in the place of the records.
    """
    runs = runs_directory(root.absolute())
    if not (check_directory(runs.parent) and check_directory(runs)):
        return []
    found = (entry for entry in runs.iterdir() if is_run_id(entry.name))
    return sorted((entry.name for entry in found if entry.is_dir() and not entry.is_symlink()), reverse=True)
