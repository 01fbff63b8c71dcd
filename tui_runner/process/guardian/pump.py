"""Output after the supervisor's death: what tasks still print goes from their pipes into their log files."""

from __future__ import annotations

import os

from tui_runner.process.guardian.activation import open_log

_READ_SIZE = 65536


class Pump:
    """Read ends and the logs they go to. Owns the descriptors it is given."""

    def __init__(self) -> None:
        self._logs: dict[str, int | None] = {}
        self._outputs: dict[int, str | None] = {}

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
            self._logs[log] = open_log(log)
        fd = self._logs[log]
        if fd is None:
            return
        try:
            while data:
                data = data[os.write(fd, data) :]
        except OSError:  # a full disk must not keep tasks alive
            self._logs[log] = None
            os.close(fd)
