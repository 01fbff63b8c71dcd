"""What a cached result depends on and what it consists of: data and factories.

Nothing is read or hashed here. As with `command`, wrong values become problems instead of exceptions.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import msgspec

from tui_runner.errors.problem import ProblemKind
from tui_runner.errors.site import Site, caller_site
from tui_runner.model.duration import Duration
from tui_runner.model.notes import Notes

if TYPE_CHECKING:
    from tui_runner.errors.problem import Problem
    from tui_runner.model.task import Task

LOCAL_STORE = "file:local"
"""The store below `.tui_runner/cache`; the only one there is."""

_COVERS_EVERYTHING = frozenset({"*", "**", "**/*"})


class Artifact(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """The outputs of another task in one mode, as an input. Made by `Task.artifact`."""

    task: "Task"
    mode: str
    site: Site


class ResolveContext(msgspec.Struct, frozen=True, kw_only=True):
    """What an input resolver is told."""

    cwd: Path
    """Absolute working directory of the task."""
    root: Path
    """Absolute directory of `pipeline.py`."""


class VirtualInput(msgspec.Struct, frozen=True, kw_only=True):
    """An input that is no file, such as a part of a lock file. Made by `virtual_input`."""

    kind: str
    """Names it among the inputs of a task, for `explain`; stable."""
    hash: str
    """Changes when it does."""
    description: str = ""
    """For people."""


ResolvedInput = str | Path | VirtualInput
"""What a resolver returns: files and directories (relative to the task's cwd, or absolute), and virtual inputs."""

Resolve = Callable[[ResolveContext], Iterable[ResolvedInput] | Awaitable[Iterable[ResolvedInput]]]
"""Finds inputs; plain functions are called in a worker thread, coroutine functions on the event loop."""


class InputResolver(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """Finds inputs when the task is about to run. Made by `input_resolver`."""

    name: str
    resolve: Resolve
    site: Site


CacheInput = str | Path | Artifact | InputResolver
"""What `cache(inputs=…)` takes."""


class CacheSpec(msgspec.Struct, frozen=True, kw_only=True, eq=False):
    """When a task need not run again, and what it leaves behind. Made by `cache`."""

    inputs: tuple[str, ...] = ()
    """Files, directories and globs in the order given; those that begin with `!` take away from what came before."""
    artifacts: tuple[Artifact, ...] = ()
    resolvers: tuple[InputResolver, ...] = ()
    outputs: tuple[str, ...] = ()
    """Files, directories and globs, with `!` as for inputs."""
    ttl_s: float | None = None
    """A result older than this is of no use; None keeps it for ever."""
    key: Mapping[str, str] = {}
    """Further values that have to be equal, such as versions of tools."""
    env: tuple[str, ...] = ()
    """Variables of the process environment that have to be equal; declared ones always count."""
    site: Site
    problems: "tuple[Problem, ...]" = ()


def cache(
    *,
    inputs: "CacheInput | Sequence[CacheInput]" = (),
    outputs: "str | Path | Sequence[str | Path]" = (),
    ttl: Duration | None = None,
    store: str = LOCAL_STORE,
    key: str | Sequence[str] | Mapping[str, str] = (),
    env: str | Sequence[str] = (),
) -> CacheSpec:
    """Skip a command when nothing it depends on has changed since it last succeeded, and bring its outputs back.

    `inputs` are files, directories, globs such as `src/**/*.{ts,tsx}`, exclusions such as `!**/*.test.ts`, artifacts
    of other tasks and input resolvers. `outputs` are files, directories and globs that the command makes. Paths are
    relative to the task's cwd. `ttl` is how long a result may be used. `key` are further values that count, `env` names
    of process variables that do. Wrong values are reported when the pipeline is planned.
    """
    notes = Notes(caller_site(), ProblemKind.INVALID_CACHE)
    given = _as_tuple(inputs)
    paths = _paths(notes, "inputs", [item for item in given if not isinstance(item, Artifact | InputResolver)])
    made = _paths(notes, "outputs", _as_tuple(outputs))
    for path in made:
        if _covers_too_much(path):
            notes.add(f"the output `{path}` covers more than the task makes", "name the directories or files it makes")
    seconds = notes.seconds("ttl", ttl)
    values = _key(notes, key)
    if store != LOCAL_STORE:
        notes.add(f"there is no cache store `{store}`", f"`{LOCAL_STORE}` is the only one so far")
    if not (given or made or values or ttl is not None):
        notes.add("a cache without inputs, outputs, key or ttl would skip the task for ever", "say what it depends on")
    return CacheSpec(
        inputs=paths,
        artifacts=tuple(item for item in given if isinstance(item, Artifact)),
        resolvers=tuple(item for item in given if isinstance(item, InputResolver)),
        outputs=made,
        ttl_s=seconds,
        key=values,
        env=_names(notes, env),
        site=notes.site,
        problems=tuple(notes.problems),
    )


def input_resolver(name: str, resolve: Resolve) -> InputResolver:
    """Find inputs by a function when the task is about to run: it gets a `ResolveContext` and returns inputs.

    `name` stands before them in `explain`. One that raises leaves its task without a cache for that run.
    """
    return InputResolver(name=name, resolve=resolve, site=caller_site())


def virtual_input(kind: str, hash: str, description: str = "") -> VirtualInput:  # noqa: A002 - the field's name
    """Return an input that is no file; only `kind` and `hash` count."""
    return VirtualInput(kind=kind, hash=hash, description=description)


def _as_tuple(raw: object) -> tuple[object, ...]:
    if isinstance(raw, str | Path | Artifact | InputResolver) or not isinstance(raw, Iterable):
        return (raw,)
    return tuple(raw)


def _paths(notes: Notes, option: str, items: Sequence[object]) -> tuple[str, ...]:
    paths: list[str] = []
    for item in items:
        path = str(item) if isinstance(item, str | Path) else None
        if path is None or not path.removeprefix("!").strip() or "\0" in path:
            expected = "paths, globs, artifacts and resolvers" if option == "inputs" else "paths and globs"
            notes.add(f"`{option}` takes {expected}, not {item!r:.80}")
        else:
            paths.append(path)
    return tuple(paths)


def _covers_too_much(path: str) -> bool:
    """Tell whether restoring such an output could remove files of the user: the directory itself, or all in it."""
    if path.startswith("!"):
        return False
    parts = [part for part in path.split("/") if part not in {"", "."}]
    return not parts or parts[-1] == ".." or "/".join(parts) in _COVERS_EVERYTHING


def _key(notes: Notes, raw: object) -> dict[str, str]:
    match raw:
        case str():
            return {"key": raw}
        case Mapping() if all(isinstance(name, str) and isinstance(value, str) for name, value in raw.items()):
            return dict(raw)
        case Sequence() if all(isinstance(value, str) for value in raw):
            return {str(number): value for number, value in enumerate(raw)}
        case _:
            notes.add(f"`key` takes a string, several, or a table of strings, not {raw!r:.80}")
            return {}


def _names(notes: Notes, raw: object) -> tuple[str, ...]:
    names = (raw,) if isinstance(raw, str) else tuple(raw) if isinstance(raw, Sequence) else (raw,)
    wrong = [name for name in names if not isinstance(name, str) or not name or "=" in name or "\0" in name]
    for name in wrong:
        notes.add(f"`env` takes names of variables, not {name!r:.80}")
    return tuple(name for name in names if isinstance(name, str) and name not in wrong)
