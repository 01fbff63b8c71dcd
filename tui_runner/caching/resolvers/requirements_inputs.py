"""Requirements files and those they include, as inputs: one for each file."""

import hashlib
import os
import re
from pathlib import Path
from typing import Final

from tui_runner.caching.resolvers.lock_file import read_bytes
from tui_runner.caching.resolvers.requirements_file import Include, RequirementsFile, parse_requirements
from tui_runner.caching.resolvers.resolver_error import unusable
from tui_runner.caching.resolvers.search_path import is_file
from tui_runner.model.cache import ResolveContext, VirtualInput, virtual_input

_MOST_FILES: Final = 500
_URL: Final = re.compile(r"(?:https?|file|ftp):", re.IGNORECASE)


def requirements_inputs(context: ResolveContext, names: tuple[str, ...]) -> list[VirtualInput]:
    """Return an input for each file, by name; `names` are relative to the task's cwd.

    A file that is included again, or includes itself, is read once; as a constraint and as a requirement it is two.

    Raises:
        ResolverError: a file is missing, unreadable or broken, includes a URL, or there are absurdly many.
    """
    inputs: dict[tuple[str, bool], VirtualInput] = {}
    waiting = [(_existing(context.cwd / name, ""), False) for name in names]
    while waiting:
        path, is_constraint = waiting.pop()
        identity = (os.path.realpath(path), is_constraint)
        if identity in inputs:
            continue
        if len(inputs) >= _MOST_FILES:
            raise unusable(path, f"is one of more than {_MOST_FILES} included files", "include fewer")
        file = parse_requirements(path, read_bytes(path))
        inputs[identity] = _input(_name(path, context), file, is_constraint=is_constraint)
        waiting += [(_included(path, include), include.is_constraint) for include in file.includes]
    return sorted(inputs.values(), key=lambda one: one.kind)


def _included(path: Path, include: Include) -> Path:
    if _URL.match(include.name):
        problem = f"includes a URL in line {include.line}, and nobody can tell when that changes"
        raise unusable(path, problem, "keep a copy in the repository")
    return _existing(path.parent / include.name, f", but `{path}` includes it in line {include.line}")


def _existing(path: Path, wanted: str) -> Path:
    if not is_file(path):
        raise unusable(path, f"is no file{wanted}", "write it, or correct its name")
    return path


def _input(name: str, file: RequirementsFile, *, is_constraint: bool) -> VirtualInput:
    content = "\n".join(sorted(file.lines)).encode("utf-8", "surrogateescape")
    kind = f"constraints {name}" if is_constraint else f"requirements {name}"
    lines = "1 line" if len(file.lines) == 1 else f"{len(file.lines)} lines"
    digest = hashlib.sha256(content).hexdigest()
    return virtual_input(kind, digest, f"{lines}, {digest[:8]}")


def _name(path: Path, context: ResolveContext) -> str:
    """Return how a file is called, the same in every checkout when it lies in the workspace."""
    real = Path(os.path.realpath(path))
    inside = real.is_relative_to(os.path.realpath(context.root))
    return os.path.relpath(real, os.path.realpath(context.cwd)) if inside else str(real)
