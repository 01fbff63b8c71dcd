"""Entries of a stranger and workspaces that have changed: nothing outside the declared outputs is ever touched."""

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from cache_workspace import CacheWorkspace, Tree, tree

from tui_runner.caching.entry import Output, OutputDirectory, OutputFile, OutputLink
from tui_runner.caching.outputs import Restored
from tui_runner.caching.store import CacheError


@pytest.fixture
def victim(tmp_path: Path) -> Path:
    """Somebody's files, outside the workspace."""
    place = tmp_path / "victim"
    (place / "sub").mkdir(parents=True)
    for name in ("precious", "a.js", "sub/a.js"):
        (place / name).write_text("precious")
    return place


def planted(workspace: CacheWorkspace, path: bytes, content: bytes = b"evil") -> OutputFile:
    with workspace.store.using():
        return OutputFile(path=path, digest=workspace.store.add_bytes(content), size=len(content), mode=0o755)


def directory(path: bytes) -> OutputDirectory:
    return OutputDirectory(path=path, mode=0o755)


@pytest.mark.parametrize(
    "path",
    [
        "{victim}/new",
        "{victim}/precious",
        "{victim}",
        "../victim/new",
        "dist/../../victim/new",
        "dist/../src/new",
        "src/new",
        "pipeline.py",
        ".git/hooks/pre-commit",
        "dist/.git/hooks/pre-commit",
        ".tui_runner/cache/v1/entries/new",
        "dist//new",
        "dist/./new",
        "dist/",
        "/",
        ".",
        "..",
        "",
        "dist\0/new",
        "dist/new\0",
        "distant/new",
        "x" * 5000,
        "dist" + "/d" * 3000 + "/../../x",
    ],
)
def test_what_was_not_declared_is_not_written(path: str, workspace: CacheWorkspace, victim: Path) -> None:
    workspace.write("dist/a")
    workspace.write("src/main.c")
    before = tree(victim.parent)
    wanted = planted(workspace, path.format(victim=victim).encode())
    assert workspace.bring_back((directory(b"dist"), wanted), "dist") is None
    assert workspace.bring_back((wanted,), "dist", "out/**") is None
    assert tree(victim.parent) == before
    assert workspace.unfinished() == []


def through_a_link(workspace: CacheWorkspace, victim: Path) -> tuple[Output, ...]:
    link = OutputLink(path=b"dist/out", target=os.fsencode(victim))
    return directory(b"dist"), link, planted(workspace, b"dist/out/precious")


def through_a_link_and_a_directory(workspace: CacheWorkspace, victim: Path) -> tuple[Output, ...]:
    link = OutputLink(path=b"dist/out", target=os.fsencode(victim))
    return directory(b"dist"), link, directory(b"dist/out/sub"), planted(workspace, b"dist/out/sub/precious")


def below_a_file(workspace: CacheWorkspace, _victim: Path) -> tuple[Output, ...]:
    return directory(b"dist"), planted(workspace, b"dist/a"), planted(workspace, b"dist/a/b")


def twice(workspace: CacheWorkspace, victim: Path) -> tuple[Output, ...]:
    link = OutputLink(path=b"dist/a", target=os.fsencode(victim / "precious"))
    return directory(b"dist"), link, planted(workspace, b"dist/a")


def in_disorder(workspace: CacheWorkspace, _victim: Path) -> tuple[Output, ...]:
    return planted(workspace, b"dist/b"), planted(workspace, b"dist/a")


def of_absurd_size(workspace: CacheWorkspace, _victim: Path) -> tuple[Output, ...]:
    output = planted(workspace, b"dist/a")
    return (OutputFile(path=output.path, digest=output.digest, size=1 << 59, mode=0o644),)


def of_negative_size(workspace: CacheWorkspace, _victim: Path) -> tuple[Output, ...]:
    output = planted(workspace, b"dist/a")
    return (OutputFile(path=output.path, digest=output.digest, size=-1, mode=0o644),)


@pytest.mark.parametrize(
    "attack",
    [
        through_a_link,
        through_a_link_and_a_directory,
        below_a_file,
        twice,
        in_disorder,
        of_absurd_size,
        of_negative_size,
    ],
)
def test_lists_that_make_no_sense_change_nothing(
    attack: Callable[[CacheWorkspace, Path], tuple[Output, ...]], workspace: CacheWorkspace, victim: Path
) -> None:
    workspace.write("dist/before", "before")
    before = tree(victim.parent)
    assert workspace.bring_back(attack(workspace, victim), "dist") is None
    assert tree(victim.parent) == before


def test_special_bits_of_a_planted_mode_are_not_set(workspace: CacheWorkspace) -> None:
    output = planted(workspace, b"dist/a")
    wanted = OutputFile(path=output.path, digest=output.digest, size=output.size, mode=0o6755)
    assert workspace.bring_back((wanted,), "dist") == Restored(written=1)
    assert (workspace.root / "dist/a").stat().st_mode & 0o7777 == 0o755


