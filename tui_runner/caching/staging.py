"""Where outputs are made ready before they are renamed into place: on the same file system, out of everybody's way.

That is a directory in the cache; for outputs on other file systems one beside them, noted in the first, so that it is
swept when its maker was killed.
"""

import contextlib
import os
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import msgspec

from tui_runner.caching.directories import make_cache_directory
from tui_runner.caching.output_tree import OutputTree
from tui_runner.caching.patterns import with_slash
from tui_runner.caching.trouble import cache_error
from tui_runner.caching.unfinished import ELSEWHERE, elsewhere_name, new_token, remove_flat_directory
from tui_runner.process.atomic_file import write_all

_OPEN: Final = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class Desk(msgspec.Struct, frozen=True, kw_only=True):
    """A directory on one file system in which files are made ready."""

    path: bytes
    descriptor: int


class Staging:
    """Makes what is needed, when it is needed. Use as a context manager: everything is gone afterwards."""

    def __init__(self, unfinished: Path) -> None:
        self._unfinished = unfinished
        self._token = new_token()
        self._desks: dict[tuple[int, str], Desk] = {}
        self._near: dict[bytes, Desk] = {}
        self._home: Desk | None = None

    def near(self, directory: bytes, tree: OutputTree) -> Desk:
        """Return where to make files ready that will be renamed into a directory, or into one to be made in it.

        Raises:
            CacheError: there is no such place.
        """
        known = self._near.get(directory)
        if known is None:
            try:
                known = self._near[directory] = self._find(directory, tree)
            except OSError as error:
                raise cache_error("make outputs ready in", directory, error) from error
        return known

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # The one in the cache goes last: it holds the note of the others.
        for desk in sorted(self._desks.values(), key=lambda desk: desk is self._home):
            os.close(desk.descriptor)
            with contextlib.suppress(OSError):  # swept later
                remove_flat_directory(desk.path)

    def _find(self, directory: bytes, tree: OutputTree) -> Desk:
        if self._home is None:
            self._home = self._make_home()
            self._desks[_mount_of(self._home.descriptor)] = self._home
        mount = _mount_of(tree.open(directory))
        if mount not in self._desks:
            self._desks[mount] = self._make_elsewhere(directory, tree, self._home)
        return self._desks[mount]

    def _make_home(self) -> Desk:
        make_cache_directory(self._unfinished)
        path = self._unfinished / self._token
        path.mkdir(mode=0o700)
        return Desk(path=os.fsencode(path), descriptor=os.open(path, _OPEN))

    def _make_elsewhere(self, directory: bytes, tree: OutputTree, home: Desk) -> Desk:
        name = elsewhere_name(self._token)
        path = with_slash(directory) + name
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        note = os.open(ELSEWHERE, flags, 0o600, dir_fd=home.descriptor)
        try:
            write_all(note, path + b"\0")
        finally:
            os.close(note)
        above = tree.open(directory)
        os.mkdir(name, 0o700, dir_fd=above)
        return Desk(path=path, descriptor=os.open(name, _OPEN, dir_fd=above))


def _mount_of(descriptor: int) -> tuple[int, str]:
    """Return what is equal for directories between which files can be renamed."""
    # Two mounts of one file system have one device number; where there is no /proc there are no such mounts.
    with contextlib.suppress(OSError), Path(f"/proc/self/fdinfo/{descriptor}").open(encoding="ascii") as file:
        for line in file:
            if line.startswith("mnt_id:"):
                return os.fstat(descriptor).st_dev, line
    return os.fstat(descriptor).st_dev, ""
