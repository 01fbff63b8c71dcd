"""Whatever happens to files: the digest changes when, and only when, something changed that a naive look can see."""

import contextlib
import os
import shutil
import stat
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from file_sets import Tree
from file_time import let_time_pass
from hypothesis import given, settings
from hypothesis import strategies as st

from tui_runner.caching.fingerprint import take_fingerprint

PLACES = ("a", "b", "d", "d/a", "d/b.py", "d/e", "d/e/a", "d/e/c.py", "d/node_modules", "d/node_modules/m.py")
CONTENTS = ("", "one", "eno", "longer")
TARGETS = ("a", "d", "b.py", "../a", "e", ".", "..", "nowhere")
TIMES = (1, 1 << 30, 1 << 32)
"""In seconds: long ago, some years ago, and to come."""


class Part(NamedTuple):
    """A pattern, where it begins, and in other words which of the paths below that it means."""

    pattern: str
    start: str
    means: Callable[[list[str]], bool]
    """Takes the names in a path."""
    skipped: frozenset[str] = frozenset({"node_modules", ".tui_runner"})


ADDING = (
    Part(".", ".", lambda _: True),
    Part("a", "a", lambda _: True),
    Part("d", "d", lambda _: True),
    Part("d/e/", "d/e", lambda _: True),
    Part("d/node_modules", "d/node_modules", lambda _: True, frozenset({".tui_runner"})),
    Part("d/*", "d", lambda names: len(names) == 2),
    Part("d/*/", "d", lambda names: len(names) > 2),
    Part("**/a", ".", lambda names: names[-1] == "a"),
    Part("d/**/*.{py,ts}", "d", lambda names: len(names) > 1 and names[-1].endswith(".py")),
)
TAKING = (
    Part("b", "b", lambda names: names[0] == "b"),
    Part("d/e", "d/e", lambda names: names[:2] == ["d", "e"]),
    Part("**/a", ".", lambda names: "a" in names),
    Part("d/*.py", "d", lambda names: names[0] == "d" and len(names) > 1 and names[1].endswith(".py")),
)
Patterns = list[tuple[bool, Part]]
"""Each with whether it adds files."""


def naive_look(root: Path, patterns: Patterns, without: list[Part]) -> tuple[dict[str, object], tuple[str, ...]]:
    """Return what the files are, and which patterns are missing."""
    files: dict[str, object] = {}
    missing: list[str] = []
    for index, (adds, part) in enumerate(patterns):
        if not adds:
            continue
        taken = [later for later_adds, later in patterns[index + 1 :] if not later_adds] + without
        found = {
            path: naive_file(root / path)
            for path in naive_walk(root, part)
            if part.means(path.split("/")) and not any(other.means(path.split("/")) for other in taken)
        }
        files.update(found)
        if not found:
            missing.append(part.pattern)
    return files, tuple(missing)


def naive_walk(root: Path, part: Part) -> Iterator[str]:
    start = root / part.start
    is_file = os.path.lexists(start) and (start.is_symlink() or not start.is_dir())
    if is_file and "*" not in part.pattern:
        yield part.start
    for directory, directories, names in os.walk(start):
        directories[:] = [name for name in directories if name not in part.skipped]
        for name in [*directories, *names]:
            path = Path(directory, name)
            if name not in part.skipped and (path.is_symlink() or not path.is_dir()):
                yield str(path.relative_to(root))


def naive_file(path: Path) -> object:
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        return path.readlink(), naive_content(path) if path.is_file() else None
    return naive_content(path) if path.is_file() else stat.S_IFMT(found.st_mode)


def naive_content(path: Path) -> object:
    return path.read_bytes(), bool(path.stat().st_mode & stat.S_IXUSR)