@pytest.mark.parametrize("patterns", [("dist/**",), ("dist/*.js", "dist/sub/*.js"), ("dist/a.js", "dist/sub/a.js")])
def test_a_directory_that_became_a_link_is_neither_written_nor_cleaned_through(
    patterns: tuple[str, ...], workspace: CacheWorkspace, victim: Path
) -> None:
    workspace.write("dist/a.js", "a")
    workspace.write("dist/sub/a.js", "a")
    wanted = workspace.take(*patterns).outputs
    shutil.rmtree(workspace.root / "dist")
    (workspace.root / "dist").symlink_to(victim)
    before = tree(victim.parent)
    with pytest.raises(CacheError, match=r"dist is a symbolic link, and outputs are never kept through one"):
        workspace.bring_back(wanted, *patterns)
    assert tree(victim.parent) == before


def test_a_link_deep_inside_that_is_no_output_is_not_followed_either(workspace: CacheWorkspace, victim: Path) -> None:
    workspace.write("dist/x/sub/a.js", "a")
    wanted = workspace.take("dist/*/*/*.js").outputs
    shutil.rmtree(workspace.root / "dist/x")
    (workspace.root / "dist/x").symlink_to(victim)
    before = tree(victim.parent)
    with pytest.raises(CacheError, match=r"dist/x is a symbolic link"):
        workspace.bring_back(wanted, "dist/*/*/*.js")
    assert tree(victim.parent) == before


def test_a_named_output_that_became_a_link_is_replaced_and_its_target_left_alone(
    workspace: CacheWorkspace, victim: Path
) -> None:
    workspace.write("dist/a.js", "a")
    workspace.write("dist/sub/a.js", "a")
    wanted = workspace.take("dist").outputs
    before_build = tree(workspace.root)
    for place in ("dist/sub", "dist"):
        shutil.rmtree(workspace.root / place)
        (workspace.root / place).symlink_to(victim)
        before = tree(victim)
        assert workspace.bring_back(wanted, "dist") is not None
        assert tree(victim) == before
        assert tree(workspace.root) == before_build


def test_a_link_in_the_place_of_a_file_is_replaced_and_not_written_through(
    workspace: CacheWorkspace, victim: Path
) -> None:
    file = workspace.write("dist/a", "a")
    wanted = workspace.take("dist").outputs
    file.unlink()
    file.symlink_to(victim / "precious")
    assert workspace.bring_back(wanted, "dist") == Restored(written=1)
    assert (victim / "precious").read_text() == "precious"
    assert not file.is_symlink()


def test_stale_links_are_removed_and_their_targets_stay(workspace: CacheWorkspace, victim: Path) -> None:
    workspace.write("dist/a", "a")
    wanted = workspace.take("dist").outputs
    (workspace.root / "dist/out").symlink_to(victim)
    (workspace.root / "dist/file").symlink_to(victim / "precious")
    before = tree(victim)
    assert workspace.bring_back(wanted, "dist") == Restored(removed=2)
    assert tree(victim) == before


def test_a_directory_above_the_output_that_became_a_link_stops_everything(
    workspace: CacheWorkspace, victim: Path
) -> None:
    workspace.write("packages/web/dist/a.js", "a")
    wanted = workspace.take("packages/web/dist").outputs
    shutil.rmtree(workspace.root / "packages/web")
    (workspace.root / "packages/web").symlink_to(victim)
    before = tree(victim)
    with pytest.raises(CacheError, match=r"packages/web is a symbolic link"):
        workspace.bring_back(wanted, "packages/web/dist")
    assert tree(victim) == before


@pytest.mark.parametrize(
    "planted_link", ["", "cache", "cache/v1", "cache/v1/tmp", "cache/v1/blobs", "cache/v1/entries"]
)
def test_a_cache_that_is_a_link_is_not_used(planted_link: str, workspace: CacheWorkspace, victim: Path) -> None:
    link = workspace.root / ".tui_runner" / planted_link
    link.parent.mkdir(parents=True, exist_ok=True)
    link.symlink_to(victim)
    workspace.write("dist/a", "a")
    before = tree(victim)
    with pytest.raises(
        CacheError, match=r"is a symbolic link and could lead anywhere; remove it to have results cached"
    ):
        workspace.take("dist")
    assert tree(victim) == before


def planted_note(workspace: CacheWorkspace, text: bytes, name: str = "0123456789abcdef") -> None:
    """Plant what a killed process would have left, with a note of directories elsewhere."""
    place = workspace.places.unfinished / name
    place.mkdir(parents=True)
    (place / "elsewhere").write_bytes(text)


def test_a_planted_note_of_leftovers_elsewhere_removes_nothing_of_others(
    workspace: CacheWorkspace, victim: Path
) -> None:
    before: Tree = tree(victim)
    paths = [victim, victim / "sub", victim / "precious", victim / "sub/../sub"]
    planted_note(workspace, b"".join(os.fsencode(path) + b"\0" for path in paths))
    with workspace.store.using():
        assert tree(victim) == before
    assert workspace.unfinished() == []


def test_a_link_that_carries_our_name_is_not_followed_when_leftovers_are_swept(
    workspace: CacheWorkspace, victim: Path
) -> None:
    before: Tree = tree(victim)
    link = victim.parent / ".tui_runner-0123456789abcdef"
    link.symlink_to(victim)
    planted_note(workspace, os.fsencode(link) + b"\0")
    (workspace.places.unfinished / "link").symlink_to(victim)
    with workspace.store.using():
        assert tree(victim) == before
    assert workspace.unfinished() == []
