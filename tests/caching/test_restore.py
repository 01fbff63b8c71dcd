"""What a task has made, brought back: what differs and nothing else."""

import os
import shutil
import socket
import stat
import subprocess
import tempfile
from pathlib import Path

import pytest
from cache_workspace import CacheWorkspace, Tree, tree
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_runner.caching.outputs import Restored
from tui_runner.caching.store import CacheError

LARGE = 8 << 20
NOTHING = Restored(written=0, removed=0)


def test_nothing_is_done_when_nothing_differs(built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    before = {path: path.lstat() for path in built.root.rglob("*") if ".tui_runner" not in path.parts}
    for _ in range(3):
        assert built.bring_back(wanted, "dist") == NOTHING
        built.settle()
    for path, look in before.items():
        now = path.lstat()
        assert (now.st_ino, now.st_mtime_ns, now.st_ctime_ns) == (look.st_ino, look.st_mtime_ns, look.st_ctime_ns)


def test_everything_comes_back(built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    before = tree(built.root)
    shutil.rmtree(built.root / "dist")
    assert built.bring_back(wanted, "dist") == Restored(written=3, removed=0)
    assert tree(built.root) == before
    assert built.unfinished() == []


def test_only_what_differs_is_written(built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    before = tree(built.root)
    untouched = (built.root / "dist/app").stat()
    built.write("dist/assets/logo.svg", "<SVG/>")
    (built.root / "dist/current").unlink()
    (built.root / "dist/current").symlink_to("elsewhere")
    assert built.bring_back(wanted, "dist") == Restored(written=2, removed=0)
    assert tree(built.root) == before
    assert (built.root / "dist/app").stat() == untouched


@pytest.mark.parametrize("name", ["dist/app", "dist/assets", "dist/empty", "dist"])
def test_modes_come_back(name: str, built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    before = tree(built.root)
    inode = (built.root / name).stat().st_ino
    (built.root / name).chmod(0o711)
    assert built.bring_back(wanted, "dist") is not None
    assert tree(built.root) == before
    assert (built.root / name).stat().st_ino == inode


def test_a_mode_that_belongs_to_other_links_too_is_not_changed_for_them(built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    other = built.root / "shared-with-a-package-store"
    other.hardlink_to(built.root / "dist/app")
    other.chmod(0o444)
    assert built.bring_back(wanted, "dist") == Restored(written=1, removed=0)
    assert stat.S_IMODE(other.stat().st_mode) == 0o444
    assert stat.S_IMODE((built.root / "dist/app").stat().st_mode) == 0o755


def test_files_are_replaced_and_never_written_into(built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    other = built.root / "other-link"
    other.hardlink_to(built.root / "dist/app")
    other.write_text("changed through the other link")
    with (built.root / "dist/app").open(encoding="utf-8") as reading:
        assert built.bring_back(wanted, "dist") == Restored(written=1, removed=0)
        assert reading.read() == other.read_text() == "changed through the other link"
    assert (built.root / "dist/app").read_text() == "#!/bin/sh\n"


@pytest.mark.real
def test_a_program_that_is_running_is_replaced(workspace: CacheWorkspace) -> None:
    program = workspace.write("dist/cat", Path("/bin/cat").read_bytes(), mode=0o755)
    wanted = workspace.take("dist").outputs
    with program.open("ab") as longer:
        longer.write(b"another build")
    with subprocess.Popen([program], stdin=-1, stdout=-1) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        running.stdin.write(b"I am alive\n")
        running.stdin.flush()
        assert running.stdout.readline() == b"I am alive\n"
        assert workspace.bring_back(wanted, "dist") == Restored(written=1, removed=0)
        assert program.read_bytes() == Path("/bin/cat").read_bytes()
        running.stdin.close()
        assert running.wait() == 0


def test_stale_files_go_and_all_others_stay(built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    before = tree(built.root)
    built.write("dist/old/deep/a.js")
    built.write("dist/stale.js")
    (built.root / "dist/hollow").mkdir()
    (built.root / "dist/old/link").symlink_to("/etc")
    assert built.bring_back(wanted, "dist") == Restored(written=0, removed=6)
    assert tree(built.root) == before


def test_with_globs_only_what_matches_is_removed(workspace: CacheWorkspace) -> None:
    workspace.write("dist/a.js")
    wanted = workspace.take("dist/**/*.js").outputs
    for path in ("dist/b.js", "dist/sub/c.js", "dist/notes.txt", "dist/sub/notes.txt", "b.js"):
        workspace.write(path)
    (workspace.root / "dist/hollow.js").mkdir()
    assert workspace.bring_back(wanted, "dist/**/*.js") == Restored(written=0, removed=2)
    assert set(tree(workspace.root)) == {
        "dist", "dist/a.js", "dist/notes.txt", "dist/sub", "dist/sub/notes.txt", "dist/hollow.js", "b.js",
    }  # fmt: skip


def test_what_is_excluded_is_neither_written_nor_removed(built: CacheWorkspace) -> None:
    wanted = built.take("dist", "!dist/assets").outputs
    built.write("dist/assets/mine.svg", "mine")
    built.write("dist/assets/logo.svg", "changed")
    (built.root / "dist/app").unlink()
    assert built.bring_back(wanted, "dist", "!dist/assets") == Restored(written=1, removed=0)
    assert (built.root / "dist/assets/mine.svg").read_text() == "mine"
    assert (built.root / "dist/assets/logo.svg").read_text() == "changed"


def test_a_stale_directory_with_files_of_others_in_it_stays(built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    built.write("dist/checkout/.git/HEAD", "ref: refs/heads/gh-pages")
    built.write("dist/checkout/index.html")
    assert built.bring_back(wanted, "dist") == Restored(written=0, removed=1)
    assert (built.root / "dist/checkout/.git/HEAD").read_text() == "ref: refs/heads/gh-pages"
    assert not (built.root / "dist/checkout/index.html").exists()


def test_special_files_stay_unless_they_are_in_the_way(built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    before = tree(built.root)
    os.mkfifo(built.root / "dist/pipe")
    (built.root / "dist/app").unlink()
    os.mkfifo(built.root / "dist/app")
    shutil.rmtree(built.root / "dist/assets")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(built.root / "dist/assets"))
        assert built.bring_back(wanted, "dist") == Restored(written=2, removed=1)
    (built.root / "dist/pipe").unlink()
    assert tree(built.root) == before


def test_files_and_directories_change_places(built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    before = tree(built.root)
    shutil.rmtree(built.root / "dist/assets")
    built.write("dist/assets", "a file now")
    (built.root / "dist/app").unlink()
    built.write("dist/app/deep/er", "a directory now")
    (built.root / "dist/empty").rmdir()
    (built.root / "dist/empty").symlink_to("/etc")
    (built.root / "dist/current").unlink()
    (built.root / "dist/current").mkdir()
    assert built.bring_back(wanted, "dist") is not None
    assert tree(built.root) == before


def test_a_file_in_the_place_of_the_whole_output_gives_way(built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    before = tree(built.root)
    shutil.rmtree(built.root / "dist")
    built.write("dist", "a file")
    assert built.bring_back(wanted, "dist") == Restored(written=3, removed=1)
    assert tree(built.root) == before


@pytest.mark.parametrize("obstacle", ["file where a directory belongs", "directory where a file belongs"])
def test_what_is_in_the_way_and_no_output_is_told_before_anything_is_touched(
    obstacle: str, workspace: CacheWorkspace
) -> None:
    workspace.write("dist/a/x.js", "x")
    workspace.write("dist/b/y.js", "y")
    wanted = workspace.take("dist/*/*.js").outputs
    workspace.write("dist/a/x.js", "changed")
    workspace.write("dist/a/stale.js")
    (workspace.root / "dist/b/y.js").unlink()
    if obstacle.startswith("file"):
        (workspace.root / "dist/b").rmdir()
        workspace.write("dist/b", "precious")
        message = r"dist/b is in the place of a directory for outputs; move it away"
    else:
        workspace.write("dist/b/y.js/precious.txt")
        message = r"y\.js is a directory with precious\.txt in it, which is no output.*move it away"
    before = tree(workspace.root)
    with pytest.raises(CacheError, match=message):
        workspace.bring_back(wanted, "dist/*/*.js")
    assert tree(workspace.root) == before
    assert workspace.unfinished() == []


def test_an_empty_directory_gives_way_to_a_file(workspace: CacheWorkspace) -> None:
    workspace.write("dist/x.js", "x")
    wanted = workspace.take("dist/*.js").outputs
    (workspace.root / "dist/x.js").unlink()
    (workspace.root / "dist/x.js").mkdir()
    assert workspace.bring_back(wanted, "dist/*.js") == Restored(written=1, removed=1)
    assert (workspace.root / "dist/x.js").read_text() == "x"


def test_outputs_beside_the_cwd_and_outside_the_workspace_come_back(workspace: CacheWorkspace, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "c").write_text("c")
    workspace.write("web/dist/a", "a")
    workspace.write("shared/b", "b")
    patterns = ("dist", "../shared/b", f"{outside}/*")
    wanted = workspace.take(*patterns, base="web").outputs
    before = tree(tmp_path)
    shutil.rmtree(workspace.root / "web/dist")
    (workspace.root / "shared/b").write_text("changed")
    (outside / "c").unlink()
    assert workspace.bring_back(wanted, *patterns, base="web") == Restored(written=3, removed=0)
    assert tree(tmp_path) == before


def test_a_task_without_outputs_needs_nothing(workspace: CacheWorkspace) -> None:
    workspace.write("src/a")
    assert workspace.take().outputs == ()
    assert workspace.bring_back(()) == NOTHING
    assert not workspace.table.exists()


def test_names_that_are_no_text_come_back(workspace: CacheWorkspace) -> None:
    names = [b"\xff\xfe", b"line\nbreak", b"[x] *?", b"-rf", b" ", "ö\u0308".encode(), b"x" * 255]
    (workspace.root / "dist").mkdir()
    for name in names:
        (workspace.root / "dist" / os.fsdecode(name)).write_bytes(name)
    for patterns in (("dist",), ("dist/*",), (f"{workspace.root}/dist/**",)):
        wanted = workspace.take(*patterns).outputs
        assert [output.path for output in wanted if output.path != b"dist"] == sorted(b"dist/" + name for name in names)
        before = tree(workspace.root)
        for path in (workspace.root / "dist").iterdir():
            path.unlink()
        assert workspace.bring_back(wanted, *patterns) == Restored(written=len(names), removed=0)
        assert tree(workspace.root) == before


@pytest.mark.parametrize("loss", ["missing", "broken"])
def test_nothing_is_changed_when_a_content_is_lost(loss: str, built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    blob = built.blob_files()[0]
    if loss == "broken":
        blob.chmod(0o600)
        blob.write_bytes(bytes(blob.stat().st_size))
    else:
        blob.unlink()
    shutil.rmtree(built.root / "dist")
    built.write("dist/stale")
    before = tree(built.root)
    assert built.bring_back(wanted, "dist") is None
    assert tree(built.root) == before
    assert built.unfinished() == []


def test_bringing_back_can_be_cancelled(built: CacheWorkspace) -> None:
    wanted = built.take("dist").outputs
    shutil.rmtree(built.root / "dist")
    with pytest.raises(CacheError, match="cancelled"):
        built.bring_back(wanted, "dist", cancelled=lambda: True)
    assert built.unfinished() == []


def test_files_come_back_also_where_nobody_listed_their_directories(workspace: CacheWorkspace) -> None:
    workspace.write("dist/deep/er/a", "a")
    wanted = workspace.take("dist/*/*/a").outputs
    shutil.rmtree(workspace.root / "dist")
    assert workspace.bring_back(wanted, "dist") == Restored(written=1, removed=0)
    assert workspace.bring_back(wanted, "dist") == NOTHING
    (workspace.root / "dist/deep/er").chmod(0o700)
    (workspace.root / "dist/deep/er/a").unlink()
    assert workspace.bring_back(wanted, "dist") == Restored(written=1, removed=0)
    assert stat.S_IMODE((workspace.root / "dist/deep/er").stat().st_mode) == 0o700, "it was there all the time"


CONTENTS = st.sampled_from(["", "a", "b", "ab" * 3000])
MODES = st.sampled_from([0o600, 0o644, 0o755, 0o400])
NAMES = st.sampled_from(["a", "b", "c", "d é", "-x"])
LEAVES = st.one_of(st.tuples(CONTENTS, MODES), st.sampled_from(["a", "../b", "/etc/passwd", "nowhere"]))
THINGS = st.recursive(LEAVES, lambda inside: st.dictionaries(NAMES, inside, max_size=4), max_leaves=8)
TREES = st.dictionaries(NAMES, THINGS, max_size=4)


def grow(place: Path, thing: object) -> None:
    match thing:
        case str():
            place.symlink_to(thing)
        case (str() as content, int() as mode):
            place.write_text(content)
            place.chmod(mode)
        case dict():
            place.mkdir(exist_ok=True)
            for name, inside in thing.items():
                grow(place / name, inside)
        case _:
            raise AssertionError


def outside(whole: Tree) -> Tree:
    return {path: look for path, look in whole.items() if path != "dist" and not path.startswith("dist/")}


@settings(max_examples=60)
@given(TREES, st.one_of(THINGS, st.none()), TREES)
def test_whatever_there_is_becomes_what_there_was(was: object, became: object, other: object) -> None:
    with tempfile.TemporaryDirectory() as place:
        workspace = CacheWorkspace(Path(place))
        grow(workspace.root / "dist", was)
        grow(workspace.root / "src", other)
        before = tree(workspace.root)
        wanted = workspace.take("dist").outputs
        shutil.rmtree(workspace.root / "dist")
        if became is not None:
            grow(workspace.root / "dist", became)
        assert outside(tree(workspace.root)) == outside(before)
        assert workspace.bring_back(wanted, "dist") is not None
        assert tree(workspace.root) == before
        assert workspace.bring_back(wanted, "dist") == NOTHING
        assert workspace.unfinished() == []
