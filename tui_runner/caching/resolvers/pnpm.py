"""The input resolver for pnpm: `pnpm-lock.yaml`, versions 6.0 to 9.0 (pnpm 8 and later).

What counts: `package.json` of the package; of every package it needs the exact version, the peers it was installed
with, and where it comes from (integrity, tarball, commit, directory); specifiers, and entries of catalogs where they are
used; overrides and patches of packages that are needed; the version of the lock file. Needed are all kinds of
dependencies, direct and indirect, for whatever platform. Links and copies of members of the workspace are followed, with
all these declare. Of the root of a workspace the same counts for its members, as an input of its own.

What does not: other members and what only they need, order and layout of the file, marks such as `dev`, unused
catalogs, overrides and patches, and what concerns pnpm itself: its settings, `.npmrc`, `.pnpmfile.cjs` and config
dependencies count by their effect on what is locked. Links to outside the workspace count by their path.

The package is the nearest `package.json` (or `.json5`, `.yaml`) from the task's cwd upwards.
"""

from pathlib import Path
from typing import Literal, get_args

from tui_runner.model.cache import InputResolver, ResolveContext, ResolvedInput, input_resolver

Scope = Literal["local", "workspace"]

_WORKSPACE_FILE = "pnpm-workspace.yaml"


def pnpm_package(scope: Scope | None = None) -> InputResolver:
    """Depend on what pnpm has locked for the package the task lies in, and not on the rest of the workspace.

    For `cache(inputs=…)`: the task runs again when its `package.json` changes, or the version, peers or origin of
    anything it needs directly or indirectly, out of `pnpm-lock.yaml`. What the package at the root of the workspace needs
    counts too. `scope` says which lock file: `"local"` that beside `package.json`, `"workspace"` that beside
    `pnpm-workspace.yaml`; None finds out.

    Raises:
        ValueError: the scope is none of these.
    """
    if scope is not None and scope not in get_args(Scope):
        raise ValueError(f'the scope of pnpm_package is "local", "workspace" or None, not {scope!r:.80}')
    return input_resolver("pnpm", lambda context: _resolve(context, scope))


def _resolve(context: ResolveContext, scope: Scope | None) -> list[ResolvedInput]:
    """Return the manifest and what the package needs; reads files, and blocks.

    Raises:
        ResolverError: there is no package or no usable lock file; the message says how to go on.
    """
    from tui_runner.caching.resolvers import package_inputs as inputs  # noqa: PLC0415 - definitions stay light
    from tui_runner.caching.resolvers.pnpm_lock import parse_pnpm_lock  # noqa: PLC0415 - the same

    pnpm = inputs.PackageManager(
        manifests=("package.json", "package.json5", "package.yaml"),
        lock_files=("pnpm-lock.yaml",),
        parse=parse_pnpm_lock,
        install="pnpm install --lockfile-only",
    )
    manifest = inputs.find_manifest(context, pnpm)
    places = inputs.places_above(context, manifest.parent)
    if scope == "local":
        places = places[:1]
    elif scope == "workspace":
        places = (_workspace_root(places),)
    return inputs.package_inputs(context, pnpm, manifest, places)


def _workspace_root(places: tuple[Path, ...]) -> Path:
    from tui_runner.caching.resolvers.resolver_error import unusable  # noqa: PLC0415 - definitions stay light
    from tui_runner.caching.resolvers.search_path import nearest  # noqa: PLC0415 - the same

    found = nearest(places, (_WORKSPACE_FILE,))
    if found is None:
        problem = f"is in no workspace: there is no `{_WORKSPACE_FILE}` up to `{places[-1]}`"
        raise unusable(places[0], problem, 'write one, or take `pnpm_package("local")`')
    return found.parent
