import os
import stat
import threading
from pathlib import Path

import msgspec
import pytest
from file_sets import Tree
from file_time import let_time_pass

from tui_runner.caching.fingerprint import Fingerprint, take_fingerprint
from tui_runner.caching.sealed import seal, unseal
from tui_runner.caching.stat_table import TABLE_MAGIC

_TOMORROW_S = 1 << 32
"""Long after these tests have ended."""


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path)
    made.write({"src/a": "one", "src/b": "two", "src/deep/c": "three", "lib/d": "four"})
    (made.root / "src/link").symlink_to("../lib/d")
    (made.root / "src/lost").symlink_to("nowhere")
    let_time_pass(made.root)
    return made


def look(tree: Tree, *patterns: str) -> Fingerprint:
    return take_fingerprint(tree.file_set(*patterns), tree.table)


def test_what_has_not_changed_is_neither_opened_nor_listed(tree: Tree) -> None:
    assert tree.opened("src", "gone") == ["src", "src/a", "src/b", "src/deep", "src/deep/c", "src/link"]
    assert tree.opened("src", "gone") == []


def test_only_the_file_that_changed_is_read(tree: Tree) -> None:
    look(tree, "src")
    (tree.root / "src/a").write_text("eno")
    assert tree.opened("src") == ["src/a"]


def test_a_link_is_followed_again_when_the_file_it_leads_to_has_changed(tree: Tree) -> None:
    look(tree, "src")
    (tree.root / "lib/d").write_text("five")
    assert tree.opened("src") == ["src/link"]


def test_only_directories_are_listed_again_when_a_file_has_come(tree: Tree) -> None:
    look(tree, "src")
    tree.write({"src/deep/new": "new"})
    assert tree.opened("src") == ["src", "src/deep", "src/deep/new"]


@pytest.mark.parametrize("pattern", ["gone", "gone/*.txt", "gone/deeper", "nowhere", "src/lost", "src/a/x"])
def test_what_was_missing_is_found_when_it_has_come(tree: Tree, pattern: str) -> None:
    look(tree, pattern)
    (tree.root / "src/a").unlink()
    tree.write({"gone/x.txt": "x", "gone/deeper/y": "y", "src/nowhere/z": "z", "nowhere/z": "z", "src/a/x": "x"})
    assert look(tree, pattern).digest == tree.look(pattern).digest
    assert look(tree, pattern).count > 0


def test_a_file_that_could_be_written_again_in_the_same_tick_is_read_again(tree: Tree) -> None:
    """Stands for one that was written just now: its time is not before that of the look."""
    os.utime(tree.root / "src/a", (_TOMORROW_S, _TOMORROW_S))
    look(tree, "src")
    assert tree.opened("src") == ["src/a"]


def test_a_directory_that_could_change_again_in_the_same_tick_is_listed_again(tree: Tree) -> None:
    os.utime(tree.root / "src/deep", (_TOMORROW_S, _TOMORROW_S))
    look(tree, "src")
    assert tree.opened("src") == ["src", "src/deep"]


def test_times_beyond_all_sense_do_no_harm(tree: Tree) -> None:
    os.utime(tree.root / "src/a", ns=(0, -(1 << 62)))
    os.utime(tree.root / "src/b", ns=(0, 1 << 62))
    assert look(tree, "src").digest == look(tree, "src").digest == tree.look("src").digest


def test_a_table_is_written_once_and_for_its_owner_only(tree: Tree) -> None:
    look(tree, "src")
    before = tree.table.stat()
    assert stat.S_IMODE(before.st_mode) == 0o600
    assert stat.S_IMODE(tree.table.parent.stat().st_mode) == 0o700
    look(tree, "src")
    assert look(tree, "src").changed() == ()
    assert tree.table.stat().st_mtime_ns == before.st_mtime_ns
    assert os.listdir(tree.table.parent) == [tree.table.name]  # noqa: PTH208


def test_a_table_with_nothing_new_is_not_written_again_although_files_are_read(tree: Tree) -> None:
    os.utime(tree.root / "src/a", (_TOMORROW_S, _TOMORROW_S))
    look(tree, "src")
    before = tree.table.stat()
    look(tree, "src")
    assert tree.table.stat().st_ino == before.st_ino


def test_another_look_after_a_run_makes_up_for_files_that_were_too_fresh(tree: Tree) -> None:
    (tree.root / "src/a").write_text("ONE")
    taken = look(tree, "src")
    let_time_pass(tree.root)
    assert taken.changed() == ()
    assert tree.opened("src") == []


