"""How much memory a task may use, and what happens when it uses more. Data and its parser."""

from enum import StrEnum
from typing import Literal

import msgspec

from tui_runner.model.size import parse_size

OnMemory = Literal["warn", "restart"]
"""How users say what happens."""


class MemoryAction(StrEnum):
    """What happens to a task that uses too much memory."""

    WARN = "warn"
    """Its log says so, once until it has used less again."""
    RESTART = "restart"


class MemoryLimit(msgspec.Struct, frozen=True, kw_only=True):
    """Most memory that all processes of a task together may use."""

    most: int
    """Resident bytes; shared pages count for every process that maps them."""
    action: MemoryAction = MemoryAction.WARN


def parse_memory_limit(most: str | int, action: str) -> MemoryLimit:
    """Return the limit that `max_memory` and `on_memory` of a command mean.

    Raises:
        ValueError: the size means no bytes, or the action is unknown.
    """
    if isinstance(most, bool) or not isinstance(most, int | str):
        raise ValueError(f"{most!r} is not a size: give bytes, or a text such as 500MB, 2GiB")  # noqa: TRY004 - one kind of error for wrong values
    if action not in set(MemoryAction):
        raise ValueError(f"on_memory must be one of {', '.join(MemoryAction)}, not {action!r}")
    size = most if isinstance(most, int) else parse_size(most)
    if size <= 0:
        raise ValueError(f"the most memory of a task must be more than {most!r}")
    return MemoryLimit(most=size, action=MemoryAction(action))
