"""What a task has made, taken into the store."""

import os
import socket
import sys
from pathlib import Path

import pytest
from cache_workspace import CacheWorkspace, bytes_read

from tui_runner.caching.entry import Output, OutputDirectory, OutputFile, OutputLink
from tui_runner.caching.store import CacheError

LARGE = 8 << 20


def named(outputs: tuple[Output, ...]) -> list[str]:
    return [output.path.decode() for output in outputs]


def test_files_modes_links_and_directories_are_taken(workspace: CacheWorkspace) -> None:
    workspace.write("dist/app", "#!/bin/sh\n", mode=0o755)
    workspace.write("dist/assets/logo.svg", "<svg/>", mode=0o640)
    (workspace.root / "dist/empty").mkdir(mode=0o700)
    (workspace.root / "dist/current").symlink_to("../dist/app")
    (workspace.root / "dist/dangling").symlink_to("/nowhere/at/all")
    (workspace.root / "dist/assets").chmod(0o750)
    (workspace.root / "dist").chmod(0o755)
    snapshot = workspace.take("dist")
    described = [(type(output), output.path, getattr(output, "mode", None)) for output in snapshot.outputs]
    assert described == [
        (OutputDirectory, b"dist", 0o755),
        (OutputFile, b"dist/app", 0o755),
        (OutputDirectory, b"dist/assets", 0o750),
        (OutputFile, b"dist/assets/logo.svg", 0o640),
        (OutputLink, b"dist/current", None),
        (OutputLink, b"dist/dangling", None),
        (OutputDirectory, b"dist/empty", 0o700),
    ]
    targets = [output.target for output in snapshot.outputs if isinstance(output, OutputLink)]
    assert targets == [b"../dist/app", b"/nowhere/at/all"]
    assert snapshot.missing == ()
    assert len(workspace.blob_files()) == 2


