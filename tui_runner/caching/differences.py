"""What has to be done to make outputs what they were. Reads and compares; changes nothing.

Whatever is in the way and may not be removed is found here, before anything is touched.
"""

import os
import stat
from collections.abc import Mapping, Sequence

import msgspec

from tui_runner.caching.cancelling import Cancelled
from tui_runner.caching.copying import hash_content
from tui_runner.caching.entry import Output, OutputDirectory, OutputFile, OutputLink
from tui_runner.caching.output_patterns import OutputPatterns
from tui_runner.caching.output_scan import Scan
from tui_runner.caching.output_set import KEPT_BITS
from tui_runner.caching.output_tree import NoDirectoryError, OutputTree
from tui_runner.caching.patterns import with_slash
from tui_runner.caching.soundness import parents
from tui_runner.caching.stat_record import record_of
from tui_runner.caching.store import CacheError
from tui_runner.caching.trouble import cache_error, shown


class Differences(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be done, by absolute path."""

    write: dict[bytes, OutputFile | OutputLink]
    """Missing or different; whatever is in their place and no directory is replaced."""
    change_mode: dict[bytes, int]
    """Files that differ in nothing else."""
    directories: dict[bytes, int]
    """Modes of all directories that are outputs; some may be missing."""
    remove: list[bytes]
    """Stale files and links, and what is in the way of directories."""
    remove_directories: list[bytes]
    """Stale, or in the way of files; empty when `remove` is done. Those further down come first."""
    same: dict[bytes, bytes]
    """Files and links to be left alone, and their records when that was found."""
    is_nothing: bool
    """Everything is as it should be."""


def compare(
    outputs: Sequence[Output],
    patterns: OutputPatterns,
    scan: Scan,
    known: Mapping[bytes, tuple[bytes, bytes]],
    tree: OutputTree,
    cancelled: Cancelled,
) -> Differences | None:
    """Return what has to be done; None when something is no output that was declared: the entry is somebody else's.

    `known` are records and digests of files whose content was known before, by name.

    Raises:
        CacheError: something is in the way, or cannot be looked at; or `cancelled`.
    """
    wanted = {patterns.path_of(output.path): output for output in outputs}
    for path, output in wanted.items():
        if not patterns.covers(path, directory=isinstance(output, OutputDirectory)):
            return None
    return _Comparison(wanted, patterns, scan, known, tree, cancelled).run()


class _Comparison:
    """One comparison. Its tables grow; nothing outlives it."""

    def __init__(
        self,
        wanted: dict[bytes, Output],
        patterns: OutputPatterns,
        scan: Scan,
        known: Mapping[bytes, tuple[bytes, bytes]],
        tree: OutputTree,
        cancelled: Cancelled,
    ) -> None:
        self._wanted = wanted
        self._patterns = patterns
        self._found = scan.found
        self._known = known
        self._tree = tree
        self._cancelled = cancelled
        self._above = frozenset(parent for path in wanted for parent in parents(path))
        self._stale = {path for path, found in self._found.items() if self._is_stale(path, found)}
        self._write: dict[bytes, OutputFile | OutputLink] = {}
        self._change_mode: dict[bytes, int] = {}
        self._directories: dict[bytes, int] = {}
        self._same: dict[bytes, bytes] = {}
        self._moded = False
        self._nowhere: set[bytes] = set()

    def run(self) -> Differences:
        for path, output in self._wanted.items():
            found = self._found.get(path) or self._look(path)
            match output:
                case OutputDirectory():
                    self._compare_directory(path, output, found)
                case OutputFile() | OutputLink():
                    self._compare_leaf(path, output, found)
        directories = [path for path in self._stale if self._is_directory(path)]
        files = [path for path in self._stale if not self._is_directory(path)]
        return Differences(
            write=self._write,
            change_mode=self._change_mode,
            directories=self._directories,
            remove=sorted(files),
            remove_directories=sorted(directories, reverse=True),
            same=self._same,
            is_nothing=not (self._write or self._change_mode or self._stale or self._moded),
        )

    def _is_stale(self, path: bytes, found: os.stat_result) -> bool:
        if path in self._wanted:
            return False
        match stat.S_IFMT(found.st_mode):
            case stat.S_IFDIR:
                return path not in self._above
            case stat.S_IFREG | stat.S_IFLNK:
                return True
            case _:
                return path in self._above  # a special file is left alone where it is in nobody's way

    def _look(self, path: bytes) -> os.stat_result | None:
        above = os.path.dirname(path)  # noqa: PTH120 - bytes
        if above in self._nowhere:
            return None
        try:
            self._tree.open(above)
        except FileNotFoundError:
            self._nowhere.add(above)
            return None
        except NoDirectoryError as error:
            if error.path in self._stale or error.path in self._wanted:
                return None
            raise
        return self._tree.look(path)

    def _compare_directory(self, path: bytes, output: OutputDirectory, found: os.stat_result | None) -> None:
        self._directories[path] = output.mode
        if found is None:
            self._moded = True
        elif stat.S_ISDIR(found.st_mode):
            self._moded |= found.st_mode & KEPT_BITS != output.mode
        else:
            self._stale.add(path)

    def _compare_leaf(self, path: bytes, output: OutputFile | OutputLink, found: os.stat_result | None) -> None:
        if found is None or not self._is_same(path, output, found):
            if found is not None and stat.S_ISDIR(found.st_mode):
                self._check_can_go(path)
                self._stale.add(path)
            self._write[path] = output
        elif isinstance(output, OutputFile) and found.st_mode & KEPT_BITS != output.mode:
            if found.st_nlink == 1:
                self._change_mode[path] = output.mode
            else:
                self._write[path] = output  # its mode belongs to others too
        else:
            self._same[path] = record_of(found)

    def _is_same(self, path: bytes, output: OutputFile | OutputLink, found: os.stat_result) -> bool:
        match output:
            case OutputFile():
                return stat.S_ISREG(found.st_mode) and found.st_size == output.size and self._holds(path, output, found)
            case OutputLink():
                return stat.S_ISLNK(found.st_mode) and self._target(path) == output.target

    def _holds(self, path: bytes, output: OutputFile, found: os.stat_result) -> bool:
        """Tell whether a file of the right size has the content; it is read only when nothing is known of it."""
        record, digest = self._known.get(output.path, (b"", b""))
        if record == record_of(found):
            return digest == output.digest
        try:
            above, name = self._tree.above(path)
            flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
            descriptor = os.open(name, flags, dir_fd=above)
            try:
                content = hash_content(descriptor, found.st_size, self._cancelled)
                return content == (output.digest, output.size) and record_of(os.fstat(descriptor)) == record_of(found)
            finally:
                os.close(descriptor)
        except OSError:
            return False  # what cannot be read is replaced

    def _target(self, path: bytes) -> bytes | None:
        try:
            above, name = self._tree.above(path)
            return os.readlink(name, dir_fd=above)
        except OSError:
            return None

    def _is_directory(self, path: bytes) -> bool:
        found = self._found.get(path) or self._tree.look(path)
        return found is not None and stat.S_ISDIR(found.st_mode)

    def _check_can_go(self, directory: bytes) -> None:
        """Make sure that a directory in the place of a file holds nothing but what is removed anyway."""
        waiting = [directory]
        while waiting:
            above = waiting.pop()
            try:
                with os.scandir(self._tree.open(above)) as scan:
                    inside = [(os.fsencode(entry.name), entry.is_dir(follow_symlinks=False)) for entry in scan]
            except OSError as error:
                raise cache_error("read", above, error) from error
            for name, is_directory in inside:
                path = with_slash(above) + name
                if path not in self._stale:
                    raise CacheError(
                        f"{shown(directory)} is a directory with {shown(name)} in it, which is no output; a cached file "
                        "belongs there; move it away"
                    )
                if is_directory:
                    waiting.append(path)
