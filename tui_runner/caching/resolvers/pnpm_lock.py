"""A `pnpm-lock.yaml` as data, and what a package in it needs. Pure.

Three kinds of things lead to each other: importers (the packages of the repository, by directory), snapshots (packages
with the peers they were installed with, such as `use-sync-external-store@1.2.0(react@18.2.0)`), and the packages
themselves, without peers. Version 6 keeps the last two in one map.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final, Literal

import msgspec

from tui_runner.caching.resolvers.closure import Closure, closure, reach
from tui_runner.caching.resolvers.lock_file import refuse_conflicts
from tui_runner.caching.resolvers.resolver_error import ResolverError, unusable
from tui_runner.caching.resolvers.yaml_tree import Tree, read_yaml

_ADVICE: Final = "run `pnpm install --lockfile-only`, which completes it, or bring it back from version control"
_KNOWN_VERSIONS: Final = frozenset({"6.0", "6.1", "7.0", "9.0"})
_ROOT: Final = "."
_LINK: Final = "link:"
_CATALOG: Final = "catalog:"
_PARENT_OF_OVERRIDE: Final = re.compile(r"(?<=[^ |@])>")
"""`a>b` says: b, where a needs it; `b@>1` holds no parent."""


class _Wanted(msgspec.Struct, frozen=True, kw_only=True):
    specifier: str = ""
    version: str


class _Importer(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    dependencies: dict[str, _Wanted] = {}
    dev_dependencies: dict[str, _Wanted] = {}
    optional_dependencies: dict[str, _Wanted] = {}

    def wanted(self) -> Iterator[tuple[str, _Wanted]]:
        for kind in (self.dependencies, self.dev_dependencies, self.optional_dependencies):
            yield from kind.items()


class _Package(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What counts of an entry of `packages` or `snapshots`; the marks `dev` and `optional` tell who else needs it."""

    name: str = ""
    version: str = ""
    resolution: dict[str, object] = {}
    dependencies: dict[str, str] = {}
    optional_dependencies: dict[str, str] = {}


class _File(_Importer, frozen=True, kw_only=True, rename="camel"):
    """The last document of the file. A lock file of a single package may have its dependencies at the top."""

    importers: dict[str, _Importer] | None = None
    packages: dict[str, _Package] = {}
    snapshots: dict[str, _Package] | None = None
    catalogs: dict[str, dict[str, dict[str, str]]] = {}
    overrides: dict[str, str] = {}
    patched_dependencies: dict[str, object] = {}


_Node = tuple[Literal["importer", "package"], str]


