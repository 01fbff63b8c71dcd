"""The terminals of tasks: how large they are, and what is typed into them. Reading them is `output_reader`'s business."""

import asyncio
import contextlib
import os
from typing import Final

from tui_runner.executors.output_reader import OutputReader
from tui_runner.model.task import TaskId
from tui_runner.model.window_size import WindowSize
from tui_runner.process import pty
from tui_runner.process.pty import Pty

_MOST_WAITING: Final = 1 << 20
"""Typing that a program has not read is kept up to here; what comes beyond is dropped."""
_RETRY_S: Final = 0.01
"""A full terminal is tried again after this time; a program that reads empties it in one read."""


class Terminals:
    """Sizes outlive attempts; typing does not."""

    def __init__(self, *, interactive: bool) -> None:
        """`interactive` says whether somebody can type: terminals are then set up as programs expect it."""
        self._interactive = interactive
        self._sizes: dict[TaskId, WindowSize] = {}
        self._waiting: dict[OutputReader, bytearray] = {}
        """What terminals did not take yet."""

    def open(self, task: TaskId) -> Pty:
        """Open a terminal for an attempt, of the size the task's terminal was given last.

        Raises:
            OSError: there are no more descriptors or terminals.
        """
        return pty.open_pty(self._sizes.get(task, WindowSize()), interactive=self._interactive)

    def resize(self, task: TaskId, master: OutputReader | None, size: WindowSize) -> None:
        """Give the terminal of a task another size; `master` is that of the running attempt, if there is one."""
        self._sizes[task] = size
        if master is not None:
            with contextlib.suppress(OSError):
                pty.resize(master.fd, size)

    def write(self, master: OutputReader, data: bytes) -> None:
        """Type into a terminal, now or as soon as its program reads."""
        waiting = self._waiting.get(master)
        if waiting is not None:
            waiting += data[: _MOST_WAITING - len(waiting)]
        elif rest := _written(master, data):
            self._waiting[master] = bytearray(rest[:_MOST_WAITING])
            self._try_again(master)

    def _try_again(self, master: OutputReader) -> None:
        asyncio.get_running_loop().call_later(_RETRY_S, self._go_on, master)

    def _go_on(self, master: OutputReader) -> None:
        rest = _written(master, bytes(self._waiting.pop(master)))
        if rest:
            self._waiting[master] = bytearray(rest)
            self._try_again(master)


def _written(master: OutputReader, data: bytes) -> bytes:
    """Write what the terminal takes now; return the rest, which is nothing when it is closed."""
    if master.fd < 0:
        return b""
    try:
        return data[os.write(master.fd, data) :]
    except BlockingIOError:
        return data
    except OSError:
        return b""
