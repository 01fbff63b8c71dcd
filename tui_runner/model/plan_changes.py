"""What reloading the definitions, or wanting other tasks, changes in a run: for people and programs. Data only."""

import msgspec

from tui_runner.model.task import TaskId


class ChangedTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task that is defined differently now."""

    task: TaskId
    fields: tuple[str, ...] = ()
    """What differs, as it is called in `pipeline.py`."""
    restarts: bool = False
    """It runs, or has run, and is started again for that."""


class PlanChanges(msgspec.Struct, frozen=True, kw_only=True):
    """The difference between what runs and what would run."""

    added: tuple[TaskId, ...] = ()
    removed: tuple[TaskId, ...] = ()
    changed: tuple[ChangedTask, ...] = ()
    unchanged: int = 0
    """How many tasks are the same."""
    lost: tuple[TaskId, ...] = ()
    """Of those that run: the ones that would be stopped for good, or torn down before they come up anew."""
    along: tuple[TaskId, ...] = ()
    """Running tasks that are the same, and go down and come up again because what they need is torn down."""

    def __bool__(self) -> bool:
        """Tell whether anything changes."""
        return bool(self.added or self.removed or self.changed)

    @property
    def restarted(self) -> tuple[TaskId, ...]:
        """Tasks that are started again because they changed."""
        return tuple(change.task for change in self.changed if change.restarts)


class KnownTask(msgspec.Struct, frozen=True, kw_only=True):
    """A task of `pipeline.py`, whether it is wanted in this run or not."""

    id: TaskId
    description: str = ""
    wanted: bool = False
    """It is part of the run."""
    target: bool = False
    """It is wanted for itself, not only because another one needs it."""
    modes: tuple[str, ...] = ()
    """What it has commands of its own for."""
