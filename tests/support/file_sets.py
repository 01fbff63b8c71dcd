"""Trees of files to take fingerprints of."""

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from tui_runner.caching.fingerprint import FileSet, Fingerprint, take_fingerprint

_LOOK = """
import json, os, sys
from pathlib import Path
from tui_runner.caching.fingerprint import FileSet, take_fingerprint

root, table, *patterns = sys.argv[1:]
opened = []
def note(event, arguments):
    if event in {"open", "os.scandir", "os.listdir"} and isinstance(arguments[0], bytes | str):
        opened.append(os.fsdecode(arguments[0]))
sys.addaudithook(note)
take_fingerprint(FileSet(root=root, base=root, patterns=tuple(patterns)), Path(table))
print(json.dumps(opened))
"""


class Tree:
    """A workspace with files in it, and a place for stat tables beside them."""

    def __init__(self, root: Path) -> None:
        self.root = root / "workspace"
        self.root.mkdir()
        self.table = self.root / ".tui_runner/cache/v1/tables/build.inputs"

    def write(self, files: Mapping[str, str]) -> None:
        """Write files, with the directories above them."""
        for name, text in files.items():
            path = self.root / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)

    def file_set(self, *patterns: str, base: str = ".", without: tuple[str, ...] = ()) -> FileSet:
        """Return a set of files of the workspace."""
        return FileSet(root=str(self.root), base=str(self.root / base), patterns=patterns, without=without)

    def look(self, *patterns: str, base: str = ".", without: tuple[str, ...] = ()) -> Fingerprint:
        """Return the fingerprint, taken without a table."""
        return take_fingerprint(self.file_set(*patterns, base=base, without=without), None)

    def names(self, *patterns: str, base: str = ".", without: tuple[str, ...] = ()) -> list[str]:
        """Return the names of the files that are meant."""
        return [name.decode() for name in self.look(*patterns, base=base, without=without).files()]

    def opened(self, *patterns: str) -> list[str]:
        """Look in a process of its own, with the table; return which files were opened and which directories listed.

        The root itself is left out: it is opened to look at what `stat` says of files below it.
        """
        command = [sys.executable, "-c", _LOOK, str(self.root), str(self.table), *patterns]
        done = subprocess.run(command, check=True, capture_output=True, text=True)
        below = f"{self.root}/"
        paths = {
            path.removeprefix(below) for path in json.loads(done.stdout) if path.startswith(below) and path != below
        }
        return sorted(path for path in paths if not path.startswith(".tui_runner"))
