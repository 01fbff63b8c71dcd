"""What is not needed any more goes; what is needed stays."""

from pathlib import Path

import msgspec
import pytest
from cache_workspace import CacheWorkspace, age

from tui_runner.caching.garbage import Collected, clear, collect

DAY_S = 86400.0
NOTHING = Collected()


def key(number: int) -> str:
    return f"{number:064x}"


def keep(workspace: CacheWorkspace, number: int, *contents: str, task: str = "build", mode: str = "dev") -> Path:
    """Keep an entry with files of these contents; return its file."""
    for name in workspace.root.glob("dist/*"):
        name.unlink()
    for index, content in enumerate(contents):
        workspace.write(f"dist/{index}", content)
    return workspace.save(key(number), task, mode, workspace.take("dist").outputs if contents else ())


def kept(workspace: CacheWorkspace) -> list[int]:
    return sorted(int(entry.key, 16) for entry in workspace.store.entries())


def test_nothing_goes_without_a_reason(workspace: CacheWorkspace) -> None:
    keep(workspace, 1, "a", "b")
    assert collect(workspace.store) == NOTHING
    assert kept(workspace) == [1]
    assert len(workspace.blob_files()) == 2


def test_an_empty_cache_has_no_garbage(workspace: CacheWorkspace) -> None:
    assert collect(workspace.store, max_age_s=0, max_size_bytes=0, keep_last=0) == NOTHING
    assert clear(workspace.store) == NOTHING


def test_entries_go_by_their_last_use(workspace: CacheWorkspace) -> None:
    old, used, new = keep(workspace, 1, "old"), keep(workspace, 2, "used"), keep(workspace, 3, "new")
    age(old, 10 * DAY_S)
    age(used, 10 * DAY_S)
    age(new, 1 * DAY_S)
    workspace.store.used("build", "dev", key(2))
    freed = old.stat().st_size + len("old")
    assert collect(workspace.store, max_age_s=5 * DAY_S) == Collected(entries=1, blobs=1, bytes=freed)
    assert kept(workspace) == [2, 3]
    assert not list(old.parent.glob(f"{key(1)}*"))


def test_contents_that_others_need_stay(workspace: CacheWorkspace) -> None:
    old = keep(workspace, 1, "shared", "only old")
    keep(workspace, 2, "shared", "only new")
    age(old, 10 * DAY_S)
    result = collect(workspace.store, max_age_s=5 * DAY_S)
    assert (result.entries, result.blobs) == (1, 1)
    assert {path.read_text() for path in workspace.blob_files()} == {"shared", "only new"}


@pytest.mark.parametrize("what", ["log", "inputs"])
def test_what_an_entry_names_beside_its_outputs_is_needed_too(workspace: CacheWorkspace, what: str) -> None:
    with workspace.store.using():
        named = workspace.store.add_bytes(b"what it printed, or read")
        workspace.store.save(msgspec.structs.replace(workspace.entry(), **{what: named}))
    assert collect(workspace.store) == NOTHING
    assert workspace.store.read_blob(named) == b"what it printed, or read"


def test_contents_without_an_entry_go(workspace: CacheWorkspace) -> None:
    keep(workspace, 1, "needed")
    with workspace.store.using():
        workspace.store.add_bytes(b"stored by a run that was killed before its entry was")
    assert collect(workspace.store) == Collected(blobs=1, bytes=52)
    assert [path.read_text() for path in workspace.blob_files()] == ["needed"]


def test_a_size_is_kept_by_removing_what_was_used_longest_ago(workspace: CacheWorkspace) -> None:
    files = [keep(workspace, number, str(number) * 10_000) for number in range(5)]
    for number, file in enumerate(files):
        age(file, (5 - number) * DAY_S)
    workspace.store.used("build", "dev", key(0))
    room = sum(files[number].stat().st_size + 10_000 for number in (0, 4, 3))
    result = collect(workspace.store, max_size_bytes=room)
    assert (result.entries, result.blobs) == (2, 2)
    assert kept(workspace) == [0, 3, 4]
    assert collect(workspace.store, max_size_bytes=room) == NOTHING


