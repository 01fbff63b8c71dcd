"""Which paths the declared outputs of a task cover. Only these are kept, written or removed.

As for inputs (see `patterns`), but a directory that is named, or given as `dir/**`, is covered as a whole: with the
directories in it, and with a `node_modules` that the task has put there. Nothing of ours or of a version control system
is ever covered, unless a pattern names it.
"""

import os
from typing import Final

from tui_runner.caching.output_set import OutputSet
from tui_runner.caching.patterns import Exclusions, GlobMatcher, PathPattern, with_slash
from tui_runner.caching.scope import Scope
from tui_runner.caching.store import CacheError
from tui_runner.caching.trouble import shown
from tui_runner.process.state_directory import STATE_DIRECTORY

_WHOLE: Final = frozenset({"**", "**/*"})
_ANY_NAME: Final = b"0e4f7a91c2"
"""Stands for any name at all: nothing is called that by chance."""
_DEFINITION: Final = b"pipeline.py"
MADE_BY_TASKS: Final = frozenset({b"node_modules", b".venv"})
"""What inputs do not descend into, but a task may have put into a directory of its outputs."""


class OutputPattern:
    """One pattern that adds outputs."""

    def __init__(self, text: str, pattern: PathPattern, exclusions: Exclusions, ours: bytes) -> None:
        self.text = text
        """As it was written."""
        self.literal = pattern.literal
        """The path that reads like the pattern."""
        self.start = pattern.start
        """The directory that a walk begins with."""
        self.is_glob = bool(pattern.glob)
        self._exclusions = exclusions
        self._ours = ours
        self._is_whole = not pattern.glob or pattern.glob in _WHOLE
        """Everything below the start is covered."""
        self._covers_directories = self._is_whole or pattern.glob.endswith("**")
        self._skipped = pattern.skipped - MADE_BY_TASKS if self._is_whole else pattern.skipped
        self._matcher = GlobMatcher(pattern.glob) if pattern.glob else None

    def covers(self, path: bytes, *, directory: bool) -> bool:
        """Tell whether what is at an absolute path is an output by this pattern."""
        if self._is_hidden(path):
            return False
        if path == self.literal:
            return True
        below = self._below(path, self.literal)
        if below is not None and self._is_open(below):
            return True
        below = self._below(path, self.start)
        if below is None or self._matcher is None or not self._is_open(below):
            return False
        return (self._covers_directories or not directory) and self._matcher.matches(os.fsdecode(below)) is not None

    def enters(self, path: bytes) -> bool:
        """Tell whether something covered can lie below a directory, which was itself reached from the start."""
        if self._exclusions.hides_all_below(path) or path == self._ours:
            return False
        if path in {self.literal, self.start}:
            return True
        below = self._below(path, self.literal) or self._below(path, self.start)
        if below is None or not self._is_open(below):
            return False
        return self._is_whole or self._below(path, self.literal) is not None or self._can_match_below(below)

    def _can_match_below(self, below: bytes) -> bool:
        return self._matcher is not None and self._matcher.enters(os.fsdecode(below))

    def _is_open(self, below: bytes) -> bool:
        return self._skipped.isdisjoint(below.split(b"/"))

    def _is_hidden(self, path: bytes) -> bool:
        return path == self._ours or path.startswith(with_slash(self._ours)) or self._exclusions.hides(path)

    @staticmethod
    def _below(path: bytes, directory: bytes) -> bytes | None:
        above = with_slash(directory)
        return path[len(above) :] if path.startswith(above) else None


class OutputPatterns:
    """All patterns of a task, understood."""

    def __init__(self, outputs: OutputSet) -> None:
        """Understand them.

        Raises:
            CacheError: a pattern cannot be a path, covers the workspace itself, or has too many alternatives.
        """
        self.root = os.fsencode(os.path.normpath(outputs.root))
        self.base = os.fsencode(os.path.normpath(outputs.base))
        self._scope = Scope(root=outputs.root, base=outputs.base, patterns=outputs.patterns, without=())
        ours = self._scope.root + os.fsencode(STATE_DIRECTORY)
        self.adding = [
            OutputPattern(outputs.patterns[part.index], part.pattern, part.exclusions, ours)
            for part in self._scope.parts()
        ]
        """Those that add outputs, in order."""
        definition = with_slash(self.root) + _DEFINITION
        for pattern in self.adding:
            for directory in (self.root, self.base):
                # Restoring would remove whatever is new there.
                if covers_any_in(pattern, directory):
                    raise CacheError(
                        f"the output `{pattern.text}` covers all of {shown(directory)}; name what the task makes"
                    )
            # Only a pattern that was meant for other files covers it: an edit would be taken back.
            if pattern.covers(definition, directory=False):
                raise CacheError(f"the output `{pattern.text}` covers {shown(definition)}; name what the task makes")

    def covers(self, path: bytes, *, directory: bool) -> bool:
        """Tell whether what is at an absolute path is an output."""
        return any(pattern.covers(path, directory=directory) for pattern in self.adding)

    @property
    def identity(self) -> bytes:
        """Is equal for two sets of patterns that cover the same paths on this machine."""
        return self._scope.identity

    def name_of(self, path: bytes) -> bytes:
        """Return how an absolute path is named in an entry."""
        return self._scope.name_of(path)

    def path_of(self, name: bytes) -> bytes:
        """Return the absolute path of a name in an entry."""
        return self._scope.path_of(name)


def covers_any_in(pattern: OutputPattern, directory: bytes) -> bool:
    """Tell whether a pattern covers whatever is put into a directory."""
    return pattern.covers(with_slash(directory) + _ANY_NAME, directory=False)
