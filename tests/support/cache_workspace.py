"""A workspace with a cache in it, and what lies in it as plain data, for tests of the cache."""

import os
import stat
import time
from collections.abc import Callable
from pathlib import Path

from tui_runner.caching.entry import Entry, KeyPart, Output
from tui_runner.caching.file_clock import FileClock
from tui_runner.caching.local_store import LocalStore
from tui_runner.caching.outputs import OutputSet, Restored, Snapshot, restore, take_snapshot
from tui_runner.caching.places import CachePlaces

KEY = "ab" * 32
Tree = dict[str, tuple[str, int, str]]
"""What lies in a directory: kind, permission bits, and content or target."""


class CacheWorkspace:
    """A workspace root with a store, and short ways to use both."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.places = CachePlaces.below(root)
        self.store = LocalStore(self.places)
        self.table = self.places.table("build", "dev", "outputs")

    def write(self, path: str, content: str | bytes = "", mode: int | None = None) -> Path:
        """Write a file, with the directories above it."""
        file = self.root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(content.encode() if isinstance(content, str) else content)
        if mode is not None:
            file.chmod(mode)
        return file

    def outputs(self, *patterns: str, base: str = ".") -> OutputSet:
        return OutputSet(root=str(self.root), base=os.path.normpath(self.root / base), patterns=patterns)

    def take(self, *patterns: str, base: str = ".", cancelled: Callable[[], bool] = lambda: False) -> Snapshot:
        """Take a snapshot of what the patterns cover."""
        with self.store.using():
            return take_snapshot(self.outputs(*patterns, base=base), self.store, self.table, cancelled)

    def bring_back(
        self,
        wanted: tuple[Output, ...],
        *patterns: str,
        base: str = ".",
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Restored | None:
        """Restore what a snapshot was."""
        with self.store.using():
            return restore(self.outputs(*patterns, base=base), wanted, self.store, self.table, cancelled)

    def entry(self, key: str = KEY, task: str = "build", mode: str = "dev", outputs: tuple[Output, ...] = ()) -> Entry:
        return Entry(
            key=key,
            task=task,
            mode=mode,
            created_at=time.time(),
            duration_s=1.5,
            parts=(KeyPart(name="command", digest=b"c" * 32, shown="make"),),
            outputs=outputs,
        )

    def save(self, key: str = KEY, task: str = "build", mode: str = "dev", outputs: tuple[Output, ...] = ()) -> Path:
        """Keep an entry; return its file."""
        with self.store.using():
            self.store.save(self.entry(key, task, mode, outputs))
        return self.places.entries / self.store.files.path(task, mode, key)

    def settle(self) -> None:
        """Wait until what lies here is old enough for its times to be trusted."""
        self.places.tables.mkdir(parents=True, exist_ok=True)
        found = [path.lstat() for path in self.root.rglob("*") if path != self.places.tables]
        while not all(map(FileClock.read(self.places.tables).is_settled, found)):
            time.sleep(0.001)

    def blob_files(self) -> list[Path]:
        return sorted(path for path in self.places.blobs.glob("*/*") if path.is_file())

    def unfinished(self) -> list[Path]:
        return list(self.places.unfinished.iterdir()) if self.places.unfinished.exists() else []


def tree(directory: Path) -> Tree:
    """Return everything below a directory, what is ours left out; links are not followed."""
    found: Tree = {}
    for above, directories, files in os.walk(directory):
        directories[:] = [name for name in directories if name != ".tui_runner"]
        for name in (*directories, *files):
            path = Path(above) / name
            look = path.lstat()
            kind = stat.filemode(look.st_mode)[0]
            content = str(path.readlink()) if kind == "l" else path.read_bytes().hex() if kind == "-" else ""
            found[str(path.relative_to(directory))] = kind, 0 if kind == "l" else stat.S_IMODE(look.st_mode), content
    return found


def bytes_read() -> int:
    """Return how much this process has read from files up to now. Linux only."""
    return int(Path("/proc/self/io").read_text(encoding="ascii").split()[1])


def age(path: Path, seconds: float) -> None:
    """Make a file look as if nobody had touched it for so long."""
    then = time.time() - seconds
    os.utime(path, (then, then), follow_symlinks=False)
