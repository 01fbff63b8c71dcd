"""Wakes a thread that waits for news of the file system. Made for one such thread; `set` may come from any."""

import contextlib
import os
import threading


class Interrupt:
    """An event that a system call can wait for, too. Must be closed."""

    def __init__(self) -> None:
        self._event = threading.Event()
        self._reading, self._writing = os.pipe()
        os.set_blocking(self._reading, False)
        os.set_blocking(self._writing, False)

    def fileno(self) -> int:
        """Return a descriptor that can be read from while it is set."""
        return self._reading

    def is_set(self) -> bool:
        """Tell whether it was set since the last `clear`."""
        return self._event.is_set()

    def wait(self, seconds: float) -> bool:
        """Wait until it is set, so long at most; tell whether it is."""
        return self._event.wait(seconds)

    def set(self) -> None:
        """Wake whoever waits, and let nobody wait until it is cleared."""
        self._event.set()
        with contextlib.suppress(BlockingIOError):  # full: it can be read from
            os.write(self._writing, b"!")

    def clear(self) -> None:
        """Let people wait again."""
        self._event.clear()
        with contextlib.suppress(BlockingIOError):
            while os.read(self._reading, 64):
                pass

    def close(self) -> None:
        """Let go of the descriptors; nobody may wait any more."""
        for descriptor in (self._reading, self._writing):
            os.close(descriptor)
