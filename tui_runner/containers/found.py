"""Containers of a project that were there before us: somebody else brought them up, and they stay.

Only a project whose name the user gave can have such: a name of ours nobody else makes. What was found is written down
beside the locks while anybody uses the project, because the teardown is another process.
"""

import json
import os
from collections.abc import Iterable
from pathlib import Path

from tui_runner.containers.engine import Container
from tui_runner.process.regular_file import open_regular

_LONGEST = 1 << 20


class Found:
    """Ids of containers that were there before, each with whether it ran. Read and written while things are settled."""

    def __init__(self, path: Path) -> None:
        self._path = path

    @property
    def is_noted(self) -> bool:
        """Tell whether it has been written down since the project was last taken down."""
        return self._path.exists()

    def note(self, containers: Iterable[Container]) -> None:
        """Write down what is there before us."""
        text = json.dumps({one.id: one.is_up for one in containers})
        descriptor = open_regular(self._path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        with open(descriptor, "w", encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
            file.write(text)

    def forget(self) -> None:
        """The project has been taken down."""
        self._path.unlink(missing_ok=True)

    def ids(self) -> frozenset[str]:
        """Return those that must not be removed."""
        return frozenset(self._read())

    def running_ids(self) -> frozenset[str]:
        """Return those that must not be stopped either."""
        return frozenset(one for one, ran in self._read().items() if ran)

    def _read(self) -> dict[str, bool]:
        try:
            with open(open_regular(self._path, os.O_RDONLY), encoding="utf-8") as file:  # noqa: PTH123 - a descriptor
                told = json.loads(file.read(_LONGEST))
        except (OSError, ValueError):
            return {}
        return told if isinstance(told, dict) else {}
