"""The input resolver for npm: `package-lock.json` and `npm-shrinkwrap.json`, versions 2 and 3.

What counts: `package.json` of the package, and of every package it needs place, version, origin and integrity. Needed
are all kinds of dependencies, direct and indirect, also peers and what is optional, for whatever platform. Links to
members of the workspace and to local directories are followed, with all these declare. Of the root of a workspace the
same counts for its members, as an input of its own.

What does not: other members and what only they need, order and layout of the file, marks such as `dev`, licences. What
npm installs elsewhere than the lock file says, after `npm install --no-save`, is unknown to it.

The package is the nearest `package.json` from the task's cwd upwards. Its lock file is that of the workspace it belongs
to, else the nearest one that holds it.
"""

from tui_runner.model.cache import InputResolver, ResolveContext, ResolvedInput, input_resolver


def npm_package() -> InputResolver:
    """Depend on what npm has locked for the package the task lies in, and not on the rest of the workspace.

    For `cache(inputs=…)`: the task runs again when its `package.json` changes, or the version, origin or integrity of
    anything it needs directly or indirectly, out of `package-lock.json`. What the package at the root of the workspace
    needs counts too.
    """
    return input_resolver("npm", _resolve)


def _resolve(context: ResolveContext) -> list[ResolvedInput]:
    """Return the manifest and what the package needs; reads files, and blocks.

    Raises:
        ResolverError: there is no package or no usable lock file; the message says how to go on.
    """
    from tui_runner.caching.resolvers import package_inputs as inputs  # noqa: PLC0415 - definitions stay light
    from tui_runner.caching.resolvers.npm_lock import parse_npm_lock  # noqa: PLC0415 - the same

    npm = inputs.PackageManager(
        manifests=("package.json",),
        lock_files=("npm-shrinkwrap.json", "package-lock.json"),
        parse=parse_npm_lock,
        install="npm install --package-lock-only",
    )
    manifest = inputs.find_manifest(context, npm)
    return inputs.package_inputs(context, npm, manifest, inputs.places_above(context, manifest.parent))
