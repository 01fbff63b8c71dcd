"""Disks that are full, directories that may not be written to: a `CacheError` that helps, and never anything else."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from cache_workspace import CacheWorkspace

from tui_runner.caching.entry_lock import EntryLock
from tui_runner.caching.garbage import collect
from tui_runner.caching.store import CacheError

pytestmark = pytest.mark.real

HEAD = """
import os, resource, shutil, stat, sys
from pathlib import Path
from cache_workspace import CacheWorkspace, tree
from tui_runner.caching.store import CacheError
workspace = CacheWorkspace(Path(sys.argv[1]))

def attempt(work):
    try:
        print("done", work())
    except CacheError as error:
        print("told:", error)

"""


def run(program: str, root: Path, *prefix: str) -> list[str]:
    """Run a program that prints what became of its attempts; return its lines."""
    done = subprocess.run(
        [*prefix, sys.executable, "-c", HEAD + program, str(root)],
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.stderr == ""
    return done.stdout.splitlines()


def ordinary() -> list[str]:
    """Return what to put before a command that must not overrule permissions, as root does."""
    if os.geteuid() != 0:
        return []
    if shutil.which("setpriv") is None:
        pytest.skip("root overrules permissions, and there is no setpriv to give that up")
    return ["setpriv", "--bounding-set=-dac_override,-dac_read_search"]


def small_disk(place: Path) -> list[str]:
    """Return what to put before a command that sees a disk of 900 KiB at a place."""
    mount = 'mount -t tmpfs -o size=900k none "$0" && exec "$@"'
    prefix = ["unshare", "--mount", "sh", "-c", mount, str(place)]
    if sys.platform != "linux" or subprocess.run([*prefix, "true"], capture_output=True, check=False).returncode:
        pytest.skip("may not mount anything here")
    return prefix


SMALL_DISK = """
built = os.urandom(300 << 10)
workspace.write("dist/a", built)
wanted = workspace.take("dist").outputs
workspace.save(outputs=wanted)
workspace.write("dist/b", os.urandom(200 << 10))
before = tree(workspace.root)
attempt(lambda: workspace.take("dist"))
attempt(lambda: workspace.store.load("build", "dev", "ab" * 32) is not None)
print(tree(workspace.root) == before, workspace.unfinished())
workspace.write("dist/a", b"small")
with (workspace.root / "filler").open("wb", buffering=0) as filler:
    try:
        while True:
            filler.write(bytes(4096))
    except OSError:
        pass
before = tree(workspace.root)
attempt(lambda: workspace.bring_back(wanted, "dist"))
attempt(lambda: workspace.save("cd" * 32, outputs=tuple(
    type(wanted[1])(path=b"dist/%05d" % n, digest=b"d" * 32, size=1, mode=0o644) for n in range(2000))))
print(tree(workspace.root) == before, workspace.unfinished())
(workspace.root / "filler").unlink()
attempt(lambda: workspace.bring_back(wanted, "dist"))
print((workspace.root / "dist/a").read_bytes() == built)
"""


def test_a_full_disk_is_told_and_leaves_all_as_it_was(tmp_path: Path) -> None:
    lines = run(SMALL_DISK, tmp_path, *small_disk(tmp_path))
    assert lines[0].startswith(f"told: cannot keep in the cache {tmp_path}/dist/b: No space left on device; ")
    assert lines[0].endswith("`tui-runner cache gc` makes room")
    assert lines[1:3] == ["done True", "True []"]
    assert lines[3].startswith(f"told: {tmp_path}/dist/a cannot be brought back: ")
    assert "No space left on device; `tui-runner cache gc` makes room" in lines[3]
    assert "No space left on device; `tui-runner cache gc` makes room" in lines[4]
    assert lines[5:] == ["True []", "done Restored(written=1, removed=1)", "True"]


READ_ONLY_DISK = """
workspace.write("dist/a", b"a")
wanted = workspace.take("dist").outputs
workspace.save(outputs=wanted)
workspace.write("dist/a", b"changed")
os.system("mount -o remount,ro " + sys.argv[1])
attempt(lambda: workspace.take("dist"))
attempt(lambda: workspace.bring_back(wanted, "dist"))
"""


def test_a_read_only_disk_is_told(tmp_path: Path) -> None:
    lines = run(READ_ONLY_DISK, tmp_path, *small_disk(tmp_path))
    assert len(lines) == 2
    for line in lines:
        assert line.startswith("told: cannot ")
        assert line.endswith("Read-only file system; run where the workspace can be written to, or without a cache")


FILE_LIMIT = """
workspace.write("dist/a", os.urandom(3 << 20))
wanted = workspace.take("dist").outputs
workspace.write("dist/b", os.urandom(4 << 20))
workspace.write("dist/a", b"small")
resource.setrlimit(resource.RLIMIT_FSIZE, (2 << 20, 2 << 20))
before = tree(workspace.root)
attempt(lambda: workspace.take("dist"))
attempt(lambda: workspace.bring_back(wanted, "dist"))
print(tree(workspace.root) == before, workspace.unfinished())
"""


def test_a_limit_on_the_size_of_files_is_told(tmp_path: Path) -> None:
    lines = run(FILE_LIMIT, tmp_path)
    assert (
        lines[0]
        == f"told: cannot keep in the cache {tmp_path}/dist/b: File too large; `ulimit -f` forbids files of that size"
    )
    assert lines[1].startswith(f"told: {tmp_path}/dist/a cannot be brought back: ")
    assert lines[1].endswith(": File too large; `ulimit -f` forbids files of that size")
    assert lines[2] == "True []"


READ_ONLY = """
workspace.write("dist/a", b"a")
wanted = workspace.take("dist").outputs
workspace.save(outputs=wanted)
state = workspace.root / ".tui_runner"
for above, directories, _ in os.walk(state):
    os.chmod(above, 0o500)
