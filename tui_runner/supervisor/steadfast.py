"""Going on to an ordered end although the asyncio task is cancelled.

A closing event loop cancels every task it knows, those of a library too; a host may do the same. What was started has
to be stopped all the same, in order. The cancellation is not swallowed: it propagates at the end.
"""

import asyncio
from collections.abc import Awaitable, Callable


class Steadfast:
    """Sees steps of one asyncio task through; `asked` is called for each cancellation that comes meanwhile."""

    def __init__(self, asked: Callable[[], None]) -> None:
        self._asked = asked
        self._error: asyncio.CancelledError | None = None

    async def see_through(self, step: Callable[[], Awaitable[object]]) -> None:
        """Await a step until it has ended, however often; it must be one that may be begun again."""
        while True:
            before = _cancellations()
            try:
                await step()
            except asyncio.CancelledError as error:
                if _cancellations() == before:
                    return  # not we were cancelled but what we waited for: it has ended
                self._error = error
                self._asked()
            else:
                return

    def propagate(self) -> None:
        """Raise the cancellation that was put off, if there was one."""
        if self._error is not None:
            raise self._error


def _cancellations() -> int:
    task = asyncio.current_task()
    return 0 if task is None else task.cancelling()
