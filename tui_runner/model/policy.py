"""Policies of a command: retry, restart, watch; and what a failure does to the rest of the run.

Data and factories. Factories raise ValueError for values that make no sense; `command` turns that into a problem.
"""

import math
from collections.abc import Sequence
from enum import StrEnum
from typing import Literal

import msgspec

from tui_runner.model.duration import Duration, parse_duration
from tui_runner.model.on_change import OnChange, RestartOnChange, parse_on_change


class OnFailure(StrEnum):
    """What happens to the rest of a run when a task fails for good."""

    STOP = "stop"
    """Stop everything, tear down, return."""
    FINISH = "finish"
    """Start nothing new, let what runs finish."""
    CONTINUE = "continue"
    """Independent branches go on; dependents wait."""


class Backoff(msgspec.Struct, frozen=True, kw_only=True):
    """How long to wait before the next attempt: `delay_s * factor**(n-1)`, give or take `jitter`, at most `max_delay_s`."""

    delay_s: float
    factor: float = 1.0
    max_delay_s: float = 30.0
    jitter: float = 0.0
    """Fraction of the delay by which it varies at random, 0 to 1."""

    def delay_before(self, attempt: int, luck: float = 0.0) -> float:
        """Return the seconds to wait before the attempt of this number (the first repeat is 1).

        `luck` is drawn anew for each, from -1 (the shortest delay that jitter allows) to 1 (the longest).
        """
        try:
            delay_s = min(self.max_delay_s, self.delay_s * self.factor ** min(attempt - 1, 64))
        except OverflowError:
            delay_s = self.max_delay_s
        return min(self.max_delay_s, max(0.0, delay_s * (1 + self.jitter * luck)))


class Retry(msgspec.Struct, frozen=True, kw_only=True):
    """Repeat a failing command before it counts as failed."""

    attempts: int
    """Tries in all, the first one included."""
    backoff: Backoff


class RestartPolicy(StrEnum):
    """When a task that ended by itself is started again."""

    NEVER = "never"
    ON_FAILURE = "on-failure"
    ALWAYS = "always"


class Restart(msgspec.Struct, frozen=True, kw_only=True):
    """Start a task again when it ended by itself."""

    policy: RestartPolicy
    backoff: Backoff
    limit: int = 5
    """So many restarts within `window_s` are a crash loop: the task fails and waits for a person or a change."""
    window_s: float = 60.0
    reset_after_s: float = 10.0
    """Once it has been up for so long (ready, or running without a probe), delays and counts begin anew."""
    restart_dependents: bool = False
    """What depends on it and is up is stopped when it ends, and started again when it is ready."""


class Watch(msgspec.Struct, frozen=True, kw_only=True):
    """Restart the task, or do something else with it, when files change."""

    paths: tuple[str, ...]
    """Files, directories or globs, relative to the task's cwd."""
    ignore: tuple[str, ...] = ()
    """Patterns in the language of .gitignore, on top of the workspace's own .gitignore files."""
    debounce_s: float = 0.08
    """How long it must be quiet after a change."""
    restart_dependents: bool = False
    on_change: OnChange = RestartOnChange()


def retry(
    *,
    attempts: int,
    delay: Duration = "1s",
    backoff: Literal["fixed", "exponential"] = "fixed",
    max_delay: Duration = "30s",
    jitter: float = 0.0,
) -> Retry:
    """Try a command up to `attempts` times in all; failure policies see only the last failure.

    Raises:
        ValueError: `attempts` is below 1, or a duration, the backoff or the jitter makes no sense.
    """
    if isinstance(attempts, bool) or not isinstance(attempts, int) or attempts < 1:
        raise ValueError(f"attempts must be a whole number of at least 1, not {attempts!r}")
    if backoff not in {"fixed", "exponential"}:
        raise ValueError(f'backoff must be "fixed" or "exponential", not {backoff!r}')
    factor = 2.0 if backoff == "exponential" else 1.0
    return Retry(attempts=attempts, backoff=_backoff(delay, factor, max_delay, jitter))


def restart(
    policy: Literal["never", "on-failure", "always"] = "never",
    *,
    delay: Duration = "250ms",
    max_delay: Duration = "30s",
    factor: float = 2.0,
    jitter: float = 0.0,
    limit: int = 5,
    window: Duration = "60s",
    reset_after: Duration = "10s",
    restart_dependents: bool = False,
) -> Restart:
    """Start a task again when it ends by itself, waiting longer each time.

    `limit` restarts within `window` are a crash loop: the task has failed, and waits for a person or a file change.
    Once it has been up for `reset_after` (ready, or running without `ready_when`), delays and counts begin anew.
    With `restart_dependents` what depends on it is stopped when it ends, and started again when it is ready.

    Raises:
        ValueError: the policy is unknown, or a number makes no sense.
    """
    if policy not in set(RestartPolicy):
        raise ValueError(f"policy must be one of {', '.join(RestartPolicy)}, not {policy!r}")
    if not (limit >= 1 and 1 <= factor < math.inf):
        raise ValueError(f"limit and factor must be at least 1, not {limit!r} and {factor!r}")
    reset_after_s = parse_duration(reset_after)
    if reset_after_s == 0:
        raise ValueError("reset_after must be longer than 0: else every restart would be the first one")
    return Restart(
        policy=RestartPolicy(policy),
        backoff=_backoff(delay, factor, max_delay, jitter),
        limit=limit,
        window_s=parse_duration(window),
        reset_after_s=reset_after_s,
        restart_dependents=restart_dependents,
    )


def _backoff(delay: Duration, factor: float, max_delay: Duration, jitter: float) -> Backoff:
    if not 0 <= jitter <= 1:
        raise ValueError(f"jitter must be between 0 and 1, not {jitter!r}")
    return Backoff(delay_s=parse_duration(delay), factor=factor, max_delay_s=parse_duration(max_delay), jitter=jitter)


def watch(
    paths: str | Sequence[str],
    *,
    ignore: str | Sequence[str] = (),
    debounce: Duration = 0.08,
    restart_dependents: bool = False,
    on_change: str = "restart",
) -> Watch:
    """Restart a task when one of these files, directories or globs changes.

    `on_change` is `"restart"`, `"run"` (let it finish, then run it again) or a signal for its process group, such as
    `"signal:HUP"`. A task that does not run is started by a change, whatever `on_change` says.

    Raises:
        ValueError: no path is given, the debounce is no duration, or `on_change` makes no sense.
    """
    listed = (paths,) if isinstance(paths, str) else tuple(paths)
    if not listed or not all(listed):
        raise ValueError("watch needs at least one path, and none may be empty")
    return Watch(
        paths=listed,
        ignore=(ignore,) if isinstance(ignore, str) else tuple(ignore),
        debounce_s=parse_duration(debounce),
        restart_dependents=restart_dependents,
        on_change=parse_on_change(on_change),
    )
