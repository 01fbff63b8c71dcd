"""Looks at what a task has left behind: everything its patterns cover, and what `stat` says of it."""

import contextlib
import os
import stat
from typing import Final

import msgspec

from tui_runner.caching.output_patterns import OutputPattern, OutputPatterns
from tui_runner.caching.output_tree import NoDirectoryError, OutputTree
from tui_runner.caching.patterns import with_slash
from tui_runner.caching.trouble import cache_error
from tui_runner.caching.unfinished import elsewhere_name

_STAGING: Final = elsewhere_name("")


class Scan(msgspec.Struct, frozen=True, kw_only=True):
    """What was there at one moment, by absolute path."""

    found: dict[bytes, os.stat_result]
    """Everything that is covered: files, links, directories and special files."""
    listed: dict[bytes, os.stat_result]
    """Directories that were listed, as they were before that."""
    is_whole: bool
    """Whatever is added now changes something above: nothing is missing where a pattern begins."""
    missing: tuple[str, ...]
    """Patterns that cover nothing, as they were written."""


def scan_outputs(patterns: OutputPatterns, tree: OutputTree) -> Scan:
    """Return what is there.

    Raises:
        CacheError: a directory cannot be read, or is reached through a link only.
    """
    return _Scanner(patterns, tree).run()


class _Scanner:
    """One scan. Its tables grow; nothing outlives it."""

    def __init__(self, patterns: OutputPatterns, tree: OutputTree) -> None:
        self._patterns = patterns
        self._tree = tree
        self._found: dict[bytes, os.stat_result] = {}
        self._listed: dict[bytes, os.stat_result] = {}
        self._entries: dict[bytes, list[tuple[bytes, os.stat_result]]] = {}
        self._is_whole = True

    def run(self) -> Scan:
        missing = tuple(pattern.text for pattern in self._patterns.adding if not self._take(pattern))
        return Scan(found=self._found, listed=self._listed, is_whole=self._is_whole, missing=missing)

    def _take(self, pattern: OutputPattern) -> int:
        """Take all that a pattern covers; return how much that was."""
        taken = 0
        literal = self._look(pattern.literal)
        if literal is not None:
            is_directory = stat.S_ISDIR(literal.st_mode)
            if pattern.covers(pattern.literal, directory=is_directory):
                self._found[pattern.literal] = literal
                taken += 1
            if is_directory and pattern.enters(pattern.literal):
                taken += self._take_below(pattern, pattern.literal)
        if not pattern.is_glob:
            self._is_whole &= literal is not None
            return taken
        if not self._is_directory(pattern.start):
            self._is_whole = False
        elif pattern.enters(pattern.start):
            taken += self._take_below(pattern, pattern.start)
        return taken

    def _look(self, path: bytes) -> os.stat_result | None:
        try:
            return self._tree.look(path)
        except NoDirectoryError as error:
            self._check_link(error)
            return None

    def _is_directory(self, path: bytes) -> bool:
        try:
            self._tree.open(path)
        except FileNotFoundError:
            return False
        except NoDirectoryError as error:
            self._check_link(error)
            return False
        return True

    def _check_link(self, error: NoDirectoryError) -> None:
        """Refuse to overlook what lies behind a link, unless the link is an output itself."""
        if error.is_link and not self._patterns.covers(error.path, directory=False):
            raise error

    def _take_below(self, pattern: OutputPattern, top: bytes) -> int:
        taken = 0
        waiting = [top]
        while waiting:
            for path, found in self._list(waiting.pop()):
                is_directory = stat.S_ISDIR(found.st_mode)
                if pattern.covers(path, directory=is_directory):
                    self._found[path] = found
                    taken += 1
                if is_directory and pattern.enters(path):
                    waiting.append(path)
        return taken

    def _list(self, directory: bytes) -> list[tuple[bytes, os.stat_result]]:
        known = self._entries.get(directory)
        if known is not None:
            return known
        entries: list[tuple[bytes, os.stat_result]] = []
        above = with_slash(directory)
        try:
            descriptor = self._tree.open(directory)
            self._listed[directory] = os.fstat(descriptor)
            with os.scandir(descriptor) as scan:
                for entry in scan:
                    name = os.fsencode(entry.name)
                    if not name.startswith(_STAGING):
                        with contextlib.suppress(FileNotFoundError):  # gone since: it was not there then
                            entries.append((above + name, entry.stat(follow_symlinks=False)))
        except OSError as error:
            raise cache_error("read", directory, error) from error
        self._entries[directory] = entries
        return entries
