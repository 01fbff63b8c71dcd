"""What below a watched path is none of our business: `.gitignore` files, the task's own patterns, and the usual suspects.

Decided top-down, directory by directory, so that an ignored directory hides all below it, as in git. Reads `.gitignore`
files, the `info/exclude` of checkouts, and nothing else. A path that the user names is never ignored itself, and a `.gitignore` that hides it is not asked
about what is below it.
"""

import os
import re
import stat
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

GITIGNORE: Final = ".gitignore"
_EXCLUDE: Final = ".git/info/exclude"

_ALWAYS_NAMES: Final = frozenset(
    {
        *(".git", ".hg", ".svn", ".jj", "node_modules", "__pycache__", ".venv", ".tui_runner"),
        *(".mypy_cache", ".pytest_cache", ".ruff_cache", ".DS_Store", "4913"),
    }
)
_ALWAYS_PATTERN: Final = re.compile(r"~$|^\..*\.sw[a-z]$|^\.#|^#.*#$|\.tmp$|^___jb_|\.py[co]$|^\.goutputstream-")
"""Temporary files of editors, and compiled Python."""
_MOST_BYTES: Final = 1 << 20


def always_ignored(name: str) -> bool:
    """Tell whether a file or directory of this name never counts, wherever it is."""
    return name in _ALWAYS_NAMES or _ALWAYS_PATTERN.search(name) is not None


class IgnoreFiles:
    """The `.gitignore` files of a file system, read when first needed. Shared by all rules; `forget` when one changes."""

    def __init__(self) -> None:
        self._specs: dict[str, GitIgnoreSpec | None] = {}

    def spec_in(self, directory: str) -> "GitIgnoreSpec | None":
        """Return the rules that a directory's `.gitignore` and `.git/info/exclude` give; None when there are none."""
        if directory not in self._specs:
            # What one person ignores comes first: the `.gitignore` that all share has the last word, as in git.
            files = (_EXCLUDE, GITIGNORE)
            lines = [line for file in files for line in _read_lines(f"{directory}/{file}")]
            self._specs[directory] = spec_of(lines) if lines else None
        return self._specs[directory]

    def forget(self) -> None:
        """Read all files again when they are needed."""
        self._specs.clear()


class IgnoreRules:
    """The rules for everything below one watched path."""

    def __init__(self, files: IgnoreFiles, *, root: str, base: str, cwd: str, patterns: Sequence[str] = ()) -> None:
        """`base` is the watched path; `patterns` are the task's own, relative to its `cwd`. All paths are absolute."""
        self._files = files
        self._base = base
        self._own_directory = cwd if _is_below(base, cwd) else base
        self._own = spec_of(patterns) if patterns else None
        self._top = _top_of(base, root)
        self._directories: dict[str, bool] = {base: False}
        self._above: tuple[tuple[str, GitIgnoreSpec], ...] | None = None

    def forget(self) -> None:
        """Decide anew; call it after `IgnoreFiles.forget`."""
        self._directories = {self._base: False}
        self._above = None

    def files_above(self) -> Iterator[str]:
        """Yield the `.gitignore` files above the base that count, whether they exist or not."""
        for directory in self._above_base():
            yield os.path.join(directory, GITIGNORE)  # noqa: PTH118 - plain strings

    def ignores(self, path: str, *, is_directory: bool = False) -> bool:
        """Tell whether a path below the base does not count. The base itself always counts."""
        if path == self._base:
            return False
        known = self._directories.get(path) if is_directory else None
        if known is not None:
            return known
        parent, _, name = path.rpartition("/")
        ignored = (
            always_ignored(name)
            or (_is_below(parent, self._base) and self.ignores(parent, is_directory=True))
            or self._is_matched(path, parent, "/" if is_directory else "")
        )
        if is_directory:
            self._directories[path] = ignored
        return ignored

    def _is_matched(self, path: str, parent: str, slash: str) -> bool:
        if self._own is not None:
            decided = self._own.check_file(_relative(path, self._own_directory) + slash).include
            if decided is not None:
                return decided
        for directory, spec in self._specs_for(parent):
            decided = spec.check_file(_relative(path, directory) + slash).include
            if decided is not None:
                return decided
        return False

    def _specs_for(self, directory: str) -> "Iterator[tuple[str, GitIgnoreSpec]]":
        """Yield the rules that speak about what is in a directory, the nearest first."""
        while _is_below(directory, self._base):
            spec = self._files.spec_in(directory)
            if spec is not None:
                yield directory, spec
            directory = directory.rpartition("/")[0]
        if self._above is None:
            self._above = tuple(self._specs_above())
        yield from self._above

    def _specs_above(self) -> "Iterator[tuple[str, GitIgnoreSpec]]":
        for directory in self._above_base():
            spec = self._files.spec_in(directory)
            if spec is not None and not spec.check_file(_relative(self._base, directory) + "/").include:
                yield directory, spec

    def _above_base(self) -> Iterator[str]:
        directory = self._base
        while directory != self._top and _is_below(directory, self._top):
            directory = directory.rpartition("/")[0]
            yield directory


def spec_of(lines: Sequence[str]) -> "GitIgnoreSpec":
    """Return compiled patterns; those that cannot be understood are left out."""
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - slow to import, and only needed where something is watched

    try:
        return GitIgnoreSpec.from_lines(lines)
    except (ValueError, re.error):
        return GitIgnoreSpec.from_lines(line for line in lines if _is_pattern(line))


def _is_pattern(line: str) -> bool:
    from pathspec import GitIgnoreSpec  # noqa: PLC0415 - imported already by the caller

    try:
        GitIgnoreSpec.from_lines((line,))
    except (ValueError, re.error):
        return False
    return True


def _read_lines(path: str) -> list[str]:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError:
        return []
    try:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return []
        return os.read(descriptor, _MOST_BYTES).decode("utf-8", "replace").splitlines()
    except OSError:
        return []
    finally:
        os.close(descriptor)


def _top_of(base: str, root: str) -> str:
    """Return the highest directory whose `.gitignore` counts: the top of the git checkout, else the root, else itself."""
    directory = base
    while directory not in {"", "/"}:
        if os.path.exists(directory + "/.git"):  # noqa: PTH110 - plain strings
            return directory
        directory = directory.rpartition("/")[0]
    return root if _is_below(base, root) else base


def _is_below(path: str, directory: str) -> bool:
    """Tell whether a path is the directory or in it."""
    return path == directory or path.startswith(directory if directory.endswith("/") else directory + "/")


def _relative(path: str, directory: str) -> str:
    return path[len(directory) :].lstrip("/") if _is_below(path, directory) else path.lstrip("/")
