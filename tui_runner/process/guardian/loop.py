"""The guardian's main loop: one thread, one poll, no heartbeats. Its socket's end, or the supervisor's, is the sign of death."""

from __future__ import annotations

import os
import select
from _socket import socket as Socket  # noqa: N812 - the C class, without the 8 ms of importing `socket`
from time import monotonic

from tui_runner.process.guardian import signals
from tui_runner.process.guardian.adoption import CALM_LOOKS, sweep_everything
from tui_runner.process.guardian.frames import Channel
from tui_runner.process.guardian.pump import Pump
from tui_runner.process.guardian.service import Service
from tui_runner.process.guardian.subreaper import become_subreaper
from tui_runner.process.guardian.takeover import Takeover

TYPE_CHECKING = False
if TYPE_CHECKING:
    import resource

_FAREWELL_S = 5.0
"""How long the last events may take to be sent."""


def main(fd: int, marker: str) -> None:
    """Serve the supervisor at the other end of the descriptor until it says `bye` or dies. Never returns."""
    wake = signals.prepare()
    become_subreaper()
    os.chdir("/")
    os.set_inheritable(fd, False)
    loop = Loop(Channel(Socket(fileno=fd)), wake, marker)
    try:
        loop.serve()
    except Exception as error:  # noqa: BLE001 - the last resort: whatever is wrong here, nothing may be left running
        loop.fail(error)
    os._exit(0)


class Loop:
    """Waits for the socket, for children, for time, and after the supervisor's death for output."""

    def __init__(self, channel: Channel, wake: int, marker: str) -> None:
        self._channel = channel
        self._wake = wake
        self._marker = marker
        self._parent = _handle_of_parent()
        self._service = Service(channel, marker)
        self._tasks = self._service.tasks
        self._pump = Pump()

    def serve(self) -> None:
        """Serve until `bye`, or take over and return when all is down."""
        self._service.ready()
        alive = True
        while alive and not self._service.leaving and not self._service.taking_down:
            alive = self._turn()
        if not self._service.leaving:
            self._take_over(alone=not alive)
        self._sweep()
        self._pump.drain()
        self._tasks.journal.empty()
        self._service.emit({"ev": "bye"})
        self._farewell()

    def fail(self, error: Exception) -> None:
        """Leave nothing behind after an error of ours; tell the supervisor what it was."""
        self._sweep()
        self._service.emit({"ev": "failed", "message": f"{type(error).__name__}: {error}"})
        self._farewell()

    def _turn(self) -> bool:
        """Wait for something and react; tell whether the supervisor is still there."""
        if self._channel.waiting and not self._flush():
            return False
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        poll.register(self._channel.fileno(), select.POLLIN | (select.POLLOUT if self._channel.waiting else 0))
        if self._parent is not None:
            poll.register(self._parent, select.POLLIN)
        orphaned = False
        for fd, _ in poll.poll(self._timeout()):
            if fd == self._wake:
                self._reap()
            elif fd == self._parent:
                orphaned = True
            elif not self._listen():
                return False
        if orphaned and not self._hear_last_words():
            return False
        self._tasks.tick(monotonic())
        return True

    def _hear_last_words(self) -> bool:
        """Take what the dead supervisor had sent; tell whether `bye` was among it."""
        poll = select.poll()
        poll.register(self._channel.fileno(), select.POLLIN)
        while not self._service.leaving and poll.poll(0):
            if not self._listen():
                return False
        return self._service.leaving

    def _flush(self) -> bool:
        try:
            self._channel.flush()
        except OSError:
            return False
        return True

    def _listen(self) -> bool:
        try:
            messages = self._channel.receive()
        except OSError:
            return False
        for message in messages or ():
            self._service.handle(message)
        return messages is not None

    def _timeout(self) -> float | None:
        """Milliseconds until something is due, rounded up; None waits for ever."""
        delay = self._tasks.delay(monotonic())
        return None if delay is None else int(delay * 1000) + 1

    def _reap(self) -> None:
        """Collect every dead child, our own and adopted ones."""
        try:
            while os.read(self._wake, 512):
                pass
        except BlockingIOError:
            pass
        try:
            while (dead := self._next_dead()) is not None:
                pid, status, usage = dead
                self._tasks.reaped(pid, os.waitstatus_to_exitcode(status), usage)
        except ChildProcessError:
            return

    def _next_dead(self) -> tuple[int, int, resource.struct_rusage] | None:
        """Reap one child that has ended; None when there is none.

        Raises:
            ChildProcessError: there are no children at all.
        """
        if not hasattr(os, "waitid"):  # macOS before Python 3.13
            dead = os.wait4(-1, os.WNOHANG)
            if dead[0] == 0:
                return None
            self._tasks.dying(dead[0])
            return dead
        found = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        if found is None:
            return None
        self._tasks.dying(found.si_pid)
        return os.wait4(found.si_pid, 0)

    def _take_over(self, *, alone: bool) -> None:
        if alone:
            self._service.hang_up()
        self._service.kill_runs()
        if self._service.log_limits is not None:
            self._pump.limit(*self._service.log_limits)
        self._pump.hide(self._tasks.redaction)
        takeover = Takeover(self._tasks, self._pump)
        takeover.begin()
        while not takeover.finished:
            if not alone:
                self._flush()  # at once: we may be killed as well
            self._wait(self._timeout())
            self._reap()
            self._tasks.tick(monotonic())

    def _wait(self, timeout: float | None) -> None:
        """Wait for a child to end, moving output meanwhile."""
        poll = select.poll()
        poll.register(self._wake, select.POLLIN)
        for fd in self._pump.fds():
            poll.register(fd, select.POLLIN)
        for fd, _ in poll.poll(timeout):
            if fd != self._wake:
                self._pump.move(fd)

    def _sweep(self) -> None:
        self._tasks.kill_all()
        self._tasks.heritage.sweep()
        calm_looks = CALM_LOOKS if self._tasks.heritage.was_used else 1
        sweep_everything(self._marker, self._reap, lambda s: self._wait(int(s * 1000)), calm_looks=calm_looks)

    def _farewell(self) -> None:
        """Send what is queued, for a while; a supervisor that has gone does not matter any more."""
        end = monotonic() + _FAREWELL_S
        poll = select.poll()
        try:
            poll.register(self._channel.fileno(), select.POLLOUT)
            self._channel.flush()
            while self._channel.waiting and monotonic() < end:
                poll.poll(100)
                self._channel.flush()
        except (OSError, ValueError):
            return


def _handle_of_parent() -> int | None:
    """Return a descriptor that can be read when the supervisor has died; None where there is none.

    The end of the socket does not come as long as a process holds it that the supervisor has forked.
    """
    if not hasattr(os, "pidfd_open"):
        return None
    try:
        return os.pidfd_open(os.getppid())
    except OSError:  # it is gone already, or the kernel is older than 5.3: the socket will tell
        return None
