"""killed_everywhere.py DIRECTORY OTHER restore|keep|collect: kills a process before each step that changes a file.

For every step there is a child that is killed right before it; then what was left is looked at, and the work is done
again by somebody else. OTHER is a directory on another file system, or empty. Prints how many children were killed.
"""

import fcntl
import os
import shutil
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from cache_workspace import CacheWorkspace, Tree, tree

from tui_runner.caching.garbage import collect
from tui_runner.caching.outputs import Restored

KEY = "ab" * 32
STEPS = {
    os.open, os.write, os.rename, os.unlink, os.rmdir, os.mkdir, os.symlink, os.chmod, os.fchmod, os.ftruncate,
    os.utime, fcntl.flock,
}  # fmt: skip
BUILT = {"dist/app": "built", "dist/deep/er/lib": "built too", "dist/large": "L" * (1200 << 10), "out/one.js": "one"}
MESS = {"dist/app": "changed", "dist/stale/x": "stale", "dist/deep/er": "in the way", "out/one.js": "no"}
PRECIOUS = {"src/main": "precious", "out/notes.txt": "precious"}


def killed_at(step: int, work: Callable[[], object]) -> bool:
    """Do the work in a child that is killed right before a step; False when there are not that many."""
    child = os.fork()
    if child == 0:
        left = step

        def count(_frame: object, event: str, function: Any) -> None:  # the type of built-in functions has no name
            nonlocal left
            if event == "c_call" and function in STEPS:
                left -= 1
                if left == 0:
                    os.kill(os.getpid(), signal.SIGKILL)

        sys.setprofile(count)
        work()
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.waitstatus_to_exitcode(status) == 0
    return False


class Place:
    """A workspace with outputs in it and perhaps some on another file system, built or in a mess."""

    def __init__(self, root: Path, other: Path | None) -> None:
        self.workspace = CacheWorkspace(root)
        self.other = other
        self.patterns = ("dist", "out/*.js") if other is None else ("dist", "out/*.js", f"{other}/*.bin")

    def fill(self, files: dict[str, str]) -> None:
        shutil.rmtree(self.workspace.root / "dist", ignore_errors=True)
        for path, content in (files | PRECIOUS).items():
            self.workspace.write(path, content)
        if self.other is not None:
            (self.other / "a.bin").write_text(files["dist/app"])
            (self.other / "precious.txt").write_text("precious")

    def build(self) -> None:
        self.fill(BUILT)
        (self.workspace.root / "dist/link").symlink_to("deep")
        (self.workspace.root / "dist/hollow").mkdir(mode=0o500)
        (self.workspace.root / "dist/app").chmod(0o750)

    def mess_up(self) -> None:
        self.fill(MESS)

    def look(self) -> Tree:
        return tree(self.workspace.root) | ({} if self.other is None else tree(self.other))


def check_mixture(was: Tree, wanted: Tree, now: Tree) -> None:
    """Every file is what it was or what it becomes; what is no output is as it was."""
    for path, (kind, mode, content) in now.items():
        known = [look for look in (was.get(path), wanted.get(path)) if look is not None]
        if kind == "d":
            assert known, path
            continue
        assert (kind, mode, content) in known, (path, mode, content[:20])
    for path, look in was.items():
        if path in {"src", "src/main", "out", "out/notes.txt", "precious.txt"}:
            assert now[path] == look, path


def restore_killed(place: Place) -> int:
    workspace = place.workspace
    place.build()
    wanted = workspace.take(*place.patterns).outputs
    built = place.look()
    step = 0
    while True:
        step += 1
        place.mess_up()
        mess = place.look()
        if not killed_at(step, lambda: workspace.bring_back(wanted, *place.patterns)):
            return step - 1
        staging = {path: look for path, look in place.look().items() if ".tui_runner-" in path}
        check_mixture(mess, built, {path: look for path, look in place.look().items() if path not in staging})
        assert workspace.bring_back(wanted, *place.patterns) is not None
        assert place.look() == built
        assert workspace.bring_back(wanted, *place.patterns) == Restored()
        assert workspace.unfinished() == []


def keep_killed(place: Place) -> int:
    workspace = place.workspace
    place.build()
    built = place.look()

    def keep() -> None:
        with workspace.store.using():
            outputs = workspace.take(*place.patterns).outputs
            workspace.store.add_bytes(b"what it printed")
            workspace.store.save(workspace.entry(outputs=outputs))

    step = 0
    while True:
        step += 1
        shutil.rmtree(workspace.root / ".tui_runner", ignore_errors=True)
        if not killed_at(step, keep):
            return step - 1
        entry = workspace.store.load("build", "dev", KEY)
        if entry is not None:
            place.mess_up()
            assert workspace.bring_back(entry.outputs, *place.patterns) is not None
        assert place.look() == built
        keep()
        assert workspace.unfinished() == []
        entry = workspace.store.load("build", "dev", KEY)
        assert entry is not None
        assert workspace.bring_back(entry.outputs, *place.patterns) == Restored()


def collect_killed(place: Place) -> int:
    workspace = place.workspace
    keys = [f"{number:064x}" for number in range(4)]
    step = 0
    while True:
        step += 1
        shutil.rmtree(workspace.root / ".tui_runner", ignore_errors=True)
        for key in keys:
            place.build()
            workspace.write("dist/app", f"app {key}")
            workspace.save(key, outputs=workspace.take(*place.patterns).outputs)
        if not killed_at(step, lambda: collect(workspace.store, keep_last=1)):
            return step - 1
        for key in keys:
            entry = workspace.store.load("build", "dev", key)
            if entry is not None:
                assert workspace.bring_back(entry.outputs, *place.patterns) is not None
                assert (workspace.root / "dist/app").read_text() == f"app {key}"
        collect(workspace.store, keep_last=1)
        (left,) = workspace.store.entries()
        assert left.key == keys[-1]
        needed = {
            output.digest.hex() for output in workspace.take(*place.patterns).outputs if hasattr(output, "digest")
        }
        assert {path.name for path in workspace.blob_files()} == needed


if __name__ == "__main__":
    os.umask(0o022)
    place = Place(Path(sys.argv[1]), Path(sys.argv[2]) if sys.argv[2] else None)
    work = {"restore": restore_killed, "keep": keep_killed, "collect": collect_killed}[sys.argv[3]]
    print(work(place))
