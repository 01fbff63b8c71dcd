"""What a task uses of the machine, as it is told to viewers. Data only."""

import msgspec

from tui_runner.model.task import TaskId


class TaskUsage(msgspec.Struct, frozen=True, kw_only=True):
    """What all processes of a task used at the latest look. All zero: nothing of it runs."""

    task: TaskId
    cpu_percent: float = 0.0
    """Share of one core since the look before: two busy cores are 200."""
    rss: int = 0
    """Resident memory in bytes; pages that processes share count for each of them, as in `ps`."""
    processes: int = 0
    ports: tuple[int, ...] = ()
    """TCP ports its processes listen on, lowest first; told only when somebody asks for them."""
