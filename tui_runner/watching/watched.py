"""What one task watches. Data only."""

from collections.abc import Mapping

import msgspec

from tui_runner.model.policy import Watch
from tui_runner.model.task import TaskId


class Watched(msgspec.Struct, frozen=True, kw_only=True):
    """A task's wish, and where it is at home."""

    cwd: str
    """Absolute."""
    watch: Watch
    outputs: tuple[str, ...] = ()
    """What the task makes, as in `cache(outputs=…)`: it does not count."""


Watches = Mapping[TaskId, Watched]
"""Of all tasks of a run."""
