"""A program that is attached to containers, and we in front of it: our signals stop the containers, not the program.

The program is in a process group of its own: a signal to the task's group reaches only us. So containers end as their
definition says, and everything they print until then is shown.

Runner and guardian hold the other end of our output. When both have been killed, nobody is left to tell us anything or
to run our teardown: then we end by ourselves, and the caller cleans up.
"""

import os
import select
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import NamedTuple

_STOPPING = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
_OUTPUT = 1
_FIRST_POLL_S = 0.1
_LONGEST_POLL_S = 1.0
_POLL_FACTOR = 1.4
_DETACH_S = 2.0
"""For the program to show the last output and end after its containers have, and again after a SIGTERM."""

Poll = Callable[[], int | None]
"""Looks after the containers while it is not done: None for going on, else the exit code to leave with.

Raises `PollingDone` when there is no need to look any more.
"""


class PollingDone(Exception):  # noqa: N818 - no error
    """There is no need to look any more."""


class Abandoned(Exception):  # noqa: N818 - what it is
    """Nobody reads our output any more: who started us has been killed, and will not run a teardown."""


class News(NamedTuple):
    """What has come while we waited."""

    signals: frozenset[int]
    """Numbers."""
    abandoned: bool
    """Nobody reads our output any more."""


def attend(command: tuple[str, ...], *, poll: Poll | None, stop: Callable[[], bool]) -> int:
    """Run a program until it ends, or until a signal or `poll` says so; return the exit code.

    Raises `Abandoned`, with the containers stopped, when nobody is left to clean up after us.

    `stop` ends the containers, and tells whether the program may be sent a SIGTERM if it does not end with them: a
    compose program then stops more than was asked for. May be called twice.
    """
    with _signals() as inbox:
        program = subprocess.Popen(command, stdin=subprocess.DEVNULL, process_group=0)
        try:
            return _attend(program, inbox, poll, stop)
        finally:
            if program.poll() is None:
                _send(program, signal.SIGKILL)
                program.wait()


def _attend(program: "subprocess.Popen[bytes]", inbox: int, poll: Poll | None, stop: Callable[[], bool]) -> int:
    interval_s = _FIRST_POLL_S
    while True:
        news = _wait(inbox, None if poll is None else interval_s)
        if news.abandoned:
            _leave(program, stop)
            raise Abandoned
        if asked := news.signals.intersection(_STOPPING):
            _leave(program, stop)
            return 128 + min(asked)
        code = program.poll()
        if code is not None:
            return code if code >= 0 else 128 - code
        if poll is None or news.signals:
            continue
        interval_s = min(_LONGEST_POLL_S, interval_s * _POLL_FACTOR)
        try:
            code = poll()
        except PollingDone:
            poll = None
        if code is not None:
            _leave(program, stop)
            return code


def _leave(program: "subprocess.Popen[bytes]", stop: Callable[[], bool]) -> None:
    """Stop the containers and let the program end; one that is still there when this returns will be killed."""
    may_signal = stop()
    if _ends(program) or not may_signal:
        return
    _send(program, signal.SIGTERM)
    if not _ends(program):
        _send(program, signal.SIGKILL)
    stop()  # what it has brought up meanwhile


def _ends(program: "subprocess.Popen[bytes]") -> bool:
    try:
        program.wait(_DETACH_S)
    except subprocess.TimeoutExpired:
        return False
    return True


def _send(program: "subprocess.Popen[bytes]", number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        os.killpg(program.pid, number)


def _wait(inbox: int, timeout_s: float | None) -> News:
    """Return what comes; nothing when the time is over."""
    poller = select.poll()
    poller.register(inbox, select.POLLIN)
    poller.register(_OUTPUT, 0)  # says only that its readers have gone; a file or a terminal that is open says nothing
    ready = {descriptor for descriptor, _ in poller.poll(None if timeout_s is None else timeout_s * 1000)}
    return News(frozenset(os.read(inbox, 512)) if inbox in ready else frozenset(), abandoned=_OUTPUT in ready)


@contextmanager
def _signals() -> Iterator[int]:
    """Turn signals, the end of a child among them, into bytes that can be waited for."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    os.set_blocking(reader, False)
    signal.set_wakeup_fd(writer)
    for number in (*_STOPPING, signal.SIGCHLD):
        signal.signal(number, _noted)
    try:
        yield reader
    finally:
        signal.set_wakeup_fd(-1)
        os.close(reader)
        os.close(writer)


def _noted(_number: int, _frame: object) -> None:
    """Do nothing: the byte in the pipe is what counts."""
