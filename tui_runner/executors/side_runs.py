"""Commands that are no tasks, such as exec probes, run by the guardian in the name of a task."""

import asyncio
from collections.abc import Callable

from tui_runner.errors.runner_error import GuardianError
from tui_runner.process.guardian_client import GuardianClient


class SideRuns:
    """Those under way, by name. Must be used on one event loop."""

    def __init__(self) -> None:
        self._waiting: dict[str, asyncio.Future[int]] = {}
        self._count = 0

    async def run(self, guardian: GuardianClient, order: Callable[[str], None], timeout_s: float) -> int:
        """Start a command with `order`, which gets its name; return its exit code, negative for a signal.

        After `timeout_s` seconds, and when cancelled, it is killed.

        Raises:
            TimeoutError: it ran too long.
            GuardianError: the guardian is gone.
        """
        self._count += 1
        name = f"run-{self._count}"
        done: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        self._waiting[name] = done
        order(name)
        try:
            async with asyncio.timeout(timeout_s):
                return await done
        finally:
            del self._waiting[name]
            if not done.done() or done.cancelled():
                guardian.run_kill(name)

    def exited(self, name: str, code: int) -> None:
        """Take the news that a command has ended; nobody may be waiting any more."""
        waiting = self._waiting.get(name)
        if waiting is not None and not waiting.done():
            waiting.set_result(code)

    def fail(self, message: str) -> None:
        """Tell everybody who waits that nothing will come."""
        for waiting in self._waiting.values():
            if not waiting.done():
                waiting.set_exception(GuardianError(message))
