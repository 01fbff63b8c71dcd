"""Starting the guardian program: before anything heavy is imported, so that it is up when the engine is.

Must import nothing but the standard library: whatever comes later in the start of a run, the guardian comes first.
"""

import fcntl
import os
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

_PROGRAM: Final = str(Path(__file__).with_name("guardian") / "__main__.py")
_SOCKET_BUFFER: Final = 1 << 20


class GuardianProcess:
    """A guardian that guards nothing yet. Either a `GuardianClient` takes it over, or `dismiss` ends it."""

    def __init__(self, marker: str, process: subprocess.Popen[bytes], ours: socket.socket) -> None:
        self.marker = marker
        """Names the run in the environment of every child."""
        self._process = process
        self._socket: socket.socket | None = ours

    @classmethod
    def start(cls, marker: str) -> "GuardianProcess":
        """Start the program and return at once.

        Raises:
            OSError: the process could not be started.
        """
        ours, theirs = map(_above_the_standard_ones, socket.socketpair(socket.AF_UNIX, socket.SOCK_STREAM))
        with theirs:
            try:
                for end in (ours, theirs):
                    end.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, _SOCKET_BUFFER)
                return cls(marker, _launch(theirs.fileno(), marker), ours)
            except OSError:
                ours.close()
                raise

    def take(self) -> tuple[subprocess.Popen[bytes], socket.socket]:
        """Hand the process and our end of its socket over, once.

        Raises:
            RuntimeError: they were handed over or dismissed before.
        """
        if self._socket is None:
            raise RuntimeError("the guardian process has been used already")
        taken, self._socket = self._socket, None
        return self._process, taken

    def dismiss(self) -> None:
        """End a guardian that nobody took and wait for it, which takes milliseconds; nothing happens after `take`."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None
            self._process.wait()


@contextmanager
def guardian_ahead() -> Iterator[GuardianProcess | None]:
    """Start a guardian for a run to come; what did not take it by the end of the block is dismissed.

    None when it cannot be started: whoever needs one tries again, and tells why not.
    """
    try:
        guardian = GuardianProcess.start(new_marker())
    except OSError:
        yield None
        return
    try:
        yield guardian
    finally:
        guardian.dismiss()


def new_marker() -> str:
    """Return a marker for a run: unique, and known to nobody before."""
    return os.urandom(16).hex()


def _above_the_standard_ones(end: socket.socket) -> socket.socket:
    """Return the socket with a descriptor above 2: a host that has closed its standard streams would print into it."""
    if end.fileno() > 2:
        return end
    with end:
        return socket.socket(fileno=fcntl.fcntl(end.fileno(), fcntl.F_DUPFD_CLOEXEC, 3))


def _launch(descriptor: int, marker: str) -> subprocess.Popen[bytes]:
    """Start the program. It needs no environment, but the dynamic linker may."""
    return subprocess.Popen(
        [sys.executable, "-I", "-S", "-X", "utf8", _PROGRAM, str(descriptor), marker],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        env={name: value for name, value in os.environ.items() if name.startswith(("LD_", "DYLD_"))},
        cwd="/",
        pass_fds=(descriptor,),
        start_new_session=True,
    )
