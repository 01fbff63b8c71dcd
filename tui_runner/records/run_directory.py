"""Where the records of a run lie: `.tui_runner/runs/<run id>/` under the root, for its owner's eyes only."""

import os
import re
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from tui_runner.errors.runner_error import RunnerError
from tui_runner.model.task import TaskId
from tui_runner.process.file_name import file_name_for
from tui_runner.process.state_directory import (
    DIRECTORY_MODE,
    STATE_DIRECTORY,
    StateDirectoryError,
    is_own_directory,
    make_private_directory,
    make_state_directory,
)

_RUN_ID: Final = r"\d{8}T\d{6}\.\d{3}Z-[0-9a-f]{4}"
_ATTEMPTS: Final = 20


class RecordsError(RunnerError):
    """Records cannot be kept here. The message says what is in the way and how to go on; runs work without them."""


class RunDirectory(msgspec.Struct, frozen=True, kw_only=True):
    """The places of one run's records. Data only: nothing is checked or made."""

    run_id: str
    path: Path
    """Absolute."""

    @property
    def execution(self) -> Path:
        """What ran and how it went."""
        return self.path / "execution.json"

    @property
    def summary(self) -> Path:
        """The same for people."""
        return self.path / "summary.md"

    @property
    def events(self) -> Path:
        """Every transition, one line each. Locked while the run lives."""
        return self.path / "events.jsonl"

    @property
    def logs(self) -> Path:
        """Directory of the tasks' output."""
        return self.path / "logs"

    def log_of(self, task: TaskId) -> Path:
        """Return the log file of a task."""
        return self.logs / f"{file_name_for(task)}.log"


def new_run_id(at: float | None = None) -> str:
    """Return an id such as `20261121T224003.123Z-ab12`, which sorts by time. `at` is seconds since the epoch, now by default."""
    moment = datetime.fromtimestamp(time.time() if at is None else at, UTC)
    return f"{moment:%Y%m%dT%H%M%S}.{moment.microsecond // 1000:03d}Z-{os.urandom(2).hex()}"


def is_run_id(text: str) -> bool:
    """Tell whether a text has the form of a run id, and so cannot lead anywhere else as part of a path."""
    return re.fullmatch(_RUN_ID, text) is not None


def runs_directory(root: Path) -> Path:
    """Return where all runs of a root lie."""
    return root / STATE_DIRECTORY / "runs"


def run_directory(root: Path, run_id: str) -> RunDirectory:
    """Return the places of a run.

    Raises:
        ValueError: the text is no run id.
    """
    if not is_run_id(run_id):
        raise ValueError(f"`{run_id}` is not the id of a run")
    return RunDirectory(run_id=run_id, path=runs_directory(root.absolute()) / run_id)


def create_run_directory(root: Path, run_id: str | None = None) -> RunDirectory:
    """Make the directory of a new run, with `logs/` in it, and return its places. No `run_id` makes a new unique one.

    Raises:
        RecordsError: something in the workspace is in the way, the disk is full, or the id is taken.
        ValueError: `run_id` is no run id.
    """
    runs = runs_directory(root.absolute())
    candidates = (run_id,) if run_id is not None else tuple(new_run_id() for _ in range(_ATTEMPTS))
    try:
        make_state_directory(root.absolute())
        make_private_directory(runs)
        for candidate in candidates:
            places = run_directory(root, candidate)
            try:
                places.path.mkdir(mode=DIRECTORY_MODE)
            except FileExistsError:
                continue
            places.logs.mkdir(mode=DIRECTORY_MODE)
            return places
    except StateDirectoryError as error:
        raise _in_the_way(error) from error
    except OSError as error:
        raise RecordsError(f"records cannot be kept in {runs}: {error.strerror or error}") from error
    raise RecordsError(f"records cannot be kept in {runs}: {candidates[0]} exists already")


def check_directory(path: Path) -> bool:
    """Tell whether a directory of ours is there.

    Raises:
        RecordsError: something else is in its place: a link, a file, or somebody else's directory.
    """
    try:
        return is_own_directory(path)
    except StateDirectoryError as error:
        raise _in_the_way(error) from error


def _in_the_way(error: StateDirectoryError) -> RecordsError:
    return RecordsError(f"{error} to have records kept")
