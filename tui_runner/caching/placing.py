"""Changes a workspace: removes what is stale, renames into place what was made ready, sets modes.

Every step is whole by itself and does not depend on the others having been done just now: killed anywhere, what is left
is a mixture that the next comparison understands.
"""

import contextlib
import errno
import os
import stat
from collections.abc import Callable, Collection, Iterator

import msgspec

from tui_runner.caching.cancelling import Cancelled, check_cancelled
from tui_runner.caching.differences import Differences
from tui_runner.caching.entry import OutputFile, OutputLink
from tui_runner.caching.output_patterns import OutputPatterns
from tui_runner.caching.output_set import KEPT_BITS
from tui_runner.caching.output_tree import OutputTree
from tui_runner.caching.staging import Desk, Staging
from tui_runner.caching.store import CacheError, CacheStore
from tui_runner.caching.trouble import cache_error, shown


class Ready(msgspec.Struct, frozen=True, kw_only=True):
    """A file or link that only has to be renamed."""

    desk: Desk
    name: bytes
    """In the desk."""
    made: os.stat_result


def make_ready(
    differences: Differences, store: CacheStore, staging: Staging, tree: OutputTree, cancelled: Cancelled
) -> dict[bytes, Ready] | None:
    """Fetch and verify everything that has to be written; None when a content is missing or broken.

    Raises:
        CacheError: something cannot be written, or `cancelled`.
    """
    ready: dict[bytes, Ready] = {}
    desks: dict[bytes, Desk] = {}
    for number, (path, output) in enumerate(differences.write.items()):
        check_cancelled(cancelled)
        above = os.path.dirname(path)  # noqa: PTH120 - bytes
        desk = desks.get(above) or desks.setdefault(above, staging.near(tree.nearest(above), tree))
        name = b"%d" % number
        with _told("write", path):
            match output:
                case OutputFile():
                    if not _fetch(output, store, desk.path + b"/" + name, path, cancelled):
                        return None
                    os.chmod(name, output.mode & KEPT_BITS, dir_fd=desk.descriptor)
                case OutputLink():
                    os.symlink(output.target, name, dir_fd=desk.descriptor)
            made = os.stat(name, dir_fd=desk.descriptor, follow_symlinks=False)
        ready[path] = Ready(desk=desk, name=name, made=made)
    return ready


def _fetch(output: OutputFile, store: CacheStore, destination: bytes, path: bytes, cancelled: Cancelled) -> bool:
    try:
        return store.copy_blob(output.digest, output.size, destination, cancelled)
    except CacheError as error:
        raise CacheError(f"{shown(path)} cannot be brought back: {error}") from error


class Placing:
    """Does what has to be done. Directories that are outputs are made writable for as long as it takes."""

    def __init__(self, tree: OutputTree, patterns: OutputPatterns, cancelled: Cancelled) -> None:
        self._tree = tree
        self._patterns = patterns
        self._cancelled = cancelled

    def run(self, differences: Differences, ready: dict[bytes, Ready]) -> int:
        """Do all of it; return how much was removed.

        Raises:
            CacheError: something cannot be written or removed, or `cancelled`; what was done stays.
        """
        removed = sum(self._remove_file(path) for path in differences.remove)
        removed += sum(self._remove_directory(path) for path in differences.remove_directories)
        for path in differences.directories:
            self._make(path, differences.directories)
        for path, thing in ready.items():
            self._make(os.path.dirname(path), differences.directories)  # noqa: PTH120 - bytes
            self._rename(thing, path)
        for path, mode in differences.change_mode.items():
            self._change_mode(path, mode)
        for path in sorted(differences.directories, reverse=True):
            with _told("set the mode of", path):
                _set_mode(self._tree.open(path), differences.directories[path])
        return removed

    def _remove_file(self, path: bytes) -> bool:
        check_cancelled(self._cancelled)
        with _told("remove", path):
            try:
                self._in_its_place(path, lambda above, name: os.unlink(name, dir_fd=above))
            except FileNotFoundError:
                return False
        return True

    def _remove_directory(self, path: bytes) -> bool:
        """Remove a directory; one that still holds what is no output stays."""
        check_cancelled(self._cancelled)
        with _told("remove", path):
            try:
                self._in_its_place(path, lambda above, name: os.rmdir(name, dir_fd=above))
            except FileNotFoundError:
                return False
            except OSError as error:
                if error.errno not in {errno.ENOTEMPTY, errno.EEXIST}:
                    raise
                return False
        return True

    def _make(self, directory: bytes, outputs: Collection[bytes]) -> None:
        """Make a directory with all that are missing above it. The modes of those that are outputs are set later."""
        missing: list[bytes] = []
        with _told("make", directory):
            while not self._is_there(directory):
                missing.append(directory)
                directory = os.path.dirname(directory)  # noqa: PTH120 - bytes
            for path in reversed(missing):
                self._in_its_place(path, _make_private if path in outputs else _make_ordinary)

    def _is_there(self, directory: bytes) -> bool:
        try:
            self._tree.open(directory)
        except FileNotFoundError:
            return False
        return True

    def _rename(self, thing: Ready, path: bytes) -> None:
        check_cancelled(self._cancelled)
        desk = thing.desk.descriptor
        with _told("write", path):
            self._in_its_place(path, lambda above, name: os.rename(thing.name, name, src_dir_fd=desk, dst_dir_fd=above))

    def _change_mode(self, path: bytes, mode: int) -> None:
        with _told("set the mode of", path):
            above, name = self._tree.above(path)
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(name, flags, dir_fd=above)
            try:
                _set_mode(descriptor, mode)
            finally:
                os.close(descriptor)

    def _in_its_place(self, path: bytes, do: Callable[[int, bytes], None]) -> None:
        """Do something with a name in a directory."""
        above, name = self._tree.above(path)
        try:
            do(above, name)
        except PermissionError:
            if not self._patterns.covers(os.path.dirname(path), directory=True):  # noqa: PTH120 - bytes
                raise
            os.fchmod(above, stat.S_IMODE(os.fstat(above).st_mode) | stat.S_IRWXU)
            do(above, name)


def _make_private(above: int, name: bytes) -> None:
    os.mkdir(name, 0o700, dir_fd=above)


def _make_ordinary(above: int, name: bytes) -> None:
    os.mkdir(name, 0o777, dir_fd=above)


def _set_mode(descriptor: int, mode: int) -> None:
    now = stat.S_IMODE(os.fstat(descriptor).st_mode)
    if now & KEPT_BITS != mode:
        os.fchmod(descriptor, now & ~KEPT_BITS | mode)


@contextlib.contextmanager
def _told(doing: str, path: bytes) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise cache_error(doing, path, error) from error
