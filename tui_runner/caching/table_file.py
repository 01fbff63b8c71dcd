"""The files of stat tables: shortcuts, which may be lost, or broken by anybody, at any time."""

import contextlib
from pathlib import Path
from typing import Final

from tui_runner.caching.places import CachePlaces
from tui_runner.caching.sealed import read_sealed, write_sealed
from tui_runner.caching.store import CacheError

_MOST_BYTES: Final = 1 << 30


def read_table(path: Path, magic: bytes) -> memoryview | None:
    """Return the content of a table; None when there is none that is whole."""
    try:
        return read_sealed(path, magic, _MOST_BYTES)
    except FileNotFoundError:
        return None


def write_table(path: Path, magic: bytes, content: bytes) -> None:
    """Keep the content of a table, atomically; where that cannot be done, the next look takes longer."""
    with contextlib.suppress(OSError, CacheError):
        write_sealed(path, magic, content, CachePlaces(directory=path.parent.parent).unfinished)
