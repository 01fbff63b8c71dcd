"""What the screen asks of the app around it: everything that concerns the run or the process as a whole."""

from collections.abc import Callable
from typing import Protocol

from tui_runner.control.protocol import Reply, Verb
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from tui_runner.tui.settings.settings import Settings


class Host(Protocol):
    """The app, as the main screen sees it."""

    owner: bool
    """This process started the run: its end is the end of the run."""

    @property
    def leaving(self) -> bool:
        """Tell whether somebody asked here to take everything down."""

    @property
    def connected(self) -> bool:
        """Tell whether the supervisor can be asked."""

    def screen_mounted(self) -> None:
        """Note that from now on what the supervisor says can be shown."""

    def ask(
        self,
        verb: Verb,
        task: TaskId | None = None,
        *,
        with_dependents: bool = False,
        signal: str = "",
        preview: bool = False,
        remove: bool = False,
        mode: str = "",
        answer: Callable[[Reply], None] | None = None,
    ) -> None:
        """Ask the supervisor for something; an error comes back as a message, anything else goes to `answer`.

        So does an error with problems: they need more room.
        """

    def leave(self) -> None:
        """Quit, as far as that is possible now; again is stronger."""

    def detach(self) -> None:
        """Leave the screen and let the run go on."""

    async def lend_terminal(self, command: tuple[str, ...]) -> str:
        """Give the terminal to a program until it ends; return what went wrong, for people, or nothing."""

    async def run_aside(self, command: tuple[str, ...], what: str = "") -> None:
        """Run a program that opens a window of its own; what goes wrong comes as a message about `what`."""

    def take_settings(self, settings: Settings) -> None:
        """Let what a user has set apply, as far as that is possible while the screen is up."""

    def picture_changed(self, view: TaskView | None = None) -> None:
        """Note that a task changed; None: anything else that can be seen from outside."""

    def pump_soon(self) -> None:
        """Read shown logs on from their files."""
