"""What tells of changes in directories: the interface behind which the ways of the operating systems lie.

News only say where to look; what has changed is for others to find out. One thread at a time.
"""

import sys
from typing import Final, Protocol

import msgspec

from tui_runner.watching.interrupt import Interrupt

QUIET_MS: Final = 50
"""News are handed over when nothing else has come for so long …"""
LONGEST_MS: Final = 400
"""… or when they come without a pause for so long."""

Identity = tuple[int, int]
"""Device and inode."""


class Heard(msgspec.Struct, frozen=True, kw_only=True):
    """What came during one wait."""

    paths: frozenset[str] = frozenset()
    """Something happened to these; absolute."""
    lost: bool = False
    """Some news are missing, or a directory is not followed any more: look everywhere."""


class News(Protocol):
    """News of directories, not of what lies deeper."""

    def follow(self, directory: str, identity: Identity) -> None:
        """Tell of this directory, from now on or from the next `settle` on; one that is gone, or hidden, is left out.

        Raises:
            OSError: a limit of the system is reached.
        """

    def keep_only(self, directories: dict[str, Identity]) -> None:
        """Tell nothing more of others than these."""

    def settle(self) -> bool:
        """Follow everything for good; tell whether something may have been missed, so that it has to be looked at again.

        Raises:
            OSError: a limit of the system is reached, or the system gives no news.
        """

    def wait(self, seconds: float, interrupt: Interrupt) -> Heard:
        """Wait for news, so long at most.

        Raises:
            OSError: it does not work any more.
        """

    def close(self) -> None:
        """Let go of everything. Idempotent."""


def open_news(*, portable: bool = not sys.platform.startswith("linux")) -> News:
    """Return what this system has. `portable` takes what works everywhere, even where there is something better.

    Raises:
        OSError: a limit of the system is reached.
    """
    if portable:
        from tui_runner.watching.watchfiles_news import WatchfilesNews  # noqa: PLC0415 - only where it is needed

        return WatchfilesNews()
    from tui_runner.watching.inotify_news import InotifyNews  # noqa: PLC0415 - the same

    return InotifyNews()
