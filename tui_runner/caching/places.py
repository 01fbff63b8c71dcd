"""Where the files of the cache lie below `.tui_runner/cache/v1`. Computing them touches nothing."""

from pathlib import Path

import msgspec

from tui_runner.process.file_name import file_name_for


class CachePlaces(msgspec.Struct, frozen=True, kw_only=True):
    """The directories of one workspace's cache."""

    directory: Path
    """Holds everything: `.tui_runner/cache/v1` below the root."""

    @classmethod
    def below(cls, root: str | Path) -> "CachePlaces":
        """Return the places for a workspace root."""
        return cls(directory=Path(root) / ".tui_runner" / "cache" / "v1")

    @property
    def entries(self) -> Path:
        """A directory per task and mode, with a file per key."""
        return self.directory / "entries"

    @property
    def blobs(self) -> Path:
        """Contents of files by their SHA-256."""
        return self.directory / "blobs"

    @property
    def tables(self) -> Path:
        """What `stat` said of files when their contents were read: a shortcut, may be removed at any time."""
        return self.directory / "tables"

    @property
    def usage(self) -> Path:
        """Locked by whoever uses the cache: shared, or alone to remove from it."""
        return self.directory / "lock"

    @property
    def unfinished(self) -> Path:
        """Beginnings of files."""
        return self.directory / "tmp"

    def lock(self, task: str, mode: str) -> Path:
        """Return the lock file of a task's command."""
        return self.directory / "locks" / f"{name_of(task, mode)}.lock"

    def table(self, task: str, mode: str, what: str) -> Path:
        """Return the stat table of one kind of files of a task's command: `inputs`, `resolved`, `outputs`, `artifact`."""
        return self.tables / f"{name_of(task, mode)}.{what}"


def name_of(task: str, mode: str) -> str:
    """Return the file name for a task's command; never the same for two."""
    return file_name_for(f"{task}::{mode}")  # `::` is in no task id
