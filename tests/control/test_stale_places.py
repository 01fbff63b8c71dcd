"""Private directories of roots that are gone are removed when others start; all else stays."""

import os
import shutil
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tui_runner.control.lock import Lock, acquire, holder_of
from tui_runner.control.places import SWEEP_EVERY_S, SWEPT_NOTE, Places, places_for, prepare
from tui_runner.control.stale_places import LOOKED_AT, UNTOUCHED_S

LONG_AGO = time.time() - UNTOUCHED_S - 1000


@pytest.fixture
def used(tmp_path: Path) -> Callable[[str], Places]:
    """Makes a root whose private directories were used long ago, the way a run leaves them."""

    def make(name: str) -> Places:
        root = tmp_path / name
        root.mkdir(parents=True)
        places = places_for(root)
        prepare(places)
        lock = acquire(places.lock)
        assert isinstance(lock, Lock)
        lock.release()
        places.log.write_text("said something\n")
        age(places)
        return places

    return make


def age(places: Places) -> None:
    for directory in (places.runtime, places.state):
        os.utime(directory, (LONG_AGO, LONG_AGO))


def sweep(tmp_path: Path) -> None:
    """Prepare another root, as its run does, on a day when nobody has swept yet."""
    here = places_for(tmp_path)
    for base in (here.runtime.parent, here.state.parent):
        (base / SWEPT_NOTE).unlink(missing_ok=True)
    prepare(here)
    assert here.runtime.is_dir()
    assert here.state.is_dir()


def left(places: Places) -> tuple[bool, bool]:
    return places.runtime.exists(), places.state.exists()


def test_directories_of_a_root_that_is_gone_are_removed(tmp_path: Path, used: Callable[[str], Places]) -> None:
    gone, kept = used("gone"), used("kept")
    shutil.rmtree(gone.root)
    sweep(tmp_path)
    assert left(gone) == (False, False)
    assert left(kept) == (True, True)


def test_a_root_whose_parent_became_a_file_is_gone_and_one_that_became_a_file_is_not(
    tmp_path: Path, used: Callable[[str], Places]
) -> None:
    gone, there = used("parent/gone"), used("there")
    shutil.rmtree(gone.root.parent)
    gone.root.parent.touch()
    there.root.rmdir()
    there.root.touch()
    sweep(tmp_path)
    assert left(gone) == (False, False)
    assert left(there) == (True, True)


def test_what_still_runs_or_was_not_cleaned_up_after_stays(tmp_path: Path, used: Callable[[str], Places]) -> None:
    runs, crashed = used("runs"), used("crashed")
    lock = acquire(runs.lock)
    assert isinstance(lock, Lock)
    crashed.journal.write_text("0123456789abcdef0123456789abcdef")
    for places in (runs, crashed):
        age(places)
        shutil.rmtree(places.root)
    sweep(tmp_path)
    assert left(runs) == (True, True)
    assert holder_of(runs.lock) is not None
    lock.release()
    assert crashed.journal.exists(), "processes of it may be left"


def test_what_was_used_lately_stays(tmp_path: Path, used: Callable[[str], Places]) -> None:
    places = used("gone")
    shutil.rmtree(places.root)
    for directory in (places.runtime, places.state):
        os.utime(directory)
    sweep(tmp_path)
    assert left(places) == (True, True)


def test_what_is_not_ours_for_sure_stays(tmp_path: Path, used: Callable[[str], Places]) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "root").write_text(str(tmp_path / "never"))
    foreign, extra, lying, open_to_all = used("foreign"), used("extra"), used("lying"), used("open")
    (extra.runtime / "precious").touch()
    (lying.runtime / "root").write_text(str(tmp_path / "elsewhere"))
    open_to_all.runtime.chmod(0o755)
    for places in (foreign, extra, lying, open_to_all):
        age(places)
        shutil.rmtree(places.root)
    shutil.rmtree(foreign.runtime)
    foreign.runtime.symlink_to(outside)
    sweep(tmp_path)
    assert (outside / "root").exists()
    assert (extra.runtime / "precious").exists()
    assert lying.lock.exists()
    assert open_to_all.lock.exists()


def test_it_looks_once_a_day_and_not_at_everything(tmp_path: Path, used: Callable[[str], Places]) -> None:
    gone = [used(f"gone-{number}") for number in range(LOOKED_AT + 10)]
    for places in gone:
        shutil.rmtree(places.root)

    def still_there() -> int:
        return sum(places.runtime.exists() for places in gone)

    sweep(tmp_path)
    first = still_there()
    assert first in {10, 11}, "one of those that were looked at may be the one that is in use"
    here = places_for(tmp_path)
    prepare(here)
    assert still_there() == first
    yesterday = time.time() - SWEEP_EVERY_S - 1000
    os.utime(here.runtime.parent / SWEPT_NOTE, (yesterday, yesterday))
    prepare(here)
    assert still_there() == 0


def test_a_root_that_comes_back_starts_as_if_it_were_new(tmp_path: Path, used: Callable[[str], Places]) -> None:
    places = used("back")
    shutil.rmtree(places.root)
    sweep(tmp_path)
    places.root.mkdir()
    lock = acquire(places.lock)  # even when it had been prepared a moment before it was removed
    assert isinstance(lock, Lock)
    lock.release()
    prepare(places)
    assert left(places) == (True, True)
