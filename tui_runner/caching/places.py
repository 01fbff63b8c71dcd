"""Where the files of the cache lie below `.tui_runner/cache/v1`. Computing them touches nothing."""

from pathlib import Path

from tui_runner.process.file_name import file_name_for


class CachePlaces:
    """The directories of one workspace's cache. Data only; all are computed once, because every look-up asks for most."""

    def __init__(self, *, directory: Path) -> None:
        self.directory = directory
        """Holds everything: `.tui_runner/cache/v1` below the root."""
        self.entries = directory / "entries"
        """A directory per task and mode, with a file per key."""
        self.blobs = directory / "blobs"
        """Contents of files by their SHA-256."""
        self.tables = directory / "tables"
        """What `stat` said of files when their contents were read: a shortcut, may be removed at any time."""
        self.usage = directory / "lock"
        """Locked by whoever uses the cache: shared, or alone to remove from it."""
        self.unfinished = directory / "tmp"
        """Beginnings of files."""
        self._locks = directory / "locks"

    @classmethod
    def below(cls, root: str | Path) -> "CachePlaces":
        """Return the places for a workspace root."""
        return cls(directory=Path(root) / ".tui_runner" / "cache" / "v1")

    def lock(self, task: str, mode: str) -> Path:
        """Return the lock file of a task's command."""
        return self._locks / f"{name_of(task, mode)}.lock"

    def table(self, task: str, mode: str, what: str) -> Path:
        """Return the stat table of one kind of files of a task's command: `inputs`, `resolved`, `outputs`, `artifact`."""
        return self.tables / f"{name_of(task, mode)}.{what}"


def name_of(task: str, mode: str) -> str:
    """Return the file name for a task's command; never the same for two."""
    return file_name_for(f"{task}::{mode}")  # `::` is in no task id