@pytest.mark.parametrize("patterns", [("src", "!src/a"), ("lib",), ("src", "gone"), (".",), ("src", "./lost")])
def test_a_table_of_other_patterns_is_not_believed(tree: Tree, patterns: tuple[str, ...]) -> None:
    look(tree, "src", "lost")
    assert look(tree, *patterns).digest == tree.look(*patterns).digest


def test_a_table_of_another_workspace_is_not_believed(tree: Tree, tmp_path: Path) -> None:
    look(tree, "src")
    (tmp_path / "other").mkdir()
    other = Tree(tmp_path / "other")
    other.write({"src/a": "other"})
    other.table.parent.mkdir(parents=True)
    tree.table.rename(other.table)
    assert look(other, "src").digest == other.look("src").digest


def test_a_broken_table_costs_time_and_nothing_else(tree: Tree) -> None:
    digest = look(tree, "src").digest
    sound = tree.table.read_bytes()
    middle = len(sound) // 2
    for broken in (
        *(b"", sound[:10], sound[:40], sound[:middle], sound[:-1], sound + b"!"),
        *(sound[:place] + bytes([sound[place] ^ 1]) + sound[place + 1 :] for place in (0, 30, 60, middle, -1)),
    ):
        tree.table.write_bytes(broken)
        assert look(tree, "src").digest == digest
        assert tree.table.read_bytes() == sound


def test_a_table_whose_columns_do_not_fit_costs_time_and_nothing_else(tree: Tree) -> None:
    digest = look(tree, "src").digest
    sound = tree.table.read_bytes()
    content = unseal(TABLE_MAGIC, sound)
    assert content is not None
    scope, columns = msgspec.msgpack.decode(content)
    for index, column in enumerate(columns):
        for wrong in (None, column[:-1] if isinstance(column, bytes) else b"", b"x" if column != b"x" else b"y"):
            wrong_columns = [*columns[:index], wrong, *columns[index + 1 :]]
            tree.table.write_bytes(seal(TABLE_MAGIC, msgspec.msgpack.encode([scope, wrong_columns])))
            assert look(tree, "src").files() == tree.look("src").files()
    assert look(tree, "src").digest == digest


def test_a_table_with_paths_that_cannot_be_costs_time_and_nothing_else(tree: Tree) -> None:
    look(tree, "src")
    content = unseal(TABLE_MAGIC, tree.table.read_bytes())
    assert content is not None
    scope, columns = msgspec.msgpack.decode(content)
    dead_ends = next(index for index, column in enumerate(columns) if isinstance(column, dict))
    for path in (b"\0", b"/" + b"x" * 5000, b""):
        columns[dead_ends] = {path: b"0 0"}
        tree.table.write_bytes(seal(TABLE_MAGIC, msgspec.msgpack.encode([scope, columns])))
        assert look(tree, "src").digest == tree.look("src").digest


def test_a_pipe_or_a_link_in_the_place_of_a_table_is_replaced(tree: Tree, tmp_path: Path) -> None:
    tree.table.parent.mkdir(parents=True)
    os.mkfifo(tree.table)
    assert look(tree, "src").digest == tree.look("src").digest
    assert tree.table.is_file()
    stranger = tmp_path / "stranger"
    tree.table.rename(stranger)
    content = stranger.read_bytes()
    tree.table.symlink_to(stranger)
    (tree.root / "src/a").write_text("ONE")
    assert look(tree, "src").digest == tree.look("src").digest
    assert not tree.table.is_symlink()
    assert stranger.read_bytes() == content


def test_nothing_is_written_through_a_link_in_the_place_of_our_directory(tree: Tree, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    tree.table.parent.parent.mkdir(parents=True)
    tree.table.parent.symlink_to(tmp_path / "elsewhere")
    assert look(tree, "src").digest == tree.look("src").digest
    assert list((tmp_path / "elsewhere").iterdir()) == []


def test_a_table_that_cannot_be_kept_costs_time_and_nothing_else(tree: Tree) -> None:
    (tree.root / ".tui_runner").write_text("in the way")
    taken = look(tree, "src")
    assert taken.digest == tree.look("src").digest
    assert taken.changed() == ()


def test_tables_are_replaced_whole_while_others_read_them(tree: Tree) -> None:
    tree.write({f"many/{number}": str(number) for number in range(500)})
    two = [look(tree, "many").digest, look(tree, "many", "!many/1*").digest]
    ended = threading.Event()
    wrong: list[bytes] = []

    def disturb() -> None:
        while not ended.is_set():
            wrong.extend({look(tree, "many", "!many/1*").digest} - {two[1]})

    disturbing = threading.Thread(target=disturb)
    disturbing.start()
    try:
        assert {look(tree, "many").digest for _ in range(50)} == {two[0]}
    finally:
        ended.set()
        disturbing.join()
    assert wrong == []
