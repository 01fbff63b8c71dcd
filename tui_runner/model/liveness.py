"""Liveness: does a task that runs still answer? Data and its factory; `tui_runner.probes` asks. Public name: `alive`."""

import msgspec

from tui_runner.model.duration import Duration, parse_duration
from tui_runner.model.probe import Probe, ReadyWhen, understood


class Alive(msgspec.Struct, frozen=True, kw_only=True):
    """Ask a running task again and again; restart it when it does not answer any more. Made by `alive`."""

    probe: Probe
    interval_s: float = 10.0
    """From the end of one question to the next."""
    timeout_s: float = 5.0
    """A question that takes longer has failed."""
    failures: int = 3
    """So many in a row, and the task is given up."""
    start_after_s: float = 0.0
    """How long it is left alone after it became ready; without `ready_when`, after it was started."""


def alive(
    probe: ReadyWhen,
    *,
    interval: Duration = "10s",
    timeout: Duration = "5s",
    failures: int = 3,
    start_after: Duration = 0,
) -> Alive:
    """Restart a task, by its restart policy, when the probe fails `failures` times in a row.

    Asked from when the task is ready (without `ready_when`: started) plus `start_after`, every `interval`. The
    probe's own interval and `settle` do not count here; a `timeout` of its own does. A task without a restart policy
    fails instead.

    Raises:
        ValueError: it is no probe, or a duration makes no sense.
    """
    return Alive(
        probe=understood(probe),
        interval_s=parse_duration(interval),
        timeout_s=parse_duration(timeout),
        failures=failures,
        start_after_s=parse_duration(start_after),
    )
