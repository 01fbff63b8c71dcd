import os
from pathlib import Path

import pytest

from tui_runner.process.file_lock import try_lock


def take(path: Path, *, shared: bool = False) -> int:
    descriptor = try_lock(path, shared=shared)
    assert descriptor is not None
    return descriptor


def test_a_lock_is_held_by_one_until_it_is_closed(tmp_path: Path) -> None:
    lock = take(tmp_path / "lock")
    assert try_lock(tmp_path / "lock") is None
    assert try_lock(tmp_path / "lock", shared=True) is None
    os.close(lock)
    os.close(take(tmp_path / "lock"))
    assert (tmp_path / "lock").stat().st_mode & 0o777 == 0o600


def test_shared_locks_are_only_in_the_way_of_others(tmp_path: Path) -> None:
    first, second = take(tmp_path / "lock", shared=True), take(tmp_path / "lock", shared=True)
    assert try_lock(tmp_path / "lock") is None
    os.close(first)
    assert try_lock(tmp_path / "lock") is None
    os.close(second)
    os.close(take(tmp_path / "lock"))


def test_programs_that_are_started_do_not_inherit_a_lock(tmp_path: Path) -> None:
    lock = take(tmp_path / "lock")
    assert not os.get_inheritable(lock)
    os.close(lock)


@pytest.mark.parametrize("kind", ["link", "pipe", "directory"])
def test_what_is_no_file_is_not_locked(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "lock"
    match kind:
        case "link":
            path.symlink_to(tmp_path / "made")
        case "pipe":
            os.mkfifo(path)
        case _:
            path.mkdir()
    with pytest.raises(OSError, match=r"symbolic links|not a regular file|[Dd]irectory"):
        try_lock(path)
    assert not (tmp_path / "made").exists()
