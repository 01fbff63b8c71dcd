"""A log that the guardian writes after the supervisor's death: within the same limits, in the same pieces."""

from __future__ import annotations

import os

from tui_runner.process.guardian.activation import open_log
from tui_runner.process.log_pieces import LogPieces


class PumpedLog:
    """Appends to a log; what the disk does not take is dropped."""

    def __init__(self, path: str, piece: int, most: int) -> None:
        """`piece` is the size from which on a file is put to the older ones, `most` what all of them may take; bytes."""
        self._path = path
        self._piece = piece
        self._most = most
        self._fd = open_log(path)
        self._size = 0 if self._fd is None else os.fstat(self._fd).st_size

    def write(self, data: bytes) -> None:
        """Append; a full disk must not keep tasks alive."""
        if self._fd is None:
            return
        try:
            while data:
                written = os.write(self._fd, data)
                self._size += written
                data = data[written:]
            if self._size >= self._piece:
                self._turn()
        except OSError:
            self._close()

    def _turn(self) -> None:
        self._close()
        pieces = LogPieces(self._path)
        pieces.turn()
        pieces.prune(max(0, self._most - self._piece))
        self._fd = open_log(self._path)
        self._size = 0

    def _close(self) -> None:
        if self._fd is not None:
            os.close(self._fd)
            self._fd = None
