"""Starts the supervisor as a process of its own, as fast as can be: the command line does this before anything else.

The new process is a session of its own, gets nothing but /dev/null, its log, one end of a socketpair and, for a
screen, the terminal to put right if that is killed; it says over the socketpair whether it could start.
"""

import contextlib
import fcntl
import os
import socket
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import msgspec

from tui_runner.control.daemon_options import OWNER_DESCRIPTOR, TERMINAL_DESCRIPTOR, DaemonOptions
from tui_runner.control.places import places_for, prepare

MAX_LOG_BYTES = 1 << 20
"""A longer log of the supervisor is emptied before the next start."""
_ABOVE_STANDARD = 10


class Launched(NamedTuple):
    """A supervisor process that is starting."""

    socket: socket.socket
    """The owner's end: closing it stops the run, unless ownership was given up with `detach`."""
    pid: int
    """A child of this process: wait for it with `os.waitpid` once the connection has ended."""


def launch_supervisor(options: DaemonOptions) -> Launched:
    """Start the supervisor process of a root and return without waiting for it.

    Whether it could start comes over the socket: a hello, or `Refused` with every problem of the definitions, or that
    another supervisor holds the root.

    Raises:
        DefinitionError: its private directories cannot be used.
        OSError: the process cannot be started.
    """
    places = places_for(Path(options.file).parent)
    prepare(places)
    ours, theirs = socket.socketpair()
    try:
        with theirs, _out_of_the_way(theirs.fileno()) as end, _open_log(places.log) as log:
            pid = _spawn(options, end, log)
    except BaseException:
        ours.close()
        raise
    return Launched(socket=ours, pid=pid)


def _spawn(options: DaemonOptions, end: int, log: int) -> int:
    # -P: a module of the workspace must not take the place of one of ours, or of Python's.
    program = [sys.executable, "-P", "-m", "tui_runner.control.daemon_start", msgspec.json.encode(options).decode()]
    terminal = [] if options.terminal is None else [(os.POSIX_SPAWN_DUP2, 1, TERMINAL_DESCRIPTOR)]
    actions = [
        *terminal,
        (os.POSIX_SPAWN_OPEN, 0, "/dev/null", os.O_RDONLY, 0),
        (os.POSIX_SPAWN_DUP2, log, 1),
        (os.POSIX_SPAWN_DUP2, log, 2),
        (os.POSIX_SPAWN_DUP2, end, OWNER_DESCRIPTOR),
    ]
    try:
        return os.posix_spawn(program[0], program, os.environ, file_actions=actions, setsid=True, setsigmask=())
    except NotImplementedError:
        # An old system: the new process makes itself a session.
        return os.posix_spawn(program[0], program, os.environ, file_actions=actions, setsigmask=())


@contextlib.contextmanager
def _out_of_the_way(descriptor: int) -> Iterator[int]:
    """Yield a duplicate above the descriptors that the new process is given."""
    duplicate = fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, _ABOVE_STANDARD)
    try:
        yield duplicate
    finally:
        os.close(duplicate)


@contextlib.contextmanager
def _open_log(path: Path) -> Iterator[int]:
    flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
    log = os.open(path, flags, 0o600)
    try:
        if os.fstat(log).st_size > MAX_LOG_BYTES:
            os.ftruncate(log, 0)
        with _out_of_the_way(log) as duplicate:
            yield duplicate
    finally:
        os.close(log)
