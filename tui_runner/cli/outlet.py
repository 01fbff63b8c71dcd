"""Where lines of a run go, as long as somebody takes them.

A pipe whose reader has left, a full disk or a closed terminal must not keep the run from its work: errors of writing
never reach whoever writes.
"""

import os
from collections.abc import Callable
from typing import TextIO


class Outlet:
    """A text stream that takes everything, and after an error keeps nothing."""

    def __init__(self, stream: TextIO, lost: Callable[[OSError], None]) -> None:
        """`lost` is told the first error; from then on nothing is written, to the descriptor of the stream neither."""
        self._stream = stream
        self._lost = lost
        self._open = True

    def write(self, text: str) -> None:
        """Write a text, or drop it."""
        self._try(lambda: self._stream.write(text))

    def flush(self) -> None:
        """Hand on what was written, or drop it."""
        self._try(self._stream.flush)

    def _try(self, work: Callable[[], object]) -> None:
        if not self._open:
            return
        try:
            work()
        except OSError as error:
            self._open = False
            self._silence()
            self._lost(error)

    def _silence(self) -> None:
        # What the stream still holds would fail again with every flush, Python's last one among them.
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, self._stream.fileno())
        os.close(nowhere)
