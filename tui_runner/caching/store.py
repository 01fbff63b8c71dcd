"""Where entries and blobs are kept: the interface behind which a shared remote store could stand.

Keys, fingerprints, snapshots and restoring know this interface only. All methods block and may be called from worker
threads.
"""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Protocol

import msgspec

from tui_runner.caching.entry import Entry
from tui_runner.errors.runner_error import RunnerError


class CacheError(RunnerError):
    """The cache cannot be used for this task now: the message says what is wrong, with the path. Never fails a run."""


class StoredEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What a listing says of an entry."""

    task: str
    mode: str
    key: str
    created_at: float
    """Seconds since the epoch."""
    used_at: float
    """When it was last stored or restored."""
    size: int
    """Bytes of its output files, not counting that others share them."""
    files: int
    place: str
    """Where it is, for people."""


class CacheStore(Protocol):
    """Keeps entries by task, mode and key, and blobs by the SHA-256 of their content."""

    def using(self, cancelled: Callable[[], bool] = ...) -> AbstractContextManager[None]:
        """Keep everything that is there, or being added, from being removed while the block lasts.

        Adding, saving and copying happen inside a block; what is added there needs no entry before its end.

        Raises:
            CacheError: the store cannot be used now, or `cancelled` while waiting for that.
        """

    def load(self, task: str, mode: str, key: str) -> Entry | None:
        """Return an entry; None when there is none, or it is broken: then it is gone afterwards."""

    def latest(self, task: str, mode: str) -> Entry | None:
        """Return the entry stored last; None when there is none that can be read."""

    def save(self, entry: Entry) -> None:
        """Keep an entry whose blobs are all there; atomically, replacing one of the same key.

        Raises:
            CacheError: it cannot be written.
        """

    def used(self, task: str, mode: str, key: str) -> None:
        """Note that an entry was of use just now, so that it is collected later than others."""

    def add_blob(self, path: bytes, cancelled: Callable[[], bool]) -> tuple[bytes, int]:
        """Copy a regular file into the store, unless it has one like it; return digest and size of what was copied.

        Never holds more than a chunk of it in memory.

        Raises:
            CacheError: it cannot be read or stored, or changed while it was copied; or `cancelled`.
        """

    def add_bytes(self, data: bytes) -> bytes:
        """Keep a small blob from memory; return its digest.

        Raises:
            CacheError: it cannot be stored.
        """

    def has_blob(self, digest: bytes, size: int) -> bool:
        """Tell whether a blob of this digest and size seems to be there."""

    def copy_blob(self, digest: bytes, size: int, destination: bytes, cancelled: Callable[[], bool]) -> bool:
        """Write a blob to a new file, private until the caller sets its mode; False when it is missing or broken.

        Of another size than `size` is missing too. A broken blob is gone afterwards. What is written is verified.

        Raises:
            CacheError: the destination cannot be written, or `cancelled`.
        """

    def read_blob(self, digest: bytes) -> bytes | None:
        """Return a small blob; None when it is missing or broken."""

    def entries(self) -> Iterator[StoredEntry]:
        """Yield what is stored, in no particular order; broken entries are left out."""

    def where(self, task: str, mode: str, key: str) -> Path | None:
        """Return the file of an entry, for people; None when the store has no files here."""
