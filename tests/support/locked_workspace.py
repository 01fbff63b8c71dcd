"""A workspace with a real lock file, and what an input resolver says of a package in it."""

import os
import shutil
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import cast

from tui_runner import InputResolver, ResolveContext, VirtualInput
from tui_runner.model.cache import ResolvedInput

LOCK_FILES = Path(__file__).resolve().parent.parent / "caching" / "resolvers" / "lock_files"


class LockedWorkspace:
    """A copy of one of the workspaces in `lock_files`, to be changed at will."""

    def __init__(self, name: str, root: Path) -> None:
        shutil.copytree(LOCK_FILES / name / "base", root, dirs_exist_ok=True)
        self.name = name
        self.root = root
        (self.lock_file,) = (path for path in root.iterdir() if path.name in LOCK_NAMES)

    def change(self, diff: str) -> None:
        """Change the lock file as the real tool did."""
        file = LOCK_FILES / self.name / f"{diff}.diff"
        environment = {**os.environ, "GIT_CEILING_DIRECTORIES": str(self.root.parent)}
        subprocess.run(["git", "apply", str(file)], cwd=self.root, env=environment, check=True)

    def replace(self, old: str, new: str) -> None:
        """Edit the lock file; what is replaced has to be there."""
        text = self.lock_file.read_text()
        assert old in text
        self.lock_file.write_text(text.replace(old, new))

    def ask(self, resolver: InputResolver, package: str = "packages/web") -> dict[str, str]:
        """Return what the resolver finds for a package: hashes by kind, and files by their names."""
        return found(resolver, self.root / package, self.root)


LOCK_NAMES = ("package-lock.json", "pnpm-lock.yaml", "uv.lock")


def resolve(resolver: InputResolver, cwd: Path, root: Path) -> list[ResolvedInput]:
    """Return what a resolver that is a plain function finds."""
    return list(cast("Iterable[ResolvedInput]", resolver.resolve(ResolveContext(cwd=cwd, root=root))))


def found(resolver: InputResolver, cwd: Path, root: Path) -> dict[str, str]:
    """Return the same by name: virtual inputs by kind with their hash, files with `file`."""
    inputs = resolve(resolver, cwd, root)
    named = {one.kind: one.hash for one in inputs if isinstance(one, VirtualInput)}
    named.update({str(one): "file" for one in inputs if not isinstance(one, VirtualInput)})
    assert len(named) == len(inputs), "two inputs have one name"
    return named


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    """Return the names of the inputs that differ."""
    assert before.keys() == after.keys()
    return {name for name in before if before[name] != after[name]}
