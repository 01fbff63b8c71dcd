"""The input resolver for pip: requirements files, with the files they include.

What counts: every requirement, constraint and option of the files and of those they include with `-r` and `-c`, with
hashes and markers; for each file an input of its own.

What does not: comments, blank lines, continuations, spacing, the order of lines and of hashes. Nor what requirements
stand for: what a version range, a URL, a local directory (`-e .`) or a variable (`${NAME}`) resolves to is not in the
file. Compiled files with hashes say it all.

Included files are found relative to the file that includes them, as pip does, wherever they lie. One behind a URL is
refused: nobody could tell when it changes.
"""

from pathlib import Path

from tui_runner.model.cache import InputResolver, ResolveContext, ResolvedInput, input_resolver


def pip_requirements(*files: str | Path) -> InputResolver:
    """Depend on what requirements files ask for, `requirements.txt` unless others are named.

    For `cache(inputs=…)`: the task runs again when a requirement, constraint or option changes, in the files or in those
    they include; comments, spacing and order do not count. Paths are relative to the task's cwd.

    Raises:
        ValueError: what is given is no path.
    """
    for file in files:
        if not isinstance(file, str | Path) or not str(file).strip() or "\0" in str(file):
            raise ValueError(f"pip_requirements takes paths, not {file!r:.80}")
    names = tuple(str(file) for file in files) or ("requirements.txt",)
    return input_resolver("pip", lambda context: _resolve(context, names))


def _resolve(context: ResolveContext, names: tuple[str, ...]) -> list[ResolvedInput]:
    """Return what the files ask for; reads files, and blocks.

    Raises:
        ResolverError: a file cannot be read or used; the message says how to go on.
    """
    from tui_runner.caching.resolvers.requirements_inputs import requirements_inputs  # noqa: PLC0415 - stays light

    return list(requirements_inputs(context, names))
