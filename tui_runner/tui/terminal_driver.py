"""The terminal as Textual drives it, made safe against terminals that stall or go away.

Textual's own writer has a short queue and a thread that ends with the first failed write: a terminal that is not read
from would stop the event loop, and one that was closed would stop it for ever. Here a full queue drops the frame and
the screen is painted anew once the terminal reads again, and a terminal that is gone takes everything and says so.

Must be checked with every new version of Textual: it uses the private parts named in `_queue_of`, and how it suspends.
"""

import os
import signal
import sys
from collections.abc import Callable
from queue import Full, Queue
from typing import Any, TextIO

from textual.app import App
from textual.drivers._writer_thread import WriterThread
from textual.drivers.linux_driver import LinuxDriver
from textual.message import Message

from tui_runner.tui.outward_text import title_sequence
from tui_runner.tui.terminal_input import TerminalInput

_KEEP_TITLE, _RESTORE_TITLE = "\x1b[22;0t", "\x1b[23;0t"
"""Terminals keep titles on a stack; those that do not have one ignore both."""
_RETRY_S = 0.1
"""How often a stalled terminal is looked at; nothing is written meanwhile."""
_PATIENCE_S = 0.5
"""How long leaving waits for a stalled terminal to take what restores it, for each write."""


class TerminalGone(Message):
    """The terminal was closed: nothing can be read from it or written to it any more."""


class _GonePatiently:
    """A stream that swallows what a closed terminal does not take, and tells the app once."""

    def __init__(self, stream: TextIO, app: "App[Any]") -> None:
        self._stream = stream
        self._app = app
        self._gone = False

    def write(self, text: str) -> int:
        """Write, or do nothing."""
        if not self._gone:
            try:
                return self._stream.write(text)
            except OSError:
                self._is_gone()
        return len(text)

    def flush(self) -> None:
        """Flush, or do nothing."""
        if not self._gone:
            try:
                self._stream.flush()
            except OSError:
                self._is_gone()

    def fileno(self) -> int:
        """Return the descriptor of the terminal."""
        return self._stream.fileno()

    def _is_gone(self) -> None:
        self._gone = True
        self._app.post_message(TerminalGone())


def _terminal_stream() -> TextIO:
    """Return the stream that leads to the terminal: Textual's choice is stderr, which may have been sent to a file."""
    stderr = sys.__stderr__ or sys.stderr
    return stderr if stderr.isatty() or sys.__stdout__ is None else sys.__stdout__