class PnpmLock:
    """What a `pnpm-lock.yaml` says of a workspace or of a single package."""

    def __init__(self, path: Path, version: str, file: _File) -> None:
        self._path = path
        self._version = version
        self._file = file
        own = _Importer(
            dependencies=file.dependencies,
            dev_dependencies=file.dev_dependencies,
            optional_dependencies=file.optional_dependencies,
        )
        self._importers: Mapping[str, _Importer] = {_ROOT: own} if file.importers is None else file.importers
        self._snapshots: Mapping[str, _Package] = file.packages if file.snapshots is None else file.snapshots
        self._closures: dict[str, Closure] = {}

    def holds(self, directory: str) -> bool:
        """Tell whether a directory, relative to that of the lock file, is one of its importers."""
        return directory in self._importers

    def has_member(self, directory: str) -> bool:
        """Tell whether it is one of several."""
        return len(self._importers) > 1 and self.holds(directory)

    def closure(self, directory: str) -> Closure:
        """Return what the package in a directory needs; remembered, as several tasks share a package.

        Raises:
            ResolverError: something it needs is missing in the file.
        """
        if directory not in self._closures:
            start: list[_Node] = [("importer", directory)] if directory in self._importers else []
            nodes = reach(start, self._needs)
            self._closures[directory] = closure(self._records(nodes), len(nodes))
        return self._closures[directory]

    def root_closure(self) -> Closure:
        """Return what the package at the root needs: its tools are there for all members."""
        return self.closure(_ROOT)

    def _needs(self, node: _Node) -> Iterator[_Node]:
        kind, key = node
        if kind == "importer":
            for name, wanted in self._importers[key].wanted():
                yield from self._found(name, wanted.version, key)
            return
        package = self._snapshots[key]
        for needed in (package.dependencies, package.optional_dependencies):
            for name, version in needed.items():
                yield from self._found(name, version, _ROOT)
        # A member of the workspace that is installed as a copy stands for the member itself too.
        directory = self._installed(key).resolution.get("directory")
        if isinstance(directory, str) and posixpath.normpath(directory) in self._importers:
            yield "importer", posixpath.normpath(directory)

    def _found(self, name: str, version: str, directory: str) -> Iterator[_Node]:
        """Yield what a name and a locked version lead to; `directory` is where links begin.

        A link to outside the workspace leads nowhere: the lock file does not say what is there.
        """
        if version.startswith(_LINK):
            target = posixpath.normpath(posixpath.join(directory, version.removeprefix(_LINK)))
            if target in self._importers:
                yield "importer", target
            return
        # In this order: of version 9, an alias or a place of its own, of version 6.
        for key in (f"{name}@{version}", version, f"/{name}@{version}"):
            if key in self._snapshots:
                yield "package", key
                return
        raise unusable(self._path, f"needs `{name}`, but does not hold it", _ADVICE)

    def _installed(self, key: str) -> _Package:
        """Return the package behind one with peers."""
        package = self._file.packages.get(key) or self._file.packages.get(without_peers(key))
        if package is None:
            raise unusable(self._path, f"names `{package_name(key)}`, but does not hold it", _ADVICE)
        return package

    def _records(self, nodes: set[_Node]) -> Iterator[object]:
        yield "version", self._version
        names: set[str] = set()
        for kind, key in nodes:
            if kind == "importer":
                importer = self._importers[key]
                yield kind, key, importer
                names.update(name for name, _ in importer.wanted())
                yield from self._catalog_entries(importer)
            else:
                package = self._snapshots[key]
                yield kind, key, package, self._installed(key)
                names.update((package.name, *package.dependencies, *package.optional_dependencies, package_name(key)))
        for selector, value in self._file.overrides.items():
            if package_name(_PARENT_OF_OVERRIDE.split(selector)[-1]) in names:
                yield "override", selector, value
        for selector, patch in self._file.patched_dependencies.items():
            if package_name(selector) in names:
                yield "patch", selector, patch

    def _catalog_entries(self, importer: _Importer) -> Iterator[object]:
        for name, wanted in importer.wanted():
            if wanted.specifier.startswith(_CATALOG):
                catalog = wanted.specifier.removeprefix(_CATALOG) or "default"
                yield "catalog", catalog, name, self._file.catalogs.get(catalog, {}).get(name)


def parse_pnpm_lock(path: Path, text: str) -> PnpmLock:
    """Return what a `pnpm-lock.yaml` of version 6 to 9 says.

    Of several documents the last one counts: those before it are about pnpm itself.

    Raises:
        ResolverError: it is of another version, or broken.
    """
    refuse_conflicts(path, text, "settle it, or run `pnpm install`, which does")
    documents = read_yaml(path, text, _ADVICE)
    tree = documents[-1] if documents else ""
    if not isinstance(tree, dict):
        raise unusable(path, "is empty or no lock file", _ADVICE)
    version = tree.get("lockfileVersion")
    if not isinstance(version, str) or version not in _KNOWN_VERSIONS:
        raise _unknown_version(path, version)
    try:
        file = msgspec.convert(tree, _File)
    except msgspec.ValidationError as error:
        raise unusable(path, f"is not what pnpm writes ({error})", _ADVICE) from None
    return PnpmLock(path, version, file)


def without_peers(key: str) -> str:
    """Return the name of a package without what stands in parentheses behind it: peers, and the hash of a patch."""
    end = len(key)
    while end and key[end - 1] == ")":
        depth = 0
        for index in range(end - 1, -1, -1):
            depth += {")": 1, "(": -1}.get(key[index], 0)
            if depth == 0:
                end = index
                break
        else:
            return key[:end]  # a lonely parenthesis
    return key[:end]


def package_name(selector: str) -> str:
    """Return the name in `/name@1.0.0`, `@scope/name@^1` or `name`."""
    selector = selector.removeprefix("/")
    end = selector.find("@", 1)
    return selector if end < 0 else selector[:end]


def _unknown_version(path: Path, version: Tree | None) -> ResolverError:
    if not isinstance(version, str):
        return unusable(path, "does not say its version", _ADVICE)
    problem = f"is of version {version}; versions 6.0 to 9.0 can be read"
    if re.fullmatch(r"[0-5](\.\d+)?", version):
        return unusable(path, problem, "run `pnpm install --lockfile-only` with pnpm 8 or later, which upgrades it")
    return unusable(path, problem, f"list `{path.name}` itself as an input")