attempt(lambda: workspace.take("dist"))
attempt(lambda: workspace.bring_back(wanted, "dist"))
for above, directories, _ in os.walk(state):
    os.chmod(above, 0o700)
(state / "cache/v1/lock").chmod(0)
attempt(lambda: workspace.bring_back(wanted, "dist"))
(state / "cache/v1/lock").chmod(0o600)
shutil.rmtree(state)
workspace.root.chmod(0o500)
attempt(lambda: workspace.take("dist"))
workspace.root.chmod(0o700)
"""


def test_a_cache_that_may_not_be_written_to_is_told_or_made_ours_again(tmp_path: Path) -> None:
    lines = run(READ_ONLY, tmp_path, *ordinary())
    assert lines[0].startswith("done Snapshot"), "directories of ours are private, whatever somebody made of them"
    assert lines[1] == "done Restored(written=0, removed=0)"
    assert (
        lines[2]
        == f"told: cannot lock {tmp_path}/.tui_runner/cache/v1/lock: Permission denied; check who may read and write there"
    )
    assert (
        lines[3]
        == f"told: cannot make {tmp_path}/.tui_runner/cache/v1: Permission denied; check who may read and write there"
    )


NO_PERMISSION = """
os.umask(0o022)
workspace.write("dist/a", b"a")
workspace.write("dist/secret", b"x", mode=0)
attempt(lambda: workspace.take("dist"))
(workspace.root / "dist/secret").unlink()
workspace.write("dist/closed/b", b"b")
(workspace.root / "dist/closed").chmod(0)
attempt(lambda: workspace.take("dist"))
(workspace.root / "dist/closed").chmod(0o755)
workspace.write("src/made/x.js", b"x")
wanted = workspace.take("dist", "src/made/*.js").outputs
workspace.write("src/made/x.js", b"changed")
(workspace.root / "src/made").chmod(0o555)
attempt(lambda: workspace.bring_back(wanted, "dist", "src/made/*.js"))
print(stat.S_IMODE((workspace.root / "src/made").stat().st_mode) == 0o555)
"""


def test_outputs_that_may_not_be_read_or_written_are_told(tmp_path: Path) -> None:
    denied = "Permission denied; check who may read and write there"
    assert run(NO_PERMISSION, tmp_path, *ordinary()) == [
        f"told: cannot read {tmp_path}/dist/secret: {denied}",
        f"told: cannot open {tmp_path}/dist/closed: {denied}",
        f"told: cannot write {tmp_path}/src/made/x.js: {denied}",
        "True",
    ]


READ_ONLY_OUTPUTS = """
os.umask(0o022)
workspace.write("dist/pkg/mod.go", b"package pkg", mode=0o444)
workspace.write("dist/pkg/sub/deep.go", b"package sub", mode=0o444)
for path in ("dist/pkg/sub", "dist/pkg", "dist"):
    (workspace.root / path).chmod(0o555)
wanted = workspace.take("dist").outputs
before = tree(workspace.root)

def open_up():
    for above, _, _ in os.walk(workspace.root / "dist"):
        os.chmod(above, 0o755)

for mess in ("all", "some", "stale"):
    open_up()
    if mess == "all":
        shutil.rmtree(workspace.root / "dist")
    else:
        (workspace.root / "dist/pkg/mod.go").unlink()
        workspace.write("dist/pkg/sub/stale/x" if mess == "stale" else "dist/pkg/mod.go", b"changed")
        for above, _, _ in os.walk(workspace.root / "dist", topdown=False):
            os.chmod(above, 0o555)
    attempt(lambda: workspace.bring_back(wanted, "dist"))
    print(tree(workspace.root) == before)
open_up()
"""


def test_read_only_outputs_come_back_and_stay_read_only(tmp_path: Path) -> None:
    assert run(READ_ONLY_OUTPUTS, tmp_path, *ordinary()) == [
        "done Restored(written=2, removed=0)",
        "True",
        "done Restored(written=1, removed=0)",
        "True",
        "done Restored(written=1, removed=2)",
        "True",
    ]


@pytest.mark.parametrize(
    "name", [".tui_runner", ".tui_runner/cache", ".tui_runner/cache/v1", ".tui_runner/cache/v1/blobs"]
)
def test_a_file_in_the_place_of_the_cache_is_told(name: str, workspace: CacheWorkspace) -> None:
    workspace.write(name, "not a directory")
    workspace.write("dist/a")
    message = rf"{name} is not a directory; remove it to have results cached"
    with pytest.raises(CacheError, match=message):
        workspace.take("dist")
    with pytest.raises(CacheError, match=message):
        collect(workspace.store)
    if not name.endswith("blobs"):
        with pytest.raises(CacheError, match=message):
            EntryLock.acquire(workspace.places.lock("build", "dev"))
    assert (workspace.root / name).read_text() == "not a directory"


def test_a_cache_that_is_removed_while_it_is_used_is_made_again(workspace: CacheWorkspace) -> None:
    file = workspace.write("dist/a", "a")
    with workspace.store.using():
        shutil.rmtree(workspace.root / ".tui_runner")
        digest, size = workspace.store.add_blob(os.fsencode(file))
        assert workspace.store.has_blob(digest, size)
        workspace.store.save(workspace.entry())
        assert workspace.store.latest("build", "dev") is not None
    assert (workspace.root / ".tui_runner/.gitignore").exists()


def test_a_root_that_is_gone_is_told(workspace: CacheWorkspace) -> None:
    workspace.root.rmdir()
    with pytest.raises(CacheError, match="No such file or directory"):
        workspace.take("dist")
    workspace.root.mkdir()
