"""A real terminal for tests and measurements: a program on a pseudo-terminal, its screen, keys, signals and its end.

Nothing runs in the background: every waiting method reads what the program writes, and a program that nobody reads
from stalls as it would in a stalled terminal.
"""

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from time import monotonic, perf_counter
from types import TracebackType
from typing import Self

from terminal_screen import TerminalScreen

DEADLINE_S = 20.0
"""How long tests wait for what must happen; only failures take so long."""
_POLL_S = 0.02
_READ_BYTES = 1 << 16

KEYS = {
    "enter": "\r",
    "escape": "\x1b",
    "tab": "\t",
    "backspace": "\x7f",
    "up": "\x1b[A",
    "down": "\x1b[B",
    "right": "\x1b[C",
    "left": "\x1b[D",
    "home": "\x1b[H",
    "end": "\x1b[F",
    "page_up": "\x1b[5~",
    "page_down": "\x1b[6~",
    "ctrl+c": "\x03",
    "ctrl+p": "\x10",
    "ctrl+z": "\x1a",
}
"""What a terminal sends for the keys that have a name."""


class NotShownError(AssertionError):
    """What was waited for did not come; carries a picture of the screen."""


class Terminal:
    """A program that runs at a terminal of its own, as the leader of a session."""

    def __init__(
        self,
        command: Sequence[str],
        *,
        columns: int = 120,
        rows: int = 36,
        cwd: Path | None = None,
        env: Mapping[str, str] | None = None,
    ) -> None:
        self.screen_model = TerminalScreen(columns, rows)
        self.output = bytearray()
        """Everything the program wrote, while `keep_output` is on."""
        self.keep_output = True
        self.on_read: Callable[[float, bytes], None] | None = None
        """Told the time (`perf_counter`) and the bytes of each read, for measurements."""
        self.draws = True
        """Whether the screen is kept up to date; measurements turn it off where it would cost time."""
        self.exit_code: int | None = None
        """128 + number after a signal, as shells say it; None while the program runs."""
        self._master, self._slave = pty.openpty()
        os.set_blocking(self._master, False)
        self._resize(columns, rows)
        self._settings = termios.tcgetattr(self._slave)
        self.started_at = perf_counter()
        self.pid = _spawn(command, os.ttyname(self._slave), cwd or Path.cwd(), env or os.environ)
        self._watched = os.pidfd_open(self.pid) if hasattr(os, "pidfd_open") else None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    # -- looking ------------------------------------------------------------------------------------------------------

    def screen(self) -> list[str]:
        """Read what has come and return the rows of the screen."""
        self.pump(0)
        return self.screen_model.lines()

    def contains(self, expected: "str | re.Pattern[str]") -> bool:
        """Tell whether a text is somewhere on the screen now, or a pattern matches it."""
        text = "\n".join(self.screen())
        return expected in text if isinstance(expected, str) else expected.search(text) is not None

    def row_of(self, text: str) -> str:
        """Return the first row with this text; empty if there is none."""
        return next((row for row in self.screen() if text in row), "")

    def picture(self) -> str:
        """Return the screen in a frame, for messages."""
        width = max((len(row) for row in self.screen_model.lines()), default=0)
        edge = "+" + "-" * width + "+"
        return "\n".join([edge, *(f"|{row:<{width}}|" for row in self.screen_model.lines()), edge])

    # -- waiting ------------------------------------------------------------------------------------------------------

    def wait_for(
        self,
        expected: "str | re.Pattern[str] | Callable[[], bool]",
        what: str = "",
        *,
        deadline_s: float = DEADLINE_S,
    ) -> None:
        """Wait until the screen shows a text or matches a pattern, or until a condition holds, which `what` describes.

        Raises:
            NotShownError: it did not happen in time, or the program ended first.
        """
        holds = expected if callable(expected) else lambda: self.contains(expected)
        self._wait(holds, what or repr(expected), deadline_s, ends=False)

    def wait_gone(self, text: "str | re.Pattern[str]", deadline_s: float = DEADLINE_S) -> None:
        """Wait until the screen no longer shows it."""
        self._wait(lambda: not self.contains(text), f"{text} to go", deadline_s, ends=False)

    def wait_exit(self, deadline_s: float = DEADLINE_S) -> int:
        """Wait until the program has ended and return its exit code.

        Raises:
            NotShownError: it still runs.
        """
        self._wait(lambda: self.exit_code is not None, "the end of the program", deadline_s, ends=True)
        self.pump(0)
        if self.exit_code is None:
            raise NotShownError("the program has no exit code")
        return self.exit_code

    def _wait(self, holds: Callable[[], bool], what: str, deadline_s: float, *, ends: bool) -> None:
        deadline = monotonic() + deadline_s
        while not holds():
            if monotonic() > deadline:
                raise NotShownError(f"waited {deadline_s:g} s for {what}\n{self.picture()}")
            if self.exit_code is not None and not ends:
                self.pump(0)
                if holds():
                    return
                raise NotShownError(f"ended with {self.exit_code} before {what}\n{self.picture()}")
            self.pump(_POLL_S)

    def pump(self, timeout_s: float) -> bool:
        """Read until nothing comes for the moment, waiting so long for the first byte; tell whether something came."""
        came = False
        while self._master >= 0:
            sources = [self._master] if self._watched is None else [self._master, self._watched]
            ready, _, _ = select.select(sources, [], [], 0 if came else timeout_s)
            if self._watched in ready:
                self._reap()
            if self._master not in ready or not self._read():
                break
            came = True
        if self._watched is None or self._master < 0:
            self._reap()
        return came

    def _read(self) -> bool:
        try:
            data = os.read(self._master, _READ_BYTES)
        except (BlockingIOError, OSError):
            return False
        if self.on_read is not None:
            self.on_read(perf_counter(), data)
        if self.keep_output:
            self.output += data
        if self.draws and (answer := self.screen_model.feed(data)):
            self.send(answer)
        return True

    def _reap(self) -> None:
        if self.exit_code is not None:
            return
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        if pid:
            code = os.waitstatus_to_exitcode(status)
            self.exit_code = code if code >= 0 else 128 - code
            if self._watched is not None:
                os.close(self._watched)
                self._watched = None

    # -- doing --------------------------------------------------------------------------------------------------------

    def press(self, *keys: str) -> None:
        """Press keys, named as in `KEYS` or characters."""
        for key in keys:
            self.send(KEYS.get(key, key).encode())

    def type(self, text: str) -> None:
        """Type a text."""
        self.send(text.encode())

    def send(self, data: bytes) -> None:
        """Send bytes as if they had been typed."""
        while data and self._master >= 0:
            _, writable, _ = select.select([], [self._master], [], DEADLINE_S)
            if not writable:
                raise NotShownError("the program does not read its keys")
            data = data[os.write(self._master, data) :]

    def resize(self, columns: int, rows: int) -> None:
        """Give the window another size; the program gets SIGWINCH."""
        self._resize(columns, rows)
        self.screen_model.resize(columns, rows)

    def _resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._slave, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def kill(self, number: signal.Signals) -> None:
        """Send a signal to the program alone."""
        os.kill(self.pid, number)

    def kill_group(self, number: signal.Signals) -> None:
        """Send a signal to the program's process group."""
        os.killpg(os.getpgid(self.pid), number)

    @property
    def is_closed(self) -> bool:
        """Whether the window was closed."""
        return self._master < 0

    def hang_up(self) -> None:
        """Close the window: the program gets SIGHUP, and reads and writes fail from now on."""
        for descriptor in (self._master, self._slave):
            if descriptor >= 0:
                os.close(descriptor)
        self._master = self._slave = -1

    # -- the end ------------------------------------------------------------------------------------------------------

    def assert_sane(self) -> None:
        """Assert that whoever uses the terminal next finds it as it was."""
        self.pump(0)
        model = self.screen_model
        assert termios.tcgetattr(self._slave) == self._settings, "the settings of the terminal were not restored"
        assert not model.in_alternate, "the alternate screen was not left"
        assert "25" in model.modes, "the cursor is hidden"
        assert "7" in model.modes, "lines do not wrap any more"
        left_on = sorted(model.modes - {"7", "25"})
        assert not left_on, f"modes of the terminal were left on: {left_on}"

    def close(self) -> None:
        """End the program if it still runs, and give everything back."""
        if self.exit_code is None:
            os.kill(self.pid, signal.SIGKILL)
            _, status = os.waitpid(self.pid, 0)
            self.exit_code = 128 - os.waitstatus_to_exitcode(status)
        if self._watched is not None:
            os.close(self._watched)
            self._watched = None
        self.hang_up()


def _spawn(command: Sequence[str], tty: str, cwd: Path, env: Mapping[str, str]) -> int:
    # The first terminal that the leader of a session opens becomes its controlling terminal. The shell only changes the
    # directory and is replaced by the program.
    actions = [
        (os.POSIX_SPAWN_OPEN, 0, tty, os.O_RDWR, 0),
        (os.POSIX_SPAWN_DUP2, 0, 1),
        (os.POSIX_SPAWN_DUP2, 0, 2),
    ]
    shell = ["/bin/sh", "-c", 'cd "$1" && shift && exec "$@"', "sh", str(cwd), *command]
    return os.posix_spawn(
        shell[0],
        shell,
        dict(env),
        file_actions=actions,
        setsid=True,
        setsigmask=(),
        setsigdef=(signal.SIGINT, signal.SIGHUP, signal.SIGTERM, signal.SIGPIPE),
    )
