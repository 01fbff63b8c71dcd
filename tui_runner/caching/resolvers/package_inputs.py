"""From a task's cwd to the inputs of its package: manifest, lock file, closures. The same for all package managers."""

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Protocol

import msgspec

from tui_runner.caching.resolvers.closure import Closure
from tui_runner.caching.resolvers.lock_file import read_lock_file
from tui_runner.caching.resolvers.resolver_error import ResolverError, unusable
from tui_runner.caching.resolvers.search_path import is_file, nearest, relative, search_path
from tui_runner.model.cache import ResolveContext, ResolvedInput

_ROOT = "."


class LockedPackages(Protocol):
    """What a lock file says. Directories are named relative to that of the lock file, its own is `.`."""

    def holds(self, directory: str) -> bool:
        """Tell whether the package in a directory is locked here."""

    def has_member(self, directory: str) -> bool:
        """Tell whether it is locked here as part of a workspace: then no other lock file is used for it."""

    def closure(self, directory: str) -> Closure:
        """Return what the package in a directory needs.

        Raises:
            ResolverError: something it needs is missing in the lock file.
        """

    def root_closure(self) -> Closure:
        """Return what the root of the workspace gives to all members.

        Raises:
            ResolverError: something it needs is missing in the lock file.
        """


class PackageManager(msgspec.Struct, frozen=True, kw_only=True):
    """What has to be known of a package manager to find its files."""

    manifests: tuple[str, ...]
    """Names of the file that makes a directory a package."""
    lock_files: tuple[str, ...]
    """Names of the lock file; of several in one directory the first counts."""
    parse: Callable[[Path, str], LockedPackages]
    install: str
    """The command that writes a lock file."""


def find_manifest(context: ResolveContext, manager: PackageManager) -> Path:
    """Return the manifest of the package the task lies in.

    Raises:
        ResolverError: it lies in none.
    """
    places = search_path(context)
    found = nearest(places, manager.manifests)
    if found is None:
        where = "" if len(places) == 1 else f", nor has any directory up to `{places[-1]}`"
        raise unusable(places[0], f"has no `{manager.manifests[0]}`{where}", "give the task the cwd of its package")
    return found


def package_inputs(
    context: ResolveContext, manager: PackageManager, manifest: Path, places: Iterable[Path]
) -> list[ResolvedInput]:
    """Return the manifest, what the package needs and, for a member of a workspace, what the root of it needs.

    `places` are the directories to look for the lock file in, nearest first.

    Raises:
        ResolverError: there is no lock file that holds the package, or it cannot be used.
    """
    path, lock = _governing_lock(manager, manifest.parent, tuple(places))
    directory = relative(manifest.parent, path.parent)
    name = relative(path, Path(os.path.realpath(context.root)))
    own_directory = Path(os.path.realpath(context.cwd)) == manifest.parent
    inputs: list[ResolvedInput] = [manifest.name if own_directory else manifest]
    inputs.append(lock.closure(directory).as_input("dependencies", name))
    if directory != _ROOT:
        inputs.append(lock.root_closure().as_input("workspace root", name))
    return inputs


def places_above(context: ResolveContext, package: Path) -> tuple[Path, ...]:
    """Return the directories from that of the package upwards."""
    places = search_path(context)
    return places[places.index(package) :]


def _governing_lock(manager: PackageManager, package: Path, places: tuple[Path, ...]) -> tuple[Path, LockedPackages]:
    """Return the lock file the package manager goes by: that of a workspace, else the nearest that holds the package."""
    holding: list[tuple[Path, LockedPackages]] = []
    paths = list(_lock_files(manager, places))
    for path in paths:
        try:
            lock = read_lock_file(path, manager.parse)
        except ResolverError:
            if holding:  # a package with a lock file of its own does not care about that of somebody above
                continue
            raise
        if lock.holds(relative(package, path.parent)):
            holding.append((path, lock))
    if not paths:
        where = "" if len(places) == 1 else f", nor has any directory up to `{places[-1]}`"
        raise unusable(places[0], f"has no `{manager.lock_files[-1]}`{where}", f"run `{manager.install}` to write it")
    if not holding:
        directory = relative(package, paths[0].parent)
        raise unusable(paths[0], f"does not hold the package in `{directory}`", f"run `{manager.install}` to add it")
    members = [(path, lock) for path, lock in holding if lock.has_member(relative(package, path.parent))]
    return members[-1] if members else holding[0]


def _lock_files(manager: PackageManager, places: tuple[Path, ...]) -> Iterator[Path]:
    for place in places:
        found = next((place / name for name in manager.lock_files if is_file(place / name)), None)
        if found is not None:
            yield found
