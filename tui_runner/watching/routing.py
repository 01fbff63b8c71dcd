"""Which task cares about a path. Asks for names only; `IgnoreRules` reads what it needs."""

import os
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from tui_runner.model.glob import compile_glob, glob_depth, split_glob
from tui_runner.model.policy import Watch
from tui_runner.model.task import TaskId
from tui_runner.watching.ignore import IgnoreFiles, IgnoreRules


class Target:
    """One of the paths a task watches. `base` is absolute and free of symbolic links."""

    def __init__(self, files: IgnoreFiles, *, root: str, cwd: str, path: str, ignore: tuple[str, ...]) -> None:
        plain, glob = split_glob(path)
        self.base = os.path.realpath(os.path.join(cwd, plain))  # noqa: PTH118 - plain strings, paths are compared often
        self._prefix = self.base if self.base.endswith("/") else self.base + "/"
        self._pattern: re.Pattern[str] | None = compile_glob(glob) if glob else None
        self._depth = glob_depth(glob) if glob else None
        self.rules = IgnoreRules(files, root=root, base=self.base, cwd=cwd, patterns=ignore)

    def wants(self, path: str) -> bool:
        """Tell whether a change of this file matters."""
        if not path.startswith(self._prefix):
            return path == self.base and self._pattern is None
        if self._pattern is not None and not self._pattern.fullmatch(path, len(self._prefix)):
            return False
        return not self.rules.ignores(path)

    def enters(self, directory: str) -> bool:
        """Tell whether files that matter can be in this directory."""
        if not directory.startswith(self._prefix):
            return directory == self.base
        if self._depth is not None and directory.count("/", len(self._prefix)) >= self._depth:
            return False
        return not self.rules.ignores(directory, is_directory=True)


class Routing:
    """All watched paths of all tasks."""

    def __init__(self, root: Path, watches: Mapping[TaskId, tuple[str, Watch]]) -> None:
        """`watches` gives each task's absolute cwd and what it watches. Globs that make no sense watch nothing."""
        self._files = IgnoreFiles()
        self.problems: list[str] = []
        """What cannot be watched and why, for people."""
        self._targets: list[tuple[TaskId, Target]] = []
        real_root = os.path.realpath(root)
        for task, (cwd, watch) in watches.items():
            for path in watch.paths:
                try:
                    target = Target(
                        self._files, root=real_root, cwd=os.path.realpath(cwd), path=path, ignore=watch.ignore
                    )
                except ValueError as error:
                    self.problems.append(f"{task} cannot watch {error}")
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
