"""A `package-lock.json` as data, and what a package in it needs. Pure.

Packages are named by their place (`packages/web`, `node_modules/react`), and what a package needs is found as Node finds
it: in the `node_modules` of its own place, then in those above.
"""

import posixpath
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import msgspec

from tui_runner.caching.resolvers.closure import Closure, closure, reach
from tui_runner.caching.resolvers.lock_file import refuse_conflicts
from tui_runner.caching.resolvers.resolver_error import ResolverError, unusable

_ADVICE: Final = "run `npm install --package-lock-only`, which writes it anew"
_OLDEST: Final = 2
_NEWEST: Final = 3
_ROOT: Final = "."
_DEEPEST: Final = 100
"""More directories than any package lies deep."""


_NONE: Final = msgspec.Raw(b"null")


class _Package(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """What is read of an entry of `packages`.

    The marks `dev`, `optional`, `peer` and `extraneous` are left out: they tell who else needs a package.
    """

    name: str = ""
    version: str = ""
    resolved: str | bool = ""
    integrity: str = ""
    link: bool = False
    dependencies: dict[str, str] = {}
    optional_dependencies: dict[str, str] = {}
    peer_dependencies: dict[str, str] = {}
    dev_dependencies: dict[str, str] = {}
    workspaces: msgspec.Raw = _NONE
    """Their globs do not count: the members that match them may be others' business."""


class _File(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    lockfile_version: int = 1
    packages: dict[str, _Package] = {}


class NpmLock:
    """What a `package-lock.json` says of a workspace or of a single package."""

    def __init__(self, packages: dict[str, _Package]) -> None:
        self._packages = packages
        self._closures: dict[str, Closure] = {}

    def holds(self, directory: str) -> bool:
        """Tell whether a directory, relative to that of the lock file, is one of its packages."""
        place = _place(directory)
        return place in self._packages and _is_local(place) and not self._packages[place].link

    def has_member(self, directory: str) -> bool:
        """Tell whether the root declares workspaces, of which the package is taken to be one."""
        return bytes(self._packages[""].workspaces) != bytes(_NONE) and self.holds(directory)

    def closure(self, directory: str) -> Closure:
        """Return what the package in a directory needs; remembered, as several tasks share a package."""
        place = _place(directory)
        if place not in self._closures:
            places = reach([place], self._needs)
            self._closures[place] = closure((self._record(one) for one in places), len(places))
        return self._closures[place]

    def root_closure(self) -> Closure:
        """Return what the package at the root needs: its tools are there for all members."""
        return self.closure(_ROOT)

    def _record(self, place: str) -> object:
        package = self._packages[place]
        declared = (package.dependencies, package.optional_dependencies, package.peer_dependencies)
        where_from = (package.resolved, package.integrity, package.link)
        return place, package.name, package.version, *where_from, *declared, package.dev_dependencies

    def _needs(self, place: str) -> Iterator[str]:
        package = self._packages[place]
        if package.link:
            target = posixpath.normpath(str(package.resolved))
            if target in self._packages:
                yield target
            return
        names = {*package.dependencies, *package.optional_dependencies, *package.peer_dependencies}
        if _is_local(place):
            names.update(package.dev_dependencies)
        directories = _directories_of_modules(place)
        for name in names:
            # What is optional, or a peer that nobody insists on, need not be there.
            found = next((path for one in directories if (path := f"{one}/{name}") in self._packages), None)
            if found is not None:
                yield found


def parse_npm_lock(path: Path, text: str) -> NpmLock:
    """Return what a `package-lock.json` or `npm-shrinkwrap.json` of version 2 or 3 says.

    Raises:
        ResolverError: it is of another version, or broken.
    """
    refuse_conflicts(path, text, "settle it, or run `npm install`, which does")
    try:
        file = msgspec.json.decode(text, type=_File)
    except msgspec.ValidationError as error:
        raise unusable(path, f"is not what npm writes ({error})", _ADVICE) from None
    except (msgspec.DecodeError, RecursionError) as error:
        raise unusable(path, f"is not JSON ({error})", _ADVICE) from None
    if not _OLDEST <= file.lockfile_version <= _NEWEST:
        raise _unknown_version(path, file.lockfile_version)
    if "" not in file.packages:
        raise unusable(path, "does not say what its own package needs", _ADVICE)
    if any(place.count("/") > _DEEPEST for place in file.packages):
        raise unusable(path, f"names a place more than {_DEEPEST} directories deep", _ADVICE)
    return NpmLock(file.packages)


def _unknown_version(path: Path, version: int) -> ResolverError:
    problem = f"is of version {version}; versions {_OLDEST} and {_NEWEST} can be read"
    if version < _OLDEST:
        return unusable(path, problem, "run `npm install --package-lock-only` with npm 7 or later, which upgrades it")
    return unusable(path, problem, f"list `{path.name}` itself as an input, or run npm with `--lockfile-version 3`")


def _place(directory: str) -> str:
    return "" if directory == _ROOT else directory


def _is_local(place: str) -> bool:
    """Tell a directory of the repository from an installed package."""
    return "node_modules" not in place.split("/")


def _directories_of_modules(place: str) -> list[str]:
    """Return the `node_modules` that Node looks in for what is needed at a place, nearest first."""
    directories: list[str] = []
    while place:
        name = posixpath.basename(place)
        if name == "..":  # above the lock file its own `node_modules` is not on the way
            return directories
        if name != "node_modules":
            directories.append(f"{place}/node_modules")
        place = posixpath.dirname(place)
    return [*directories, "node_modules"]