class Deeds:
    """Things people and programs do to files. What cannot be done is left undone."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._spare = root.parent / "spare"

    def write(self, place: str, content: str) -> None:
        path = self._room_for(place)
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NONBLOCK)
        os.write(descriptor, content.encode())
        os.close(descriptor)

    def put_in_place(self, place: str, content: str) -> None:
        self._spare.write_text(content)
        self._spare.replace(self._room_for(place))

    def link(self, place: str, target: str) -> None:
        self.remove(place)
        self._room_for(place).symlink_to(target)

    def make_directory(self, place: str) -> None:
        self.remove(place)
        self._room_for(place).mkdir()

    def make_pipe(self, place: str) -> None:
        self.remove(place)
        os.mkfifo(self._room_for(place))

    def remove(self, place: str) -> None:
        path = self._root / place
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)

    def move(self, place: str, other: str) -> None:
        (self._root / place).rename(self._root / other)

    def copy_by_link(self, place: str, other: str) -> None:
        self.remove(other)
        os.link(self._root / place, self._root / other, follow_symlinks=False)

    def chmod(self, place: str, mode: int) -> None:
        path = self._root / place
        path.chmod(mode | stat.S_IXUSR if path.is_dir() else mode)

    def set_time(self, place: str, time_s: int) -> None:
        os.utime(self._root / place, (time_s, time_s))

    def keep_time(self, place: str, content: str) -> None:
        """Write a file and put its time back."""
        before = (self._root / place).stat()
        self.write(place, content)
        os.utime(self._root / place, ns=(before.st_atime_ns, before.st_mtime_ns))

    def wait(self) -> None:
        let_time_pass(self._root.parent)

    def _room_for(self, place: str) -> Path:
        path = self._root / place
        for parent in reversed(path.relative_to(self._root).parents[:-1]):
            if not (self._root / parent).is_dir():
                self.remove(str(parent))
                (self._root / parent).mkdir()
        return path


def deeds() -> st.SearchStrategy[tuple[Callable[..., None], tuple[object, ...]]]:
    place, content = st.sampled_from(PLACES), st.sampled_from(CONTENTS)
    return st.one_of(
        st.tuples(st.sampled_from([Deeds.write, Deeds.put_in_place, Deeds.keep_time]), st.tuples(place, content)),
        st.tuples(st.sampled_from([Deeds.make_directory, Deeds.make_pipe, Deeds.remove]), st.tuples(place)),
        st.tuples(st.sampled_from([Deeds.move, Deeds.copy_by_link]), st.tuples(place, place)),
        st.tuples(st.just(Deeds.link), st.tuples(place, st.sampled_from(TARGETS))),
        st.tuples(st.just(Deeds.chmod), st.tuples(place, st.sampled_from([0o644, 0o755, 0o654]))),
        st.tuples(st.just(Deeds.set_time), st.tuples(place, st.sampled_from(TIMES))),
        st.tuples(st.just(Deeds.wait), st.tuples()),
    )


@pytest.mark.slow
@given(
    patterns=st.lists(
        st.one_of(
            st.tuples(st.just(True), st.sampled_from(ADDING)), st.tuples(st.just(False), st.sampled_from(TAKING))
        ),
        min_size=1,
        max_size=4,
    ),
    without=st.lists(st.sampled_from(TAKING), max_size=1),
    history=st.lists(deeds(), min_size=1, max_size=25),
)
@settings(max_examples=40)
def test_the_digest_changes_exactly_when_the_files_do(
    patterns: Patterns, without: list[Part], history: list[tuple[Callable[..., None], tuple[object, ...]]]
) -> None:
    with tempfile.TemporaryDirectory() as directory:
        tree = Tree(Path(directory))
        tree.write({"a": "one", "d/a": "one", "d/b.py": "eno", "d/e/c.py": "one", "d/node_modules/m.py": "m"})
        words = tuple(part.pattern if adds else f"!{part.pattern}" for adds, part in patterns)
        files = tree.file_set(*words, without=tuple(part.pattern for part in without))
        known: dict[bytes, object] = {}
        for deed, arguments in [(Deeds.wait, ()), *history, (Deeds.wait, ())]:
            with contextlib.suppress(OSError):
                deed(Deeds(tree.root), *arguments)
            naive = naive_look(tree.root, patterns, without)
            taken = take_fingerprint(files, tree.table)
            assert {os.fsdecode(name) for name in taken.files()} == naive[0].keys()
            assert taken.missing == naive[1]
            assert taken.digest == take_fingerprint(files, None).digest
            assert known.setdefault(taken.digest, naive) == naive
            assert list(known.values()).count(naive) == 1


@pytest.mark.slow
@given(history=st.lists(deeds(), min_size=1, max_size=8), later=st.lists(deeds(), min_size=1, max_size=8))
@settings(max_examples=25)
def test_exactly_the_files_that_differ_are_named_afterwards(
    history: list[tuple[Callable[..., None], tuple[object, ...]]],
    later: list[tuple[Callable[..., None], tuple[object, ...]]],
) -> None:
    patterns = [(True, ADDING[0])]
    with tempfile.TemporaryDirectory() as directory:
        tree = Tree(Path(directory))
        for deed, arguments in history:
            with contextlib.suppress(OSError):
                deed(Deeds(tree.root), *arguments)
        before, _ = naive_look(tree.root, patterns, [])
        taken = [take_fingerprint(tree.file_set("."), table) for table in (None, tree.table)]
        for deed, arguments in later:
            with contextlib.suppress(OSError):
                deed(Deeds(tree.root), *arguments)
            after, _ = naive_look(tree.root, patterns, [])
            differing = tuple(sorted(name for name in before.keys() | after if before.get(name) != after.get(name)))
            assert [one.changed() for one in taken] == [differing, differing]
