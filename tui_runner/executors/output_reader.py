"""Reads one pipe or terminal of a task on the event loop: quiet tasks at once, floods in batches.

Reads chunks, never lines, and never waits for whoever looks at them.
"""

import asyncio
import contextlib
import fcntl
import os
from collections.abc import Callable
from typing import Final

_READ_SIZE: Final = 65536
"""Larger buffers cost more: they are mapped and unmapped for every read."""
_FLOOD_SIZE: Final = 32768
"""A read of this size says that more is waiting."""
_READS_PER_TURN: Final = 16
_PAUSE_S: Final = 0.002
"""Between two turns of a flood; one wakeup then handles thousands of lines."""
_FLOOD_PIPE_SIZE: Final = 1 << 20
_DRAIN_READS: Final = 64
_F_SETPIPE_SZ: Final[int | None] = getattr(fcntl, "F_SETPIPE_SZ", None)
"""Linux only."""


class OutputReader:
    """Owns a read end: reads until its end or `close`, then closes it and calls `ended` once."""

    def __init__(self, fd: int, take: Callable[[bytes], None], ended: Callable[[], None]) -> None:
        self._loop = asyncio.get_running_loop()
        self._fd = fd
        self._take = take
        self._ended = ended
        self._pause: asyncio.TimerHandle | None = None
        self._roomy: bool | None = None
        """The pipe was enlarged, so a pause does not throttle the child; None: not tried yet."""
        self._listening = False
        self._is_terminal = os.isatty(fd)
        os.set_blocking(fd, False)

    def listen(self) -> None:
        """Begin to read. Until then output waits in the pipe, so that nobody hears a task before it was announced."""
        if self._fd >= 0 and not self._listening:
            self._listening = True
            self._loop.add_reader(self._fd, self._readable)

    @property
    def fd(self) -> int:
        """The descriptor; -1 when closed."""
        return self._fd

    def drain(self) -> None:
        """Take what is there, up to 4 MiB; closes at the end of the file."""
        for _ in range(_DRAIN_READS):
            if self._fd < 0 or self._read() == 0:
                return

    def close(self) -> None:
        """Stop reading."""
        if self._fd < 0:
            return
        if self._pause is None:
            if self._listening:
                self._loop.remove_reader(self._fd)
        else:
            self._pause.cancel()
            self._pause = None
        os.close(self._fd)
        self._fd = -1
        self._ended()

    def _readable(self) -> None:
        if self._turn():
            self._loop.remove_reader(self._fd)
            self._pause = self._loop.call_later(_PAUSE_S, self._resume)

    def _resume(self) -> None:
        if self._turn():
            self._pause = self._loop.call_later(_PAUSE_S, self._resume)
        elif self._fd >= 0:
            self._pause = None
            self._loop.add_reader(self._fd, self._readable)

    def _turn(self) -> bool:
        """Read while there is much; tell whether it is a flood that may pause."""
        if self._read() < _FLOOD_SIZE:
            return False
        for _ in range(_READS_PER_TURN - 1):
            if self._read() < _FLOOD_SIZE:
                break
        return self._fd >= 0 and self._make_room()

    def _read(self) -> int:
        """Hand over one read; return its size, 0 when nothing is there or the end was reached."""
        try:
            data = os.read(self._fd, _READ_SIZE)
        except BlockingIOError:
            return 0
        except OSError:  # a terminal whose last slave is closed
            data = b""
        if not data:
            self.close()
            return 0
        if self._is_terminal:
            data = self._with_more(data)
        self._take(data)
        return len(data)

    def _with_more(self, data: bytes) -> bytes:
        """Return what was read with what else is there: a terminal gives a few thousand bytes at once, and each costs."""
        parts, size = [data], len(data)
        while size < _READ_SIZE:
            try:
                more = os.read(self._fd, _READ_SIZE - size)
            except OSError:  # nothing more now, or its end, which the next read finds
                break
            if not more:
                break
            parts.append(more)
            size += len(more)
        return b"".join(parts)

    def _make_room(self) -> bool:
        if self._roomy is None:
            self._roomy = False
            if _F_SETPIPE_SZ is not None:
                # EPERM: the user's pipes have used up what they may; EBADF: a terminal
                with contextlib.suppress(OSError):
                    self._roomy = fcntl.fcntl(self._fd, _F_SETPIPE_SZ, _FLOOD_PIPE_SIZE) >= _FLOOD_PIPE_SIZE
        return self._roomy
