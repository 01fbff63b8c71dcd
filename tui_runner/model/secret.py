"""Secrets: values of variables that a run keeps to itself. Data and the factory `secret`.

A secret is a text like any other for the task that gets it; everything that shows or keeps what tasks print leaves it out.
"""

import os
from typing import Final

SHORTEST: Final = 4
"""Characters. A shorter value would be found in too many words that have nothing to do with it."""


class Secret(str):
    """A text that must not be shown. `str()` of it gives the plain text."""

    __slots__ = ()

    def __repr__(self) -> str:
        """Hide it where values are shown by themselves: tracebacks, debuggers, assertions."""
        return "secret(***)"


def secret(value: str | None = None, *, env: str | None = None, default: str | None = None) -> Secret:
    """Mark a value of an `env` as secret: logs, screens, details and records show `***` instead.

    Either give the value, or with `env` the name of the variable of this process that holds it; `default` is used when
    there is none, and may be empty. What you compute from it is not a secret by itself: mark that too.

    Raises:
        ValueError: there is no such variable and no default, both or neither of value and `env` are given, or it is so
            short that hiding it would make logs unreadable.
    """
    if (value is None) == (env is None):
        raise ValueError('secret takes either a value or env="NAME", the variable that holds it')
    if env is not None:
        value = os.environ.get(env, default)
        if value is None:
            raise ValueError(f'the variable {env} is not set: set it, or write secret(env="{env}", default="")')
    if not isinstance(value, str):
        raise ValueError(f"a secret is a text, not a {type(value).__name__}")  # noqa: TRY004 - told like its other faults
    if len(value) < SHORTEST and not (env is not None and value == default):
        raise ValueError(f"a secret has at least {SHORTEST} characters: a shorter one cannot be kept out of logs")
    return Secret(value)
