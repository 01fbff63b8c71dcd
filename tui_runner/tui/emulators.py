"""Finds the emulator, which is optional, and says what to do without one."""

from collections.abc import Callable
from importlib import import_module
from typing import TYPE_CHECKING, Final

from rich.terminal_theme import TerminalTheme

from tui_runner.model.window_size import WindowSize

if TYPE_CHECKING:
    from widgets.emulator import Emulator

INSTALL: Final = 'pip install "tui-runner[tty]"'


class NoEmulatorError(Exception):
    """There is none; the message says why and how to get it."""


def find_emulator() -> "Callable[..., Emulator]":
    """Import and return the class of the emulator; takes a third of a second, so do it in a thread.

    Raises:
        NoEmulatorError: it is not installed, or does not work here.
    """
    try:
        made: Callable[..., Emulator] = import_module("widgets.ghostty_emulator").GhosttyEmulator
        # The first one takes another tenth of a second, as the library reads its own declarations then.
        made(2, 1, ink=(0, 0, 0), paper=(0, 0, 0)).look()
    except ModuleNotFoundError:
        raise NoEmulatorError(
            f"This task has a terminal. To see and use it, install the extra `tty` (Linux with glibc, macOS):\n\n    {INSTALL}\n\n"
            "and start the screen again. Until then this is its log."
        ) from None
    except Exception as error:  # a library for another system, or a new version: whatever it is, the log is there
        raise NoEmulatorError(
            f"This task has a terminal, which cannot be shown here: {str(error) or type(error).__name__}.\n\nThis is its log."
        ) from error
    return made


def maker(emulator: "Callable[..., Emulator]", theme: TerminalTheme) -> "Callable[[WindowSize], Emulator]":
    """Return what makes emulators that tell programs the colours of this theme."""

    def make(size: WindowSize) -> "Emulator":
        ink, paper = tuple(theme.foreground_color), tuple(theme.background_color)
        return emulator(size.columns, size.rows, ink=ink, paper=paper)

    return make
