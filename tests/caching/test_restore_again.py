"""Outputs that are there already: what is known of them is not read again, and what is not known is not trusted."""

import os
import sys

import pytest
from cache_workspace import CacheWorkspace, bytes_read, tree

from tui_runner.caching.outputs import Restored

LARGE = 8 << 20
NOTHING = Restored(written=0, removed=0)


@pytest.mark.skipif(sys.platform != "linux", reason="what was read is told by /proc")
def test_unchanged_files_are_neither_read_nor_hashed(workspace: CacheWorkspace) -> None:
    large = workspace.write("dist/large", bytes(LARGE))
    small = workspace.write("dist/small", "a")
    workspace.settle()
    wanted = workspace.take("dist").outputs
    before = bytes_read()
    assert workspace.bring_back(wanted, "dist") == NOTHING
    small.write_text("b")
    assert workspace.bring_back(wanted, "dist") == Restored(written=1, removed=0)
    assert workspace.bring_back(wanted, "dist") == NOTHING
    assert bytes_read() - before < LARGE, "not even when something else differs"
    large.touch()
    assert workspace.bring_back(wanted, "dist") == NOTHING
    assert bytes_read() - before > LARGE, "times have changed: only the content tells"


@pytest.mark.skipif(sys.platform != "linux", reason="what was read is told by /proc")
def test_large_files_are_known_as_soon_as_they_are_brought_back(workspace: CacheWorkspace) -> None:
    large = workspace.root / "large"
    with large.open("wb") as file:
        file.truncate(100 << 20)
    wanted = workspace.take("large").outputs
    large.unlink()
    assert workspace.bring_back(wanted, "large") == Restored(written=1, removed=0)
    before = bytes_read()
    assert workspace.bring_back(wanted, "large") == NOTHING
    assert bytes_read() - before < LARGE


def test_a_rewrite_of_the_same_size_with_the_old_times_is_noticed(workspace: CacheWorkspace) -> None:
    file = workspace.write("dist/a", "before")
    wanted = workspace.take("dist").outputs
    for _ in range(20):
        look = file.stat()
        file.write_text("after!")
        os.utime(file, ns=(look.st_atime_ns, look.st_mtime_ns))
        assert workspace.bring_back(wanted, "dist") == Restored(written=1, removed=0)
        assert file.read_text() == "before"


@pytest.mark.parametrize("damage", [b"", b"tui-runner output table\n", b"\0" * 1000])
def test_a_broken_table_costs_time_only(damage: bytes, built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    built.table.write_bytes(damage)
    (built.root / "dist/app").write_text("changed")
    assert built.bring_back(wanted, "dist") == Restored(written=1, removed=0)
    built.table.unlink()
    built.table.mkdir()
    (built.root / "dist/app").write_text("changed")
    assert built.bring_back(wanted, "dist") == Restored(written=1, removed=0)


def test_a_table_of_another_entry_vouches_for_nothing(built: CacheWorkspace) -> None:
    first = built.take("dist").outputs
    before = tree(built.root)
    built.write("dist/app", "another build", mode=0o755)
    built.write("dist/more", "more")
    built.settle()
    second = built.take("dist").outputs
    assert built.bring_back(first, "dist") == Restored(written=1, removed=1)
    assert tree(built.root) == before
    built.settle()
    assert built.bring_back(second, "dist") == Restored(written=2, removed=0)
    assert built.bring_back(second, "dist") == NOTHING


@pytest.mark.parametrize("pattern", ["dist", "dist/**", "dist/*/*"])
def test_a_file_that_comes_after_the_table_is_stale(pattern: str, built: CacheWorkspace) -> None:
    built.settle()
    wanted = built.take(pattern).outputs
    for number in range(10):
        built.write(f"dist/assets/{number}")
        assert built.bring_back(wanted, pattern) == Restored(written=0, removed=1)
        built.settle()
        assert built.bring_back(wanted, pattern) == NOTHING


def test_a_file_that_comes_while_others_are_brought_back_is_stale_the_next_time(built: CacheWorkspace) -> None:
    large = built.write("dist/large")
    os.truncate(large, 65 << 20)  # so large that it is waited for until all that was done can be trusted
    wanted = built.take("dist").outputs
    large.unlink()
    late = built.root / "dist/assets/late"

    def add_it() -> bool:
        """Called when it is known what there was, and before anything is done."""
        if not late.exists():
            late.touch()
            built.settle()
        return False

    assert built.bring_back(wanted, "dist", cancelled=add_it) == Restored(written=1, removed=0)
    built.settle()
    assert built.bring_back(wanted, "dist") == Restored(written=0, removed=1)


def test_a_table_of_other_patterns_vouches_for_nothing(workspace: CacheWorkspace) -> None:
    workspace.write("dist/a.js")
    workspace.write("dist/b.js")
    workspace.settle()
    wanted = workspace.take("dist/a*").outputs
    assert workspace.bring_back(wanted, "dist/a*") == NOTHING
    assert workspace.bring_back(wanted, "dist/*") == Restored(written=0, removed=1)


def test_what_others_make_ready_beside_the_outputs_is_none_of_them(built: CacheWorkspace) -> None:
    built.write("dist/.tui_runner-0123456789abcdef/0", "half")
    wanted = built.take("dist").outputs
    assert not any(b".tui_runner-" in output.path for output in wanted)
    assert built.bring_back(wanted, "dist") == NOTHING
    assert (built.root / "dist/.tui_runner-0123456789abcdef/0").exists()
