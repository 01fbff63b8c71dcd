"""Turns at short pieces of work: one after the other, in the order asked for. Who takes long lets the next begin.

Threads of Python that all ask the system for much in little pieces slow each other down, and the event loop with them:
for each piece they hand the interpreter over. Work that hashes or copies much does not, and must not keep others waiting.
"""

import asyncio
from types import TracebackType
from typing import Final, Self

_SHORT_S: Final = 0.05


class Turns:
    """A queue of those who want to work."""

    def __init__(self) -> None:
        self._free = asyncio.Semaphore(1)

    def take(self) -> "Turn":
        """Return a turn to be awaited: `async with turns.take():`."""
        return Turn(self._free)


class Turn:
    """The work of one of them, from when it may begin."""

    def __init__(self, free: asyncio.Semaphore) -> None:
        self._free = free
        self._late: asyncio.TimerHandle | None = None

    async def __aenter__(self) -> Self:
        await self._free.acquire()
        self._late = asyncio.get_running_loop().call_later(_SHORT_S, self._end)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end()

    def _end(self) -> None:
        """Let the next begin, if that was not done yet."""
        late, self._late = self._late, None
        if late is not None:
            late.cancel()
            self._free.release()