def test_a_content_that_entries_share_counts_once(workspace: CacheWorkspace) -> None:
    files = [keep(workspace, number, "x" * 10_000) for number in range(3)]
    room = 10_000 + sum(file.stat().st_size for file in files)
    assert collect(workspace.store, max_size_bytes=room) == NOTHING
    assert kept(workspace) == [0, 1, 2]
    assert collect(workspace.store, max_size_bytes=room - 1).entries == 1


def test_what_does_not_fit_takes_all_that_is_older_with_it(workspace: CacheWorkspace) -> None:
    small, large, new = keep(workspace, 1, "s"), keep(workspace, 2, "l" * 100_000), keep(workspace, 3, "n")
    age(small, 3 * DAY_S)
    age(large, 2 * DAY_S)
    assert collect(workspace.store, max_size_bytes=small.stat().st_size + new.stat().st_size + 100).entries == 2
    assert kept(workspace) == [3]


def test_so_many_of_each_task_and_mode_are_kept(workspace: CacheWorkspace) -> None:
    for number, (task, mode) in enumerate([("a", "dev"), ("a", "dev"), ("a", "ci"), ("b", "dev"), ("a", "dev")]):
        keep(workspace, number, f"{number}", task=task, mode=mode)
    assert collect(workspace.store, keep_last=1).entries == 2
    assert kept(workspace) == [2, 3, 4]
    assert collect(workspace.store, keep_last=0).entries == 3
    assert workspace.blob_files() == []


def test_broken_entries_and_leftovers_go(workspace: CacheWorkspace) -> None:
    broken = keep(workspace, 1, "a")
    broken.write_bytes(b"broken")
    left = workspace.places.unfinished / "0123456789abcdef"
    left.write_text("begun")
    assert collect(workspace.store).blobs == 1
    assert not broken.exists()
    assert workspace.unfinished() == []


def test_what_others_have_put_there_stays(workspace: CacheWorkspace, tmp_path: Path) -> None:
    keep(workspace, 1, "a")
    (blob,) = workspace.blob_files()
    (tmp_path / "victim").mkdir()
    (tmp_path / "victim" / ("ab" * 32)).write_text("precious")
    (workspace.places.blobs / "ab").symlink_to(tmp_path / "victim")
    (workspace.places.blobs / "README").write_text("mine")
    (workspace.places.entries / "elsewhere").symlink_to(tmp_path / "victim")
    (blob.parent / "not-a-digest").write_text("mine")
    clear(workspace.store)
    assert (tmp_path / "victim" / ("ab" * 32)).read_text() == "precious"
    assert (workspace.places.blobs / "README").read_text() == "mine"
    assert (blob.parent / "not-a-digest").read_text() == "mine"
    assert not blob.exists()


def test_a_task_is_cleared_in_all_its_modes(workspace: CacheWorkspace) -> None:
    keep(workspace, 1, "shared", "one", task="a", mode="dev")
    keep(workspace, 2, "shared", "two", task="a", mode="ci")
    keep(workspace, 3, "shared", "three", task="a:b", mode="dev")
    tables = {workspace.places.table(task, "dev", "inputs") for task in ("a", "a:b", "gone.x")}
    for table in tables:
        table.write_bytes(b"")
    result = clear(workspace.store, "a")
    assert (result.entries, result.blobs) == (2, 2)
    assert kept(workspace) == [3]
    assert {path.read_text() for path in workspace.blob_files()} == {"shared", "three"}
    assert [table for table in tables if table.exists()] == [workspace.places.table("a:b", "dev", "inputs")]


def test_everything_is_cleared(workspace: CacheWorkspace) -> None:
    files = [keep(workspace, number, str(number), task=f"task {number}") for number in range(3)]
    size = sum(file.stat().st_size for file in files)
    assert clear(workspace.store) == Collected(entries=3, blobs=3, bytes=size + 3)
    assert kept(workspace) == []
    assert [path for path in workspace.places.directory.rglob("*") if path.is_file()] == [workspace.places.usage]


@pytest.mark.parametrize("bound", [0, -1])
def test_bounds_of_nothing_keep_nothing(bound: int, workspace: CacheWorkspace) -> None:
    keep(workspace, 1, "a")
    assert collect(workspace.store, max_size_bytes=bound).entries == 1
    assert kept(workspace) == []
