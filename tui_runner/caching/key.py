"""Cache keys: what a result depends on, part by part, and what differs between two. Pure.

The parts are what rule 14 of the design lists. A part that is absent and one that is empty differ.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

import msgspec

from tui_runner.caching.entry import KeyPart
from tui_runner.model.cache import VirtualInput
from tui_runner.model.run import Run
from tui_runner.planning.plan import PlannedTask

INPUT_FILES = "input files"
RESOLVED_FILES = "resolved files"
_LONGEST_SHOWN = 200


class Surroundings(msgspec.Struct, frozen=True, kw_only=True):
    """What counts beside the task itself."""

    root: str
    """Absolute workspace root."""
    environment: Mapping[str, str]
    """The process environment."""
    platform: str


class Found(msgspec.Struct, frozen=True, kw_only=True):
    """The fingerprints of what a task depends on. None where it depends on nothing of the kind."""

    input_files: bytes | None = None
    resolved_files: bytes | None = None
    virtual: tuple[tuple[str, VirtualInput], ...] = ()
    """Name of the resolver and what it found."""
    artifacts: tuple[tuple[str, bytes], ...] = ()
    """Name of the artifact and the fingerprint of its files."""


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference between what was and what is."""

    what: str
    """The part of the key, or the path of a file."""
    how: Literal["changed", "added", "removed"]
    before: str = ""
    after: str = ""

    def describe(self) -> str:
        """Return it in a few words."""
        values = f" ({self.before} → {self.after})" if self.before and self.after else ""
        return f"{self.what} {self.how}{values}"


def key_parts(task: PlannedTask, around: Surroundings, found: Found) -> tuple[KeyPart, ...]:
    """Return what the result of a task with a cache depends on, sorted by name."""
    if task.command is None or task.command.cache is None:
        raise ValueError(f"{task.id} has no cache")
    spec = task.command.cache
    parts = [
        _text("command", *_words(task.command.run), shown=_shown(task.command.run)),
        _text("cwd", _relative(task.cwd, around.root)),
        _text("platform", around.platform),
        _text("options: inputs", *spec.inputs),
        _text("options: outputs", *spec.outputs),
    ]
    # Values of variables may be secrets: only that they changed may be told.
    parts += [_secret(f"env {name}", value) for name, value in task.env.items()]
    parts += [_secret(f"process env {name}", around.environment.get(name)) for name in spec.env if name not in task.env]
    parts += [_text(f"key {name}", value) for name, value in spec.key.items()]
    parts += [
        KeyPart(name=f"{resolver}: {item.kind}", digest=_digest("hash", item.hash), shown=item.description)
        for resolver, item in found.virtual
    ]
    parts += [KeyPart(name=f"artifact {name}", digest=digest) for name, digest in found.artifacts]
    if found.input_files is not None:
        parts.append(KeyPart(name=INPUT_FILES, digest=found.input_files))
    if found.resolved_files is not None:
        parts.append(KeyPart(name=RESOLVED_FILES, digest=found.resolved_files))
    return tuple(sorted(parts, key=lambda part: (part.name, part.digest)))


def key_of(parts: Iterable[KeyPart]) -> str:
    """Return the key made of all parts, in hexadecimal."""
    from hashlib import sha256  # noqa: PLC0415 - slow to import

    whole = sha256()
    for part in parts:
        name = part.name.encode("utf-8", "surrogatepass")
        whole.update(b"%d:%b%d:%b" % (len(name), name, len(part.digest), part.digest))
    return whole.hexdigest()


def part_changes(before: Sequence[KeyPart], after: Sequence[KeyPart]) -> list[Change]:
    """Return which parts differ, in the order of their names."""
    old = _by_name(before)
    new = _by_name(after)
    changes: list[Change] = []
    for name in sorted(old.keys() | new.keys()):
        was, now = old.get(name), new.get(name)
        if was == now:
            continue
        changes.append(
            Change(
                what=name,
                how="added" if was is None else "removed" if now is None else "changed",
                before="" if was is None else _shown_of(was),
                after="" if now is None else _shown_of(now),
            )
        )
    return changes


def file_changes(before: Mapping[bytes, bytes], after: Mapping[bytes, bytes]) -> list[Change]:
    """Return which files differ, in the order of their names."""
    return [
        Change(
            what=name.decode("utf-8", "backslashreplace"),
            how="added" if name not in before else "removed" if name not in after else "changed",
        )
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name)
    ]


def _by_name(parts: Sequence[KeyPart]) -> dict[str, list[KeyPart]]:
    """Group parts: a resolver may find several things of one kind."""
    grouped: dict[str, list[KeyPart]] = {}
    for part in parts:
        grouped.setdefault(part.name, []).append(part)
    return grouped


def _shown_of(parts: list[KeyPart]) -> str:
    return parts[0].shown if len(parts) == 1 else ""


def _text(name: str, *values: str, shown: str | None = None) -> KeyPart:
    text = " ".join(values) if shown is None else shown
    return KeyPart(name=name, digest=_digest(*values), shown=text if len(text) <= _LONGEST_SHOWN else "")


def _secret(name: str, value: str | None) -> KeyPart:
    return KeyPart(name=name, digest=_digest() if value is None else _digest(value))


def _digest(*values: str) -> bytes:
    from hashlib import sha256  # noqa: PLC0415 - slow to import

    whole = sha256()
    for value in values:
        raw = value.encode("utf-8", "surrogatepass")
        whole.update(b"%d:%b" % (len(raw), raw))
    return whole.digest()


def _words(run: Run) -> tuple[str, ...]:
    """Return what tells a line for the shell from an argument vector of one word."""
    return ("sh", run) if isinstance(run, str) else ("argv", *run)


def _shown(run: Run) -> str:
    return run if isinstance(run, str) else " ".join(run)


def _relative(path: str, root: str) -> str:
    """Return the path below the root, so that keys are the same wherever the workspace lies."""
    if path == root:
        return "."
    return path.removeprefix(f"{root.rstrip('/')}/")
