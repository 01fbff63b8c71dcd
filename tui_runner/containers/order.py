"""What a definition asks for, as it stands in the command line of a task: data only."""

import json
from typing import Any, NamedTuple


class ComposeOrder(NamedTuple):
    """Services of a compose file."""

    files: tuple[str, ...]
    """Relative to the task's directory; the first one's directory is the project's."""
    services: tuple[str, ...]
    """Empty: all of them."""
    project: str | None
    """None: a name of this checkout."""
    options: tuple[str, ...]
    """Further options of `up`."""
    remove_volumes: bool
    take_over: bool
    """What was there before belongs to us too."""
    engine: str | None
    stop_timeout_s: float
    announce: bool
    """Say so when all containers are healthy."""


class ContainerOrder(NamedTuple):
    """One container."""

    image: str
    arguments: tuple[str, ...]
    ports: tuple[str, ...]
    volumes: tuple[str, ...]
    variables: tuple[str, ...]
    """Names of variables that the container gets; the values are in our environment, where no `ps` shows them."""
    options: tuple[str, ...]
    stop_signal: str | None
    engine: str | None
    stop_timeout_s: float
    announce: bool


def compose_order(text: str) -> ComposeOrder:
    """Read an order written by `compose`.

    Raises:
        ValueError, TypeError: it is none.
    """
    return ComposeOrder(**_fields(text))


def container_order(text: str) -> ContainerOrder:
    """Read an order written by `container`.

    Raises:
        ValueError, TypeError: it is none.
    """
    return ContainerOrder(**_fields(text))


def _fields(text: str) -> dict[str, Any]:  # JSON: the constructors check the names
    return {name: tuple(value) if isinstance(value, list) else value for name, value in json.loads(text).items()}
