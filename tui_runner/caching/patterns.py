"""Patterns of cached files as users write them, and which paths they mean. Reads nothing but links on the way of a `..`.

A pattern without special characters is a file, or a directory and all below it. A glob means files and links, never
directories, unless it ends in a slash: then it means all below the directories it matches. Whatever a glob could match,
a path that reads exactly like the pattern is meant too: `pages/[id].tsx` exists. An exclusion also hides all below the
directories it matches. Paths are bytes, as the system knows them.
"""

import os
import re
from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from tui_runner.caching.store import CacheError
from tui_runner.model.glob import compile_glob, glob_depth, split_glob

SKIPPED: Final = frozenset({b".git", b".hg", b".svn", b".tui_runner", b"node_modules", b".venv", b"__pycache__"})
"""What has such a name inside a directory counts only for patterns that have the name in them."""

_SEPARATORS: Final = re.compile("[/{},]")


class PathPattern(msgspec.Struct, frozen=True, kw_only=True):
    """A pattern without its `!`, made absolute."""

    literal: bytes
    """The path that reads like the pattern."""
    start: bytes
    """The directory above the first special character; `literal` where there is none."""
    glob: str
    """What has to match the path below `start`; empty where there are no special characters."""
    skipped: frozenset[bytes]
    """Names it does not descend into."""


class Exclusions:
    """What is taken away from the files of a pattern."""

    def __init__(self, taken: Iterable[PathPattern], without: Iterable[tuple[bool, PathPattern]] = ()) -> None:
        """`taken` are taken away. `without` is a set of its own, in order: where the flag is False, a pattern gives back.

        Raises:
            CacheError: a glob has too many alternatives.
        """
        self._taken = [_Cover(pattern) for pattern in taken]
        self._without = [(takes, _Cover(pattern)) for takes, pattern in without]
        self._gives_back = any(not takes for takes, _ in self._without)

    def __bool__(self) -> bool:
        return bool(self._taken or self._without)

    def hides(self, path: bytes) -> bool:
        """Tell whether a path is taken away."""
        if any(cover.covers(path) for cover in self._taken):
            return True
        return next((takes for takes, cover in reversed(self._without) if cover.covers(path)), False)

    def hides_all_below(self, path: bytes) -> bool:
        """Tell whether a path is taken away with everything that can be below it."""
        if not self._gives_back:
            return self.hides(path)
        return any(cover.covers(path) for cover in self._taken)


class GlobMatcher:
    """Finds what a glob means while somebody walks down from its start."""

    def __init__(self, glob: str) -> None:
        """Compile the glob.

        Raises:
            CacheError: it has too many alternatives.
        """
        self.matches: Callable[[str], re.Match[str] | None] = _compiled(glob).fullmatch
        """Takes a path relative to the start."""
        self._depth = glob_depth(glob)
        self._leading = [_compiled(segment) for segment in _leading_segments(glob)]

    def enters(self, directory: str) -> bool:
        """Tell whether a match can lie below a directory, given relative to the start and itself reached that way."""
        depth = directory.count("/")
        if self._depth is not None and depth >= self._depth:
            return False
        return depth >= len(self._leading) or bool(self._leading[depth].fullmatch(directory.rpartition("/")[2]))


def parse_pattern(text: str, base: str, entered: frozenset[bytes] = frozenset()) -> PathPattern:
    """Return what a pattern (without its `!`) means, relative to an absolute directory.

    `entered` are names among `SKIPPED` that count all the same.

    Raises:
        CacheError: it cannot be a path.
    """
    if "\0" in text:
        raise CacheError(f"{text!r:.80} cannot be a path: it has a NUL in it")
    clean = "/".join(part for part in text.split("/") if part not in {"", "."})
    if text.startswith("/"):
        clean = f"/{clean}"
    plain, glob = split_glob(clean)
    if glob and text.endswith("/"):
        glob += "/**"
    try:
        return PathPattern(
            literal=os.fsencode(_absolute(clean, base)),
            start=os.fsencode(_absolute(plain, base)),
            glob=glob,
            skipped=SKIPPED - entered - {os.fsencode(name) for name in _SEPARATORS.split(clean)},
        )
    except UnicodeEncodeError:
        raise CacheError(f"{text!r:.80} cannot be a path: its characters cannot be in a name") from None


class _Cover:
    """Whether a pattern that takes away means a path, or a directory above it."""

    def __init__(self, pattern: PathPattern) -> None:
        self._literal = pattern.literal
        self._below_literal = with_slash(pattern.literal)
        self._below_start = with_slash(pattern.start)
        self._glob = re.compile(f"(?:{_compiled(pattern.glob).pattern})(?:/.*)?", re.DOTALL) if pattern.glob else None

    def covers(self, path: bytes) -> bool:
        if path == self._literal or path.startswith(self._below_literal):
            return True
        if self._glob is None or not path.startswith(self._below_start):
            return False
        return self._glob.fullmatch(os.fsdecode(path[len(self._below_start) :])) is not None


def with_slash(directory: bytes) -> bytes:
    """Return what the paths of everything in a directory begin with."""
    return directory if directory.endswith(b"/") else directory + b"/"


def _absolute(path: str, base: str) -> str:
    """Join as the task's own process would see it: `..` of a symbolic link is the parent of what it points to."""
    parts = path.split("/")
    plain = os.path.normpath(os.path.join(base, path))  # noqa: PTH118 - plain strings
    if ".." not in parts:
        return plain
    after_last = len(parts) - parts[::-1].index("..")
    head = os.path.join(base, "/".join(parts[:after_last]))  # noqa: PTH118 - as above
    real = os.path.realpath(head)
    if real == os.path.realpath(os.path.normpath(head)):
        return plain  # the path as written stays below the root, wherever the root lies
    return os.path.join(real, *parts[after_last:])  # noqa: PTH118 - as above


def _leading_segments(glob: str) -> list[str]:
    """Return the segments, above the last one, that match exactly one name each."""
    segments = glob.split("/")[:-1]
    if any(segment.count("{") != segment.count("}") for segment in segments):
        return []
    return segments[: next((index for index, segment in enumerate(segments) if "**" in segment), None)]


def _compiled(glob: str) -> re.Pattern[str]:
    try:
        return compile_glob(glob)
    except ValueError as error:
        raise CacheError(f"{error}; split it into several patterns") from None
