"""The store below `.tui_runner/cache/v1` of a workspace."""

from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

from tui_runner.caching.blobs import Blobs
from tui_runner.caching.cancelling import Cancelled, never
from tui_runner.caching.entries import Entries
from tui_runner.caching.entry import Entry, OutputFile
from tui_runner.caching.places import CachePlaces
from tui_runner.caching.store import StoredEntry
from tui_runner.caching.usage import in_use


class LocalStore:
    """A `CacheStore` in a workspace. Holds no state of its own and may be used by several threads and processes."""

    def __init__(self, places: CachePlaces) -> None:
        """Nothing is made or looked at before it is used."""
        self.places = places
        self.files = Entries(places)
        """The files of the entries."""
        self.blobs = Blobs(places.blobs, places.unfinished)
        """The contents of outputs and logs."""

    def using(self, cancelled: Cancelled = never) -> AbstractContextManager[None]:
        """Keep everything that is there from being collected while the block lasts.

        Raises:
            CacheError: the cache cannot be used here, or `cancelled` while waiting for that.
        """
        return in_use(self.places, cancelled)

    def load(self, task: str, mode: str, key: str) -> Entry | None:
        """Return an entry; None when there is none, or it is broken: then it is gone afterwards."""
        return self.files.load(task, mode, key)

    def latest(self, task: str, mode: str) -> Entry | None:
        """Return the entry stored last; None when there is none that can be read."""
        return self.files.latest(task, mode)

    def save(self, entry: Entry) -> None:
        """Keep an entry whose blobs are all there, and of the others of its task and mode those used last.

        Raises:
            CacheError: it cannot be written.
        """
        self.files.save(entry)

    def used(self, task: str, mode: str, key: str) -> None:
        """Note that an entry was of use just now, so that it is collected later than others."""
        self.files.used(task, mode, key)

    def add_blob(self, path: bytes, cancelled: Cancelled = never) -> tuple[bytes, int]:
        """Copy a regular file into the store, unless it has one like it; return digest and size of what was copied.

        Raises:
            CacheError: it cannot be read or stored, or changed while it was copied; or `cancelled`.
        """
        return self.blobs.add_file(path, cancelled)

    def add_bytes(self, data: bytes) -> bytes:
        """Keep a small blob from memory; return its digest.

        Raises:
            CacheError: it cannot be stored.
        """
        return self.blobs.add_bytes(data)

    def has_blob(self, digest: bytes, size: int) -> bool:
        """Tell whether a blob of this digest and size seems to be there."""
        return self.blobs.has(digest, size)

    def copy_blob(self, digest: bytes, size: int, destination: bytes, cancelled: Cancelled = never) -> bool:
        """Write a blob to a new file; False when it is missing or broken: then it is gone afterwards.

        Raises:
            CacheError: the destination cannot be written, or `cancelled`.
        """
        return self.blobs.copy(digest, size, destination, cancelled)

    def read_blob(self, digest: bytes) -> bytes | None:
        """Return a small blob; None when it is missing or broken."""
        return self.blobs.read(digest)

    def entries(self) -> Iterator[StoredEntry]:
        """Yield what is stored, in no particular order; broken entries are left out."""
        for file, entry in self.files.all():
            yield StoredEntry(
                task=entry.task,
                mode=entry.mode,
                key=entry.key,
                created_at=entry.created_at,
                used_at=file.used_ns / 1e9,
                size=entry.size,
                files=sum(isinstance(output, OutputFile) for output in entry.outputs),
                place=file.path,
            )

    def where(self, task: str, mode: str, key: str) -> Path | None:
        """Return the file of an entry, for people."""
        return self.files.path(task, mode, key)
