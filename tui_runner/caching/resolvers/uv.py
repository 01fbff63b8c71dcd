"""The input resolver for uv: `uv.lock`, version 1.

What counts: `pyproject.toml` of the project; of every package it needs version, source and hashes. Needed are
dependencies, all extras and all groups of the project, and what these need in turn, with the extras that are asked for,
for whatever platform and Python: markers are told by their text, not evaluated. Members of the workspace and local
directories are followed, with all extras and groups they declare. Of the root of a workspace the same counts for its
members, as an input of its own; a root that is no project gives its groups.

What does not: other members and what only they need, extras of a package that only others ask for, order and layout of
the file, sizes and upload times, the settings a lock file was made with. Sources of members are files: list them.

The project is the nearest `pyproject.toml` from the task's cwd upwards. Its lock file is that of the workspace it is a
member of, else the nearest one that holds it.
"""

from tui_runner.model.cache import InputResolver, ResolveContext, ResolvedInput, input_resolver


def uv_package() -> InputResolver:
    """Depend on what uv has locked for the project the task lies in, and not on the rest of the workspace.

    For `cache(inputs=…)`: the task runs again when its `pyproject.toml` changes, or the version, source or hashes of
    anything it needs directly or indirectly, with extras and groups, out of `uv.lock`. What the project at the root of
    the workspace needs counts too.
    """
    return input_resolver("uv", _resolve)


def _resolve(context: ResolveContext) -> list[ResolvedInput]:
    """Return the manifest and what the project needs; reads files, and blocks.

    Raises:
        ResolverError: there is no project or no usable lock file; the message says how to go on.
    """
    from tui_runner.caching.resolvers import package_inputs as inputs  # noqa: PLC0415 - definitions stay light
    from tui_runner.caching.resolvers.uv_lock import parse_uv_lock  # noqa: PLC0415 - the same

    uv = inputs.PackageManager(
        manifests=("pyproject.toml",), lock_files=("uv.lock",), parse=parse_uv_lock, install="uv lock"
    )
    manifest = inputs.find_manifest(context, uv)
    return inputs.package_inputs(context, uv, manifest, inputs.places_above(context, manifest.parent))