class TerminalDriver(LinuxDriver):
    """Textual's driver for Linux and macOS, with writes that never block the event loop."""

    def __init__(
        self, app: "App[Any]", *, debug: bool = False, mouse: bool = True, size: tuple[int, int] | None = None
    ) -> None:
        super().__init__(app, debug=debug, mouse=mouse, size=size)
        stream: Any = _GonePatiently(_terminal_stream(), app)  # Any: to the writer thread it is a file
        self._file = stream
        self._patience_s = 0.0
        self._stalled = False
        self._input: TerminalInput | None = None
        self._title = ""
        """Of the terminal while it is ours; empty: whatever it was."""
        self._is_ours = False

    def resume_application_mode(self) -> None:
        """Take the terminal again, which is empty now, and paint everything (called by Textual too)."""
        super().resume_application_mode()
        self._app.refresh()

    def start_application_mode(self) -> None:
        """Take the terminal, and begin to read from it (called by Textual)."""
        self._close_input()
        self._input = TerminalInput(self.fileno, self.process_message, debug=self._debug)
        super().start_application_mode()  # type: ignore[no-untyped-call]  # Textual leaves it untyped
        self._is_ours = True
        self._show_title()

    def stop_application_mode(self) -> None:
        """Give the terminal back as it was (called by Textual)."""
        if self._is_ours and self._title:
            self.write(_RESTORE_TITLE)
        self._is_ours = False
        super().stop_application_mode()

    def set_title(self, text: str) -> None:
        """Show a text, which must be safe, as the title of the terminal; an empty one brings back what was there."""
        before, self._title = self._title, text
        if self._is_ours and before:
            self.write(title_sequence(text) if text else _RESTORE_TITLE)
        elif self._is_ours:
            self._show_title()

    def _show_title(self) -> None:
        if self._title:
            self.write(_KEEP_TITLE + title_sequence(self._title))

    def run_input_thread(self) -> None:
        """Read until the terminal is left (called by Textual, in a thread)."""
        if self._input is not None:
            self._input.run()

    def write(self, data: str) -> None:
        """Hand data to the writer thread; drop it when the terminal does not keep up."""
        queue = _queue_of(self._writer_thread)
        if queue is None:
            return
        try:
            queue.put(data, block=self._patience_s > 0, timeout=self._patience_s)
        except Full:
            self._patience_s = 0.0
            if not self._stalled:
                self._stalled = True
                self._loop.call_later(_RETRY_S, self._look_again)

    def disable_input(self) -> None:
        """Begin to leave: what restores the terminal may wait a little (called by Textual)."""
        if not self._stalled:
            self._patience_s = _PATIENCE_S
        if self._input is not None:
            self._input.stop()
        super().disable_input()
        self._close_input()

    def _close_input(self) -> None:
        if self._key_thread is not None and self._key_thread.is_alive():
            return  # it still waits on what would be closed
        if self._input is not None:
            self._input.close()
            self._input = None

    def close(self) -> None:
        """End the writer thread; one that hangs in a stalled terminal is left behind, it ends with the process."""
        self._close_input()
        writer = self._writer_thread
        if (queue := _queue_of(writer)) is None or writer is None:
            return
        try:
            queue.put(None, timeout=_PATIENCE_S)
        except Full:
            return
        writer.join(_PATIENCE_S)

    def _sigtstp_application(self, *_: object) -> None:
        self._soon(self._stop_with_group)

    def _sigcont_application(self, *_: object) -> None:
        self._soon(self._take_anew)

    def _soon(self, deed: Callable[[], None]) -> None:
        """Do what a signal asks for, but not in its handler: that may have interrupted a write, which holds a lock."""
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(deed)

    def _stop_with_group(self) -> None:
        """Suspend as a terminal does on Ctrl-Z: the whole process group, so that `make` around us stops too.

        Textual stops itself alone, with SIGSTOP: a parent in our group would go on waiting, and the shell behind it
        would never show its prompt. In a group nobody could wake up, the system ignores SIGTSTP; then we go on.
        """
        is_lent = not self._auto_restart
        if not is_lent:
            self.suspend_application_mode()
        own = signal.signal(signal.SIGTSTP, signal.SIG_DFL)
        woken = signal.signal(signal.SIGCONT, signal.SIG_IGN)
        os.kill(0, signal.SIGTSTP)  # returns when somebody has sent SIGCONT, or at once when it was ignored
        signal.signal(signal.SIGCONT, woken)
        signal.signal(signal.SIGTSTP, own)
        if not is_lent:
            self._must_signal_resume = True
            self.resume_application_mode()

    def _take_anew(self) -> None:
        """Take the terminal anew: whoever stopped us from outside may have changed it meanwhile."""
        if not self._auto_restart:
            return  # it belongs to an editor or a pager now
        if self._key_thread is not None and self._key_thread.is_alive():
            self.suspend_application_mode()
        self.resume_application_mode()

    def _run_input_thread(self) -> None:
        try:
            self.run_input_thread()
        except OSError:
            self._app.post_message(TerminalGone())

    def _look_again(self) -> None:
        queue = _queue_of(self._writer_thread)
        if queue is None:
            return
        if not queue.empty():
            self._loop.call_later(_RETRY_S, self._look_again)
            return
        self._stalled = False
        # Frames were lost, and Textual never sends a frame twice.
        self._app.refresh()


def _queue_of(writer: WriterThread | None) -> "Queue[str | None] | None":
    return None if writer is None else writer._queue  # noqa: SLF001 - there is no public way to ask whether it is full
