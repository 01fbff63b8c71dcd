"""A second process to look at files with: it asks what `stat` says of one half of them, we of the other.

In one process only one thread at a time can ask, and to ask for a hundred thousand files takes longer than all the rest
of a run that has nothing to do. It is worth it only when there are very many, and when there is a processor to spare.
Whatever is wrong with it, we look at all files ourselves.
"""

import contextlib
import os
import socket
import subprocess
import sys
import threading
from pathlib import Path
from typing import Final

from tui_runner.caching.stat_program import ANSWER, QUESTION, read_exactly
from tui_runner.caching.stat_record import RECORD_BYTES, records_below

_PROGRAM: Final = str(Path(__file__).with_name("stat_program.py"))
_ENOUGH: Final = 4000
"""So many files are looked at before it is started: for fewer, starting costs more than it saves."""
_FEWEST: Final = 200
"""Smaller sets are not shared."""
_MOST: Final = 2000
"""Larger ones are shared in pieces, so that both sides are ready at about the same time."""
_OURS: Final = 0.55
"""It has to take apart what it is asked, and to put its answer together."""
_PATIENCE_S: Final = 5.0


class StatPartner:
    """Looks at files together with another process. May be used by several threads, of which one shares. Must be closed."""

    def __init__(self, enough: int | None = None) -> None:
        """Start nothing before `enough` files were looked at; None: some thousands, if there is a processor to spare."""
        if enough is None:
            enough = _ENOUGH if _processors() > 1 else sys.maxsize
        self._enough = self._left = enough
        self._process: subprocess.Popen[bytes] | None = None
        self._socket: socket.socket | None = None
        self.is_up = False
        """It can be asked, or was there when it was asked last."""
        self._using = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The other process; None when there is none."""
        return None if self._process is None else self._process.pid

    def records_below(self, directory: bytes, names: list[bytes]) -> bytes:
        """Return what `stat_record.records_below` returns, but sooner.

        Raises:
            OSError: one of the files cannot be looked at; `filename` is its name.
        """
        if len(names) < _FEWEST or not self._using.acquire(blocking=False):
            return records_below(directory, names)
        try:
            if not self._can_be_asked(len(names)):
                return records_below(directory, names)
            pieces = [names[start : start + _MOST] for start in range(0, len(names), _MOST)]
            return b"".join([self._shared(directory, piece) for piece in pieces])
        finally:
            self._using.release()

    def close(self) -> None:
        """End the process, if there is one, and wait until it is gone. It is started again when that is worth it."""
        with self._using:
            self._end()
            self._left = self._enough

    def _can_be_asked(self, count: int) -> bool:
        """Tell whether the process is up; start it when that is worth it by now."""
        if self._socket is None:
            self._left -= count
            if self._left <= 0:
                self._left = sys.maxsize
                self._start()
        elif not self.is_up:
            try:
                self.is_up = bool(self._socket.recv(1))
            except BlockingIOError:
                return False
            except OSError:
                self._end()
            else:
                self._socket.settimeout(_PATIENCE_S)
        return self.is_up

    def _start(self) -> None:
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM)
        ours.setblocking(False)
        with theirs:
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-S", _PROGRAM],
                    stdin=theirs.fileno(),
                    stdout=subprocess.DEVNULL,
                    stderr=subprocess.DEVNULL,
                    env={name: value for name, value in os.environ.items() if name.startswith(("LD_", "DYLD_"))},
                    cwd="/",
                    start_new_session=True,  # keys pressed in a terminal are not for it
                )
            except OSError:
                ours.close()
            else:
                self._socket = ours

    def _shared(self, directory: bytes, names: list[bytes]) -> bytes:
        middle = int(len(names) * _OURS)
        theirs = names[middle:]
        self._ask(directory, theirs)
        try:
            ours = records_below(directory, names[:middle])
        finally:
            records = self._answer()  # also when it is of no use, or the next one would be of this question
        if len(records) != len(theirs) * RECORD_BYTES:
            records = records_below(directory, theirs)
        return ours + records

    def _ask(self, directory: bytes, names: list[bytes]) -> None:
        column = b"\0".join(names)
        try:
            if self._socket is not None:
                self._socket.sendall(QUESTION.pack(len(directory), len(column)) + directory + column)
        except OSError:
            self._end()

    def _answer(self) -> bytes:
        """Return the records; nothing when there are none."""
        try:
            if self._socket is not None:
                (size,) = ANSWER.unpack(read_exactly(self._socket, ANSWER.size))
                return read_exactly(self._socket, size)
        except (OSError, EOFError):
            self._end()
        return b""

    def _end(self) -> None:
        self.is_up = False
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            self._process.kill()  # there is nothing it could leave half done
            with contextlib.suppress(subprocess.TimeoutExpired):  # the file system does not answer it
                self._process.wait(1)
            self._process = None


def _processors() -> int:
    """Return how many processors we may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
