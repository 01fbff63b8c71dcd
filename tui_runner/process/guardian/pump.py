"""Output after the supervisor's death: what tasks still print goes from their pipes into their log files."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tui_runner.process.guardian.pumped_log import PumpedLog

_READ_SIZE = 65536
_PIECE, _MOST = 125_000_000, 1_000_000_000
"""Limits of a log while nobody has said others."""


class Pump:
    """Read ends and the logs they go to. Owns the descriptors it is given."""

    def __init__(self) -> None:
        self._logs: dict[str, PumpedLog] = {}
        self._limits = (_PIECE, _MOST)
        self._outputs: dict[int, str | None] = {}

    def limit(self, piece: int, most: int) -> None:
        """Begin a new file of a log after so many bytes, and keep at most so many of each log."""
        self._limits = (piece, most)

    def add(self, fds: list[int], log: str | None) -> None:
        """Take over read ends; the list is empty afterwards. `log` None: what is read is dropped."""
        for fd in fds:
            os.set_blocking(fd, False)
            self._outputs[fd] = log
        fds.clear()

    def fds(self) -> list[int]:
        """Return what to wait on."""
        return list(self._outputs)

    def move(self, fd: int) -> bool:
        """Move one read from a pipe to its log; tell whether it is still open."""
        try:
            data = os.read(fd, _READ_SIZE)
        except BlockingIOError:
            return True
        except OSError:  # EIO: every slave of a terminal is closed
            data = b""
        if not data:
            del self._outputs[fd]
            os.close(fd)
            return False
        self._write(self._outputs[fd], data)
        return True

    def drain(self) -> None:
        """Move what is left; for the end, when nobody writes any more."""
        for fd in self.fds():
            for _ in range(256):
                if not self.move(fd):
                    break

    def _write(self, log: str | None, data: bytes) -> None:
        if log is None:
            return
        if log not in self._logs:
            from tui_runner.process.guardian.pumped_log import PumpedLog

            self._logs[log] = PumpedLog(log, *self._limits)
        self._logs[log].write(data)
