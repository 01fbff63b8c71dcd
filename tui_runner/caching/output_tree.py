"""Opens the directories that outputs lie in, name by name from one that is trusted, and never through a link.

Trusted are the root, the cwd of the task and, outside the workspace, what lies above a declared output. A link below
them could have been put there by anybody, to make us write or delete somewhere else.
"""

import errno
import os
from collections.abc import Iterator
from types import TracebackType
from typing import Final, Self

from tui_runner.caching.output_patterns import OutputPatterns
from tui_runner.caching.patterns import with_slash
from tui_runner.caching.store import CacheError
from tui_runner.caching.trouble import cache_error, shown

_MOST_OPEN: Final = 32
_DIRECTORY: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC


class NoDirectoryError(CacheError):
    """Something else is in the place of a directory."""

    def __init__(self, path: bytes, *, is_link: bool) -> None:
        if is_link:
            way_on = "declare the outputs where it leads to, or remove it"
            super().__init__(f"{shown(path)} is a symbolic link, and outputs are never kept through one; {way_on}")
        else:
            super().__init__(f"{shown(path)} is in the place of a directory for outputs; move it away")
        self.path = path
        self.is_link = is_link


class OutputTree:
    """Directories by absolute path. Use as a context manager: it keeps some open."""

    def __init__(self, trusted: Iterator[bytes]) -> None:
        self._trusted = frozenset(trusted)
        self._open: dict[bytes, int] = {}

    def open(self, directory: bytes) -> int:
        """Return the descriptor of a directory; it is closed by a later call, or at the end.

        Raises:
            FileNotFoundError: it is not there.
            NoDirectoryError: it, or one above it, is something else.
            CacheError: it cannot be opened.
        """
        known = self._open.get(directory)
        if known is not None:
            return known
        if len(self._open) >= _MOST_OPEN:
            self.close()
        above, names = self._way_to(directory)
        try:
            descriptor = self._open.get(above, -1)
            if descriptor < 0:
                descriptor = self._open[above] = os.open(above, _DIRECTORY)
            for name in names:
                above = with_slash(above) + name
                descriptor = self._open[above] = os.open(name, _DIRECTORY | os.O_NOFOLLOW, dir_fd=descriptor)
        except FileNotFoundError:
            raise
        except OSError as error:
            if error.errno in {errno.ENOTDIR, errno.ELOOP}:
                raise NoDirectoryError(above, is_link=os.path.islink(above)) from error  # noqa: PTH114 - bytes
            raise cache_error("open", above, error) from error
        return descriptor

    def above(self, path: bytes) -> tuple[int, bytes]:
        """Return the descriptor of the directory a path lies in, and the name it has there.

        Raises:
            FileNotFoundError, CacheError: as in `open`.
        """
        directory, name = os.path.split(path)
        return self.open(directory), name

    def nearest(self, directory: bytes) -> bytes:
        """Return a directory if it is there, else the nearest above it that is; a link or a file is none.

        Raises:
            CacheError: as in `open`.
        """
        while True:
            try:
                self.open(directory)
            except (FileNotFoundError, NoDirectoryError):
                directory = os.path.dirname(directory)  # noqa: PTH120 - bytes
            else:
                return directory

    def look(self, path: bytes) -> os.stat_result | None:
        """Return what is at a path, links not followed; None when there is nothing.

        Raises:
            CacheError: it cannot be looked at, or a link or file is in the way.
        """
        try:
            descriptor, name = self.above(path)
            return os.stat(name, dir_fd=descriptor, follow_symlinks=False)
        except FileNotFoundError:
            return None
        except OSError as error:
            raise cache_error("look at", path, error) from error

    def close(self) -> None:
        """Close all directories. They are opened again when they are needed."""
        for descriptor in self._open.values():
            os.close(descriptor)
        self._open.clear()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _way_to(self, directory: bytes) -> tuple[bytes, list[bytes]]:
        """Return the nearest directory above that is open or trusted, and the names from there."""
        names: list[bytes] = []
        while directory not in self._open and directory not in self._trusted:
            above, name = os.path.split(directory)
            if above == directory:
                raise CacheError(f"{shown(directory)} is not below the workspace or a declared output")
            names.append(name)
            directory = above
        return directory, names[::-1]


def trusted_directories(patterns: OutputPatterns) -> Iterator[bytes]:
    """Yield the directories from where links are not followed any more."""
    yield patterns.root
    yield patterns.base
    for pattern in patterns.adding:
        if not any(pattern.start.startswith(with_slash(trusted)) for trusted in (patterns.root, patterns.base)):
            above = pattern.start if pattern.is_glob else os.path.dirname(pattern.start)  # noqa: PTH120 - bytes
            while not os.path.isdir(above):  # noqa: PTH112 - bytes
                above = os.path.dirname(above)  # noqa: PTH120 - bytes
            yield above
