"""Fingerprints whose files are looked at ahead: sooner, and never of files that have changed since for long."""

from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from file_sets import Tree

from tui_runner.caching.fingerprint import Fingerprint, Prepared, prepare_fingerprint, take_fingerprint
from tui_runner.caching.stat_record import records_below


@pytest.fixture
def tree(tmp_path: Path) -> Tree:
    made = Tree(tmp_path)
    made.write({"src/a": "one", "src/b": "two", "src/deep/c": "three"})
    return made


def look_at_once(directory: bytes, names: list[bytes]) -> Callable[[], bytes]:
    """Look now, tell later: the worst case of looking ahead."""
    records = records_below(directory, names)
    return lambda: records


def prepared(tree: Tree) -> Prepared:
    found = prepare_fingerprint(tree.file_set("src"), tree.table, look_at_once)
    assert found is not None
    return found


def taken(tree: Tree, prepared: Prepared | None, *patterns: str) -> Fingerprint:
    return take_fingerprint(tree.file_set(*(patterns or ("src",))), tree.table, prepared=prepared)


def test_nothing_is_prepared_for_files_nobody_has_looked_at_yet(tree: Tree) -> None:
    assert prepare_fingerprint(tree.file_set("src"), tree.table, look_at_once) is None


def test_it_is_the_same_as_one_that_was_not_prepared(tree: Tree) -> None:
    before = taken(tree, None)
    assert taken(tree, prepared(tree)).digest == before.digest
    (tree.root / "src/a").write_text("other")
    after = taken(tree, prepared(tree))
    assert after.digest == tree.look("src").digest != before.digest


@pytest.mark.parametrize("change", ["add", "remove", "replace"])
def test_names_that_change_afterwards_are_seen(tree: Tree, change: str) -> None:
    taken(tree, None)
    ahead = prepared(tree)
    path = tree.root / "src/a"
    match change:
        case "add":
            path.with_name("new").write_text("new")
        case "remove":
            path.unlink()
        case _:
            path.with_name("new").write_text("other")
            path.with_name("new").rename(path)
    assert taken(tree, ahead).digest == tree.look("src").digest


def test_what_was_prepared_long_ago_is_not_used(tree: Tree) -> None:
    taken(tree, None)
    ahead = prepared(tree)
    (tree.root / "src/a").write_text("other")
    assert taken(tree, msgspec.structs.replace(ahead, at=ahead.at - 1)).digest == tree.look("src").digest


def test_what_was_prepared_for_other_files_is_not_used(tree: Tree) -> None:
    taken(tree, None)
    assert taken(tree, prepared(tree), "src/deep").digest == tree.look("src/deep").digest
