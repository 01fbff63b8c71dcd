"""Output after the supervisor's death: what tasks still print goes from their pipes into their log files."""

from __future__ import annotations

import os

from tui_runner.process.guardian.activation import open_log

TYPE_CHECKING = False
if TYPE_CHECKING:
    from tui_runner.process.guardian.pumped_log import PumpedLog
    from tui_runner.process.redaction import RedactedStream, Redaction

_READ_SIZE = 65536
_PIECE, _MOST = 125_000_000, 1_000_000_000
"""Limits of a log while nobody has said others."""


class Pump:
    """Read ends and the logs they go to. Owns the descriptors it is given."""

    def __init__(self) -> None:
        self._logs: dict[str, PumpedLog] = {}
        self._limits = (_PIECE, _MOST)
        self._outputs: dict[int, str | None] = {}
        self._redaction: Redaction | None = None
        self._streams: dict[int, RedactedStream] = {}
        """One for each read end, where there are secrets."""

    def hide(self, redaction: Redaction | None) -> None:
        """Keep secrets out of the logs; None: there are none. For the beginning."""
        self._redaction = redaction

    def outlet(self, log: str | None) -> int | None:
        """Return where a command may write that prints into a log; None when there is none."""
        if self._redaction is None or log is None:
            return open_log(log)
        try:
            read, write = os.pipe()
        except OSError:
            return None
        self.add([read], log)
        return write

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
            self._write(self._outputs.pop(fd), self._rest_of(fd))
            os.close(fd)
            return False
        self._write(self._outputs[fd], self._cleaned(fd, data))
        return True

    def _cleaned(self, fd: int, data: bytes) -> bytes:
        if self._redaction is None:
            return data
        if fd not in self._streams:
            from tui_runner.process.redaction import RedactedStream

            self._streams[fd] = RedactedStream(self._redaction)
        return self._streams[fd].feed(data)

    def _rest_of(self, fd: int) -> bytes:
        stream = self._streams.pop(fd, None)
        return b"" if stream is None else stream.flush()

    def drain(self) -> None:
        """Move what is left; for the end, when nobody writes any more."""
        for fd in self.fds():
            for _ in range(256):
                if not self.move(fd):
                    break
            if fd in self._outputs:  # somebody holds it open whom we could not end
                self._write(self._outputs[fd], self._rest_of(fd))

    def _write(self, log: str | None, data: bytes) -> None:
        if log is None or not data:
            return
        if log not in self._logs:
            from tui_runner.process.guardian.pumped_log import PumpedLog

            self._logs[log] = PumpedLog(log, *self._limits)
        self._logs[log].write(data)
