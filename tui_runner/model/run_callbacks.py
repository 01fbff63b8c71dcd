"""The callbacks of a library run.

Types only. They are called on the event loop in the order things happen; a coroutine is awaited before the next one.
"""

from collections.abc import Awaitable, Callable
from typing import TypedDict

from tui_runner.errors.runner_error import PipelineError

Answer = Awaitable[object] | object
"""Plain functions and coroutine functions are both fine; what they return is ignored."""


class RunCallbacks(TypedDict, total=False):
    """All callbacks; each is optional, and None is none. `name` is the id of the task as shown to people, such as `outer:inner`."""

    on_task_begin: Callable[[str, str], Answer] | None
    """(name, id): the task was spawned, or a nested pipeline began."""
    on_task_ready: Callable[[str, str], Answer] | None
    """(name, id): its probe matched."""
    on_task_complete: Callable[[str, str], Answer] | None
    """(name, id): it exited with 0, or we stopped it after its work was done."""
    on_task_failed: Callable[[str, str, PipelineError], Answer] | None
    """(name, id, error): it failed for good."""
    on_task_skipped: Callable[[str, str, str, str], Answer] | None
    """(name, id, mode, reason): `command-not-found`, `cache-hit`, `inner-tasks-skipped` or `unavailable`."""
    on_task_teardown: Callable[[str, str], Answer] | None
    """(name, id): its teardown command was started."""
    on_task_teardown_error: Callable[[str, str, Exception], Answer] | None
    """(name, id, error): its teardown failed; the result of the run does not change."""
    on_task_output: Callable[[str, str, str, bytes], Answer] | None
    """(name, id, "stdout" | "stderr", data): raw bytes as they were read, in order per stream.

    Nothing waits for a callback that is slow: it gets what it missed from the log file; without records it is dropped
    back to the latest MiB of the task.
    """
