"""Forgets runs of the past: too many, too old, or too large together. Never one that lives.

What cannot be deleted is left and tried again the next time. Nothing is followed out of the records.
"""

import os
from collections.abc import Iterator
from pathlib import Path

from tui_runner.model.retention import Retention
from tui_runner.records.history import run_ids
from tui_runner.records.journal import is_locked
from tui_runner.records.run_directory import new_run_id, run_directory


def prune_runs(root: Path, retention: Retention, now: float, *, spared: str = "") -> int:
    """Delete runs that are not to be kept any more, and return how many went. The one `spared` is never deleted.

    `now` is seconds since the epoch. Looks at the size of every file of every run.

    Raises:
        RecordsError: something else is in the place of the records.
    """
    gone = size = 0
    oldest = "" if retention.max_age_s is None else new_run_id(max(0.0, now - retention.max_age_s))
    for number, run_id in enumerate(run_ids(root)):
        places = run_directory(root, run_id)
        size += directory_size(places.path)
        kept = number < retention.max_runs and run_id >= oldest and size <= retention.max_total_size
        if not kept and run_id != spared and not is_locked(places.events):
            gone += _delete(places.path)
    return gone


def directory_size(path: Path) -> int:
    """Return the bytes of all files in a directory and below it; links are not followed."""
    return sum(_sizes(path))


def _sizes(path: str | Path) -> Iterator[int]:
    try:
        with os.scandir(path) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    yield from _sizes(entry.path)
                else:
                    yield entry.stat(follow_symlinks=False).st_size
    except OSError:
        return  # somebody tidies up meanwhile


def _delete(path: Path) -> bool:
    import shutil  # noqa: PLC0415 - rarely needed, and slow to import

    try:
        shutil.rmtree(path)  # never follows a link, neither here nor inside
    except OSError:
        return False
    return True
