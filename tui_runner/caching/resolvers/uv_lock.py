"""A `uv.lock` as data, and what a project in it needs. Pure.

One name may stand for several packages, of versions for different platforms; what needs it then says which. Extras are
followed where they are asked for: that somebody else wants more of a package does not change what is installed here.
"""

import posixpath
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

import msgspec

from tui_runner.caching.resolvers.closure import Closure, closure, reach
from tui_runner.caching.resolvers.lock_file import refuse_conflicts
from tui_runner.caching.resolvers.resolver_error import unusable
from tui_runner.caching.resolvers.toml_tree import read_toml

_ADVICE: Final = "run `uv lock`, which completes it, or bring it back from version control"
_KNOWN_VERSION: Final = 1
_ROOT: Final = "."
_LOCAL: Final = ("editable", "virtual", "directory")


class _Needed(msgspec.Struct, frozen=True, kw_only=True):
    name: str
    version: str = ""
    source: dict[str, str | bool] = {}
    extra: list[str] = []
    extras: list[str] = []
    """What `extra` is called in `manifest`."""
    marker: str = ""


class _Archive(msgspec.Struct, frozen=True, kw_only=True):
    """A source archive or a wheel. Known by its hash; its size and when it was uploaded do not count."""

    hash: str = ""
    url: str = ""
    path: str = ""


class _Package(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    name: str
    version: str = ""
    source: dict[str, str | bool] = {}
    dependencies: list[_Needed] = []
    optional_dependencies: dict[str, list[_Needed]] = {}
    dev_dependencies: dict[str, list[_Needed]] = {}
    sdist: _Archive | None = None
    wheels: list[_Archive] = []

    def directory(self) -> str | None:
        """Return where it lies, relative to the lock file; None for one that is installed from elsewhere."""
        return next((posixpath.normpath(str(self.source[kind])) for kind in _LOCAL if kind in self.source), None)

    def archives(self) -> list[str]:
        """Return what tells its archives from others."""
        found = self.wheels if self.sdist is None else [self.sdist, *self.wheels]
        return sorted(archive.hash or archive.url or archive.path for archive in found)


class _Manifest(msgspec.Struct, frozen=True, kw_only=True, rename="kebab"):
    members: list[str] = []
    dependency_groups: dict[str, list[_Needed]] = {}
    """Groups of a root that is no project."""


class _File(msgspec.Struct, frozen=True, kw_only=True):
    version: int
    manifest: _Manifest = _Manifest()
    package: list[_Package] = []


_Node = tuple[int, str]
"""Index of a package, and an extra of it; empty for the package itself."""


class UvLock:
    """What a `uv.lock` says of a workspace or of a single project."""

    def __init__(self, path: Path, file: _File) -> None:
        self._path = path
        self._manifest = file.manifest
        self._packages: Sequence[_Package] = file.package
        self._by_name: defaultdict[str, list[int]] = defaultdict(list)
        self._by_directory: dict[str, int] = {}
        for index, package in enumerate(file.package):
            self._by_name[package.name].append(index)
            directory = package.directory()
            if directory is not None:
                self._by_directory[directory] = index
        self._closures: dict[str, Closure] = {}

    def holds(self, directory: str) -> bool:
        """Tell whether a directory, relative to that of the lock file, is one of its projects; its own always is."""
        return directory == _ROOT or directory in self._by_directory

    def has_member(self, directory: str) -> bool:
        """Tell whether it is a member of a workspace."""
        index = self._by_directory.get(directory)
        return index is not None and self._packages[index].name in self._manifest.members

    def closure(self, directory: str) -> Closure:
        """Return what the project in a directory needs; remembered, as several tasks share a project.

        At the root of a workspace that is no project itself that is what all members need.

        Raises:
            ResolverError: something it needs is missing in the file.
        """
        index = self._by_directory.get(directory)
        if index is not None:
            return self._remembered(directory, [index])
        members = set(self._manifest.members)
        return self._remembered(_ROOT, [i for i in self._by_directory.values() if self._packages[i].name in members])

    def root_closure(self) -> Closure:
        """Return what is there for all members: what the project at the root, or its groups, need.

        Raises:
            ResolverError: something it needs is missing in the file.
        """
        index = self._by_directory.get(_ROOT)
        return self._remembered("", [] if index is None else [index])

    def _remembered(self, name: str, projects: Iterable[int]) -> Closure:
        if name not in self._closures:
            groups = self._manifest.dependency_groups if name in {"", _ROOT} else {}
            nodes = reach([*((index, "") for index in projects), *self._found(_flat(groups))], self._needs)
            records = [groups, *(self._record(node) for node in nodes)]
            self._closures[name] = closure(records, len({index for index, _ in nodes}))
        return self._closures[name]

    def _needs(self, node: _Node) -> Iterator[_Node]:
        return self._found(self._declared(node))

    def _declared(self, node: _Node) -> list[_Needed]:
        """Return what a package or an extra of it declares; of a local project all of it."""
        index, extra = node
        package = self._packages[index]
        if extra:
            return package.optional_dependencies.get(extra, [])
        if package.directory() is None:
            return package.dependencies
        return package.dependencies + _flat(package.optional_dependencies) + _flat(package.dev_dependencies)

    def _found(self, needed: Iterable[_Needed]) -> Iterator[_Node]:
        for one in needed:
            found = [index for index in self._by_name.get(one.name, ()) if self._fits(index, one)]
            if not found:
                raise unusable(self._path, f"needs `{one.name}` {one.version}, but does not hold it", _ADVICE)
            for index in found:
                yield index, ""
                yield from ((index, extra) for extra in (*one.extra, *one.extras) if extra)

    def _fits(self, index: int, needed: _Needed) -> bool:
        package = self._packages[index]
        return needed.version in {"", package.version} and (not needed.source or needed.source == package.source)

    def _record(self, node: _Node) -> object:
        index, extra = node
        package = self._packages[index]
        return package.name, package.version, package.source, package.archives(), extra, self._declared(node)


def parse_uv_lock(path: Path, text: str) -> UvLock:
    """Return what a `uv.lock` of version 1, in whatever revision, says.

    Raises:
        ResolverError: it is of another version, or broken.
    """
    refuse_conflicts(path, text, "settle it, or take either side and run `uv lock`")
    tree = read_toml(path, text, _ADVICE)
    if tree.get("version") != _KNOWN_VERSION:
        problem = f"is of version {tree.get('version')!r:.20}; version {_KNOWN_VERSION} can be read"
        raise unusable(path, problem, f"list `{path.name}` itself as an input, or run `uv lock` with another uv")
    try:
        file = msgspec.convert(tree, _File)
    except (msgspec.ValidationError, RecursionError) as error:
        raise unusable(path, f"is not what uv writes ({error})", _ADVICE) from None
    return UvLock(path, file)


def _flat(groups: Mapping[str, list[_Needed]]) -> list[_Needed]:
    return [needed for group in groups.values() for needed in group]
