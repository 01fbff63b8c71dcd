"""Which task cares about a path. Asks for names only; `IgnoreRules` reads what it needs."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

from tui_runner.model.glob import compile_glob, glob_depth, split_glob
from tui_runner.model.task import TaskId
from tui_runner.watching.ignore import IgnoreFiles, IgnoreRules
from tui_runner.watching.own_outputs import OwnOutputs
from tui_runner.watching.watched import Watched, Watches


class Target:
    """One of the paths a task watches. `base` is absolute and free of symbolic links."""

    def __init__(
        self, files: IgnoreFiles, outputs: OwnOutputs, *, root: str, cwd: str, path: str, ignore: tuple[str, ...]
    ) -> None:
        plain, glob = split_glob(path)
        self.base = os.path.realpath(os.path.join(cwd, plain))  # noqa: PTH118 - plain strings, paths are compared often
        self._prefix = self.base if self.base.endswith("/") else self.base + "/"
        self._pattern: re.Pattern[str] | None = compile_glob(glob) if glob else None
        self._depth = glob_depth(glob) if glob else None
        self._outputs = outputs
        self.rules = IgnoreRules(files, root=root, base=self.base, cwd=cwd, patterns=ignore)

    def wants(self, path: str) -> bool:
        """Tell whether a change of this file matters."""
        if not path.startswith(self._prefix):
            return path == self.base and self._pattern is None
        if self._pattern is not None and not self._pattern.fullmatch(path, len(self._prefix)):
            return False
        return not self.rules.ignores(path) and not self._outputs.covers(path)

    def enters(self, directory: str) -> bool:
        """Tell whether files that matter can be in this directory."""
        if not directory.startswith(self._prefix):
            return directory == self.base
        if self._depth is not None and directory.count("/", len(self._prefix)) >= self._depth:
            return False
        return not self.rules.ignores(directory, is_directory=True) and not self._outputs.covers_all_in(directory)


class Routing:
    """All watched paths of all tasks."""

    def __init__(self, root: Path, watches: Watches) -> None:
        """Globs that make no sense, and paths that the task itself makes, are not watched."""
        self._files = IgnoreFiles()
        self.problems: list[tuple[TaskId, str]] = []
        """What cannot be watched and why, for people."""
        self._targets: list[tuple[TaskId, Target]] = []
        real_root = os.path.realpath(root)
        for task, watched in watches.items():
            self._add(task, watched, real_root)

    def _add(self, task: TaskId, watched: Watched, root: str) -> None:
        cwd = os.path.realpath(watched.cwd)
        outputs = OwnOutputs(cwd, watched.outputs)
        for path in watched.watch.paths:
            try:
                target = Target(self._files, outputs, root=root, cwd=cwd, path=path, ignore=watched.watch.ignore)
            except ValueError as error:
                self.problems.append((task, f"cannot watch {error}"))
                continue
            if outputs.covers(target.base):
                self.problems.append((task, f"does not watch `{path}`, which is among its own `cache(outputs=…)`"))
            else:
                self._targets.append((task, target))

    @property
    def bases(self) -> list[str]:
        """Where to look, without duplicates, in definition order."""
        return list(dict.fromkeys(target.base for _, target in self._targets))

    @property
    def ignore_files_above(self) -> list[str]:
        """Every `.gitignore` that counts and lies above what is watched, without duplicates; some may not exist."""
        return list(dict.fromkeys(path for _, target in self._targets for path in target.rules.files_above()))

    def tasks_for(self, path: str) -> Iterator[TaskId]:
        """Yield the tasks a change of this file matters to, each once."""
        found: set[TaskId] = set()
        for task, target in self._targets:
            if task not in found and target.wants(path):
                found.add(task)
                yield task

    def wants(self, path: str) -> bool:
        """Tell whether a change of this file matters to anybody."""
        return any(target.wants(path) for _, target in self._targets)

    def enters(self, directory: str) -> bool:
        """Tell whether files that matter to anybody can be in this directory."""
        return any(target.enters(directory) for _, target in self._targets)

    def forget_ignore_files(self) -> None:
        """Read `.gitignore` files again: one has changed."""
        self._files.forget()
        for _, target in self._targets:
            target.rules.forget()
