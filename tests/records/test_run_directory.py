import os
import stat
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tui_runner.records.run_directory import (
    RecordsError,
    create_run_directory,
    is_run_id,
    new_run_id,
    run_directory,
    runs_directory,
)


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


@given(st.lists(st.floats(0, 4_000_000_000), min_size=2, max_size=2))
def test_run_ids_sort_by_time(times: list[float]) -> None:
    early, late = sorted(times)
    first, second = new_run_id(early), new_run_id(late)
    assert is_run_id(first)
    assert first[:20] <= second[:20]


def test_a_run_id_shows_its_moment() -> None:
    assert new_run_id(1795300803.1234).startswith("20261121T224003.123Z-")


@pytest.mark.parametrize(
    "text", ["", "..", "../../etc", "20261121T224003.123Z-ab12/..", "20261121T224003.123Z-ab12\n", "latest"]
)
def test_what_is_no_run_id_cannot_become_a_path(text: str, tmp_path: Path) -> None:
    assert not is_run_id(text)
    with pytest.raises(ValueError, match="is not the id of a run"):
        run_directory(tmp_path, text)


def test_directories_are_private_and_invisible_to_git(tmp_path: Path) -> None:
    previous = os.umask(0)
    try:
        places = create_run_directory(tmp_path)
    finally:
        os.umask(previous)
    ours = tmp_path / ".tui_runner"
    for directory in (ours, ours / "runs", places.path, places.logs):
        assert mode(directory) == 0o700
    assert (ours / ".gitignore").read_text() == "*\n"
    assert mode(ours / ".gitignore") == 0o600
    assert [entry.name for entry in (ours / "runs").iterdir()] == [places.run_id]


def test_log_files_of_different_tasks_never_collide(tmp_path: Path) -> None:
    places = create_run_directory(tmp_path)
    names = {places.log_of(task).name for task in ("a:b", "a/b", "a_b", "A:b", "../x", ".")}
    assert len(names) == 6
    assert all(places.log_of(task).parent == places.logs for task in ("../x", "/etc/x", "a/b"))


def test_a_taken_id_is_refused(tmp_path: Path) -> None:
    places = create_run_directory(tmp_path)
    with pytest.raises(RecordsError, match="exists already"):
        create_run_directory(tmp_path, places.run_id)


def test_an_open_directory_from_a_checkout_is_made_private(tmp_path: Path) -> None:
    runs = runs_directory(tmp_path)
    runs.mkdir(parents=True)
    runs.parent.chmod(0o755)
    runs.chmod(0o777)
    create_run_directory(tmp_path)
    assert mode(runs) == mode(runs.parent) == 0o700


@pytest.mark.parametrize("planted", [".tui_runner", ".tui_runner/runs"])
def test_a_planted_link_is_refused_and_not_followed(planted: str, tmp_path: Path) -> None:
    root, victim = tmp_path / "root", tmp_path / "victim"
    root.mkdir()
    victim.mkdir(mode=0o755)
    link = root / planted
    link.parent.mkdir(exist_ok=True)
    link.symlink_to(victim)
    with pytest.raises(RecordsError, match=r"symbolic link.*remove it"):
        create_run_directory(root)
    assert list(victim.iterdir()) == []
    assert mode(victim) == 0o755


def test_a_file_in_the_way_is_told(tmp_path: Path) -> None:
    (tmp_path / ".tui_runner").write_text("")
    with pytest.raises(RecordsError, match="is not a directory"):
        create_run_directory(tmp_path)


def test_a_planted_gitignore_link_is_replaced_and_not_written_through(tmp_path: Path) -> None:
    victim = tmp_path / "victim"
    victim.write_text("precious")
    root = tmp_path / "root"
    (root / ".tui_runner").mkdir(parents=True)
    (root / ".tui_runner" / ".gitignore").symlink_to(victim)
    create_run_directory(root)
    assert victim.read_text() == "precious"
    assert (root / ".tui_runner" / ".gitignore").read_text() == "*\n"


def test_a_root_that_cannot_be_written_to_is_told(tmp_path: Path) -> None:
    with pytest.raises(RecordsError, match=r"cannot be kept.*No such file"):
        create_run_directory(tmp_path / "missing")
