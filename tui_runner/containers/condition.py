"""How containers do: all of them healthy, some not yet, one failed. Pure."""

from collections.abc import Iterable, Sequence
from enum import Enum
from typing import NamedTuple

from tui_runner.containers.engine import Container


class Condition(Enum):
    """Of several containers together."""

    NOT_YET = "not yet"
    HEALTHY = "healthy"
    FAILED = "failed"


class Finding(NamedTuple):
    """What was found out about containers."""

    condition: Condition
    failed: Container | None = None
    """The one that ended badly; None unless the condition is FAILED."""


def judge(found: Sequence[Container], wanted: Iterable[str]) -> Finding:
    """Return how the containers do. `wanted` are services each of which must have one; none means those there are.

    Healthy is what runs, and passes its health check if it has one; or what has ended with 0, such as a container
    that only prepares something.
    """
    failed = first_failed(found)
    if failed is not None:
        return Finding(Condition.FAILED, failed)
    there = {one.service for one in found}
    if not found or any(name not in there for name in wanted) or not all(map(_is_well, found)):
        return Finding(Condition.NOT_YET)
    return Finding(Condition.HEALTHY)


def first_failed(found: Iterable[Container]) -> Container | None:
    """Return a container that has ended with something else than 0."""
    return next((one for one in found if one.status in {"exited", "dead", "stopped"} and one.exit_code != 0), None)


def _is_well(container: Container) -> bool:
    match container.status:
        case "running":
            return container.health in {"", "healthy"}
        case "exited" | "stopped":
            return container.exit_code == 0
        case _:
            return False