def test_links_are_never_followed(workspace: CacheWorkspace, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere/precious").write_text("x")
    workspace.write("dist/a", "a")
    (workspace.root / "dist/out").symlink_to(tmp_path / "elsewhere")
    (workspace.root / "dist/loop").symlink_to(".")
    (workspace.root / "whole").symlink_to(tmp_path / "elsewhere")
    assert named(workspace.take("dist", "whole").outputs) == ["dist", "dist/a", "dist/loop", "dist/out", "whole"]


def test_special_files_are_left_out_without_harm(workspace: CacheWorkspace) -> None:
    workspace.write("run/pid", "1")
    os.mkfifo(workspace.root / "run/pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(workspace.root / "run/sock"))
        snapshot = workspace.take("run", "run/sock")
    assert named(snapshot.outputs) == ["run", "run/pid"]
    assert snapshot.missing == (), "there is something, only nothing to keep"


def test_patterns_that_match_nothing_are_told(workspace: CacheWorkspace) -> None:
    workspace.write("dist/a.js")
    (workspace.root / "hollow").mkdir()
    snapshot = workspace.take("dist/*.js", "dist/*.css", "lib", "hollow", "hollow/**", "!nothing", "dist/a.js/x")
    assert snapshot.missing == ("dist/*.css", "lib", "hollow/**", "dist/a.js/x")


def test_exclusions_and_globs_choose(workspace: CacheWorkspace) -> None:
    for path in ("dist/a.js", "dist/a.js.map", "dist/sub/b.js", "dist/sub/b.css", "src/c.js"):
        workspace.write(path)
    assert named(workspace.take("dist/**/*.js").outputs) == ["dist/a.js", "dist/sub/b.js"]
    assert named(workspace.take("dist/*.{js,map}").outputs) == ["dist/a.js", "dist/a.js.map"]
    assert named(workspace.take("dist", "!dist/sub").outputs) == ["dist", "dist/a.js", "dist/a.js.map"]
    assert named(workspace.take("dist/**", "!**/*.map").outputs) == [
        "dist/a.js",
        "dist/sub",
        "dist/sub/b.css",
        "dist/sub/b.js",
    ]
    assert named(workspace.take("dist", "!dist/**", "dist/a.js").outputs) == ["dist", "dist/a.js"]


def test_a_named_directory_is_taken_whole_but_for_version_control(workspace: CacheWorkspace) -> None:
    workspace.write("out/server/node_modules/dep/index.js")
    workspace.write("out/.git/HEAD")
    workspace.write("out/__pycache__/x.pyc")
    workspace.write("out/deep/.git/HEAD")
    expected = ["out", "out/deep", "out/server", "out/server/node_modules", "out/server/node_modules/dep"]
    assert named(workspace.take("out").outputs) == [*expected, "out/server/node_modules/dep/index.js"]
    assert named(workspace.take("out/**").outputs) == [*expected[1:], "out/server/node_modules/dep/index.js"]


def test_globs_do_not_search_where_other_programs_keep_things(workspace: CacheWorkspace) -> None:
    workspace.write("a/dist/x.js")
    workspace.write("node_modules/b/dist/x.js")
    assert named(workspace.take("**/dist/*.js").outputs) == ["a/dist/x.js"]
    assert named(workspace.take("node_modules/*/dist/*.js").outputs) == ["node_modules/b/dist/x.js"]


def test_outputs_beside_the_cwd_are_named_from_the_root_and_others_absolutely(
    workspace: CacheWorkspace, tmp_path: Path
) -> None:
    workspace.write("web/dist/a")
    workspace.write("shared/b")
    (tmp_path / "outside").mkdir()
    (tmp_path / "outside/c").touch()
    snapshot = workspace.take("dist", "../shared/b", str(tmp_path / "outside"), base="web")
    outside = os.fspath(tmp_path / "outside")
    assert named(snapshot.outputs) == [outside, f"{outside}/c", "shared/b", "web/dist", "web/dist/a"]


@pytest.mark.parametrize("pattern", [".", "..", "**", "../**", "/", "*/../..", "**/*", "../*/**"])
def test_an_output_that_covers_the_workspace_is_refused(pattern: str, workspace: CacheWorkspace) -> None:
    workspace.write("web/src/precious.py")
    with pytest.raises(CacheError, match=r"covers all of .*; name what the task makes"):
        workspace.take(pattern, base="web")


def test_what_is_ours_is_never_an_output(workspace: CacheWorkspace) -> None:
    workspace.save()
    assert workspace.take(".tui_runner").missing == (".tui_runner",)
    assert workspace.take(".tui_runner/cache/**").outputs == ()


@pytest.mark.parametrize("patterns", [("dist/**",), ("dist/a",), ("dist/sub/*",)])
def test_outputs_behind_a_link_are_refused_with_a_way_on(
    patterns: tuple[str, ...], workspace: CacheWorkspace, tmp_path: Path
) -> None:
    (tmp_path / "elsewhere/sub").mkdir(parents=True)
    (tmp_path / "elsewhere/a").touch()
    (workspace.root / "dist").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(CacheError, match=r"dist is a symbolic link.*declare the outputs where it leads to"):
        workspace.take(*patterns)


def test_a_workspace_that_is_reached_through_a_link_is_as_good_as_any(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    workspace = CacheWorkspace(tmp_path / "link")
    workspace.write("packages/web/dist/a", "a")
    (workspace.root / "web").symlink_to("packages/web")
    snapshot = workspace.take("dist", base="web")
    assert named(snapshot.outputs) == ["web/dist", "web/dist/a"]
    workspace.write("packages/web/dist/a", "changed")
    assert workspace.bring_back(snapshot.outputs, "dist", base="web") is not None
    assert (workspace.root / "packages/web/dist/a").read_text() == "a"


@pytest.mark.parametrize("change", ["content", "added", "removed", "replaced", "mode", "link"])
def test_what_changes_while_it_is_taken_is_not_kept(change: str, workspace: CacheWorkspace) -> None:
    file = workspace.write("dist/a", "before")
    link = workspace.root / "dist/link"
    link.symlink_to("a")
    asked: list[None] = []

    def change_it() -> bool:
        """Called when it is known what is there, and before it is taken."""
        if not asked:
            match change:
                case "content":
                    file.write_text("after!")
                case "added":
                    workspace.write("dist/b")
                case "removed":
                    file.unlink()
                case "replaced":
                    file.unlink()
                    file.mkdir()
                case "mode":
                    file.chmod(0o600)
                case _:
                    link.unlink()
                    link.symlink_to("b")
        asked.append(None)
        return False

    with pytest.raises(CacheError, match=r"dist/\w+ was changed while it was copied|cannot read .*dist/a"):
        workspace.take("dist", cancelled=change_it)
    assert not workspace.table.exists()


def test_taking_can_be_cancelled(workspace: CacheWorkspace) -> None:
    workspace.write("dist/a")
    with pytest.raises(CacheError, match="cancelled"):
        workspace.take("dist", cancelled=lambda: True)


@pytest.mark.skipif(sys.platform != "linux", reason="what was read is told by /proc")
def test_unchanged_files_are_not_read_again(workspace: CacheWorkspace) -> None:
    workspace.write("dist/large", bytes(LARGE))
    changed = workspace.write("dist/small", "b")
    workspace.settle()
    first = workspace.take("dist")
    changed.write_text("B")
    before = bytes_read()
    second = workspace.take("dist")
    assert bytes_read() - before < LARGE
    assert [output for output in first.outputs if output not in second.outputs] == [first.outputs[2]]


def test_an_unchanged_file_whose_content_the_store_has_lost_is_read_again(workspace: CacheWorkspace) -> None:
    workspace.write("dist/a", "a")
    workspace.settle()
    first = workspace.take("dist")
    workspace.blob_files()[0].unlink()
    assert workspace.take("dist") == first
    assert len(workspace.blob_files()) == 1
