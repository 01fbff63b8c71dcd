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
from collections import deque
from collections.abc import Callable
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
_OURS_AHEAD: Final = 0.25
"""Of what it was asked in good time. It has nothing else to do, while we have tasks to deal with."""
_MOST_AHEAD: Final = 3000
_MOST_AHEAD_BYTES: Final = 1 << 16
"""It is asked for no more files ahead, by number and length of their names."""
_BUFFER_BYTES: Final = 1 << 18
"""Of the socket: so many questions and answers have to fit in, or both sides would wait for each other."""
_PATIENCE_S: Final = 5.0


class _Asked:
    """Files it was asked for, and the answer once that was read."""

    __slots__ = ("directory", "names", "ours", "records")

    def __init__(self, directory: bytes, names: list[bytes]) -> None:
        self.directory = directory
        self.names = names
        self.ours = int(len(names) * _OURS_AHEAD)
        self.records: bytes | None = None

    @property
    def theirs(self) -> list[bytes]:
        return self.names[self.ours :]


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
        self._ahead: deque[_Asked] = deque()
        """What it was asked ahead and has not answered yet, in this order."""

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

    def look_ahead(self, directory: bytes, names: list[bytes]) -> Callable[[], bytes] | None:
        """Let the process look at most of these files while we do something else; None when that is not to be had.

        Otherwise what is returned can be called once, soon: it does what `records_below` does, and what it returns was
        so at some moment since now.
        """
        if not _FEWEST <= len(names) <= _MOST_AHEAD or not self._using.acquire(blocking=False):
            return None
        try:
            if self._socket is None or not self._can_be_asked(0):
                return None
            asked = _Asked(directory, names)
            ahead = (*self._ahead, asked)
            if sum(len(one.names) for one in ahead) > _MOST_AHEAD or sum(map(_size_of, ahead)) > _MOST_AHEAD_BYTES:
                return None
            self._ask(directory, asked.theirs)
            if not self.is_up:
                return None
            self._ahead.append(asked)
            return lambda: self._take(asked)
        finally:
            self._using.release()

    def _take(self, asked: _Asked) -> bytes:
        ours = records_below(asked.directory, asked.names[: asked.ours])
        with self._using:
            while self._ahead and asked.records is None:
                self._read_ahead()
        theirs = asked.theirs
        if asked.records is None or len(asked.records) != len(theirs) * RECORD_BYTES:
            return ours + records_below(asked.directory, theirs)
        return ours + asked.records

    def _read_ahead(self) -> None:
        """Read the next answer to what was asked ahead."""
        asked = self._ahead.popleft()
        asked.records = self._answer()

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
        for end in (ours, theirs):
            end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _BUFFER_BYTES)
            end.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _BUFFER_BYTES)
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
        while self._ahead:
            self._read_ahead()  # it answers in order
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
        self._ahead.clear()
        if self._socket is not None:
            self._socket.close()
            self._socket = None
        if self._process is not None:
            self._process.kill()  # there is nothing it could leave half done
            with contextlib.suppress(subprocess.TimeoutExpired):  # the file system does not answer it
                self._process.wait(1)
            self._process = None


def _size_of(asked: _Asked) -> int:
    return len(asked.directory) + sum(map(len, asked.names)) + len(asked.names)


def _processors() -> int:
    """Return how many processors we may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1
