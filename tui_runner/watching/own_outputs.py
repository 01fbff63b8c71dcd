"""What a task makes by its own word, `cache(outputs=…)`: never a reason to restart it. Pure."""

import os
import re
from collections.abc import Sequence

from tui_runner.model.glob import compile_glob, split_glob

_ANY_NAME = "\0"
"""Stands for any name at all: nothing can be called that."""


class _Output:
    def __init__(self, cwd: str, text: str) -> None:
        self.adds = not text.startswith("!")
        plain, glob = split_glob(text.removeprefix("!"))
        self._base = os.path.realpath(os.path.join(cwd, plain))  # noqa: PTH118 - plain strings, paths are compared often
        self._prefix = self._base if self._base.endswith("/") else self._base + "/"
        self._pattern: re.Pattern[str] | None = compile_glob(glob) if glob else None

    def covers(self, path: str) -> bool:
        if self._pattern is None:
            return path == self._base or path.startswith(self._prefix)
        return path.startswith(self._prefix) and self._pattern.fullmatch(path, len(self._prefix)) is not None

    def may_be_in(self, directory: str) -> bool:
        """Tell whether something it covers can lie in a directory, at any depth."""
        return (self._base + "/").startswith(directory + "/") or directory.startswith(self._prefix)


class OwnOutputs:
    """The declared outputs of one task. Those with a glob that makes no sense cover nothing: planning reports them."""

    def __init__(self, cwd: str, patterns: Sequence[str]) -> None:
        """`patterns` are files, directories and globs relative to `cwd`; with `!` they take away from those before."""
        self._outputs: list[_Output] = []
        for text in patterns:
            try:
                self._outputs.append(_Output(cwd, text))
            except ValueError:
                continue

    def covers(self, path: str) -> bool:
        """Tell whether an absolute path is an output."""
        covered = False
        for output in self._outputs:
            if covered != output.adds and output.covers(path):
                covered = output.adds
        return covered

    def covers_all_in(self, directory: str) -> bool:
        """Tell whether whatever lies in a directory is an output."""
        if not self.covers(f"{directory}/{_ANY_NAME}"):
            return False
        return not any(not output.adds and output.may_be_in(directory) for output in self._outputs)
