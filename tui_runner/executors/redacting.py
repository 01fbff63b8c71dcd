"""Output of a task on its way into the log, without the secrets of the run.

What could be the beginning of a secret waits for the rest, but not for long: it may be a prompt.
"""

import asyncio
from collections.abc import Callable
from typing import Final

from tui_runner.process.redaction import RedactedStream, Redaction

_PATIENCE_S: Final = 0.2


class RedactedOutput:
    """One stream of one attempt. Needs a running event loop; `end` must be called when nothing more comes."""

    def __init__(self, redaction: Redaction, put: Callable[[bytes], None]) -> None:
        self._redaction = redaction
        self._stream = RedactedStream(redaction)
        self._put = put
        self._late: asyncio.TimerHandle | None = None

    def take(self, data: bytes) -> None:
        """Put what may be shown."""
        if not self._redaction:  # there are no secrets, yet
            self._put(data)
            return
        self._forget()
        self._pass(self._stream.feed(data))
        if self._stream.holds:
            self._late = asyncio.get_running_loop().call_later(_PATIENCE_S, self.end)

    def end(self) -> None:
        """Put what was held back."""
        self._forget()
        self._pass(self._stream.flush())

    def _forget(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _pass(self, data: bytes) -> None:
        if data:
            self._put(data)
