"""The app: the connection to the supervisor, other programs, copying. What is drawn is the main screen's business.

The supervisor is spoken to while the first picture is made, and the picture does not wait for an answer.
"""

import asyncio
import os
import socket
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from pathlib import Path
from time import time
from typing import Any, ClassVar

from textual import events
from textual.binding import BindingType
from textual.filter import LineFilter
from textual.screen import Screen

from tui_runner.control.client import ControlClient, Farewell
from tui_runner.control.protocol import Ended, Reply, ServerMessage, Verb
from tui_runner.errors.exit_code import ExitCode
from tui_runner.errors.runner_error import DefinitionError
from tui_runner.model.task import TaskId
from tui_runner.model.view import TaskView
from tui_runner.tui.app_exit import AppExit, ExitReason
from tui_runner.tui.ascii_signs import AsciiSigns
from tui_runner.tui.bindings import app_bindings
from tui_runner.tui.clipboard import OSC52_BYTES, clipboard_tool, hand_to_tool, save
from tui_runner.tui.colorless import Colorless, without_monochrome
from tui_runner.tui.commanding_app import CommandingApp
from tui_runner.tui.idle_garbage import IdleGarbage
from tui_runner.tui.layout_memory import LayoutMemory
from tui_runner.tui.leaving_app import SIGNALS
from tui_runner.tui.lending import run_aside, run_in_terminal
from tui_runner.tui.outward import Outward
from tui_runner.tui.palette import CommandProvider
from tui_runner.tui.screens.main import MainScreen
from tui_runner.tui.session import RunSession
from tui_runner.tui.settings.reading import Reading
from tui_runner.tui.settings.settings import Settings, ThemeName, ThemeSettings
from tui_runner.tui.terminal_driver import TerminalDriver
from tui_runner.tui.theme import ANSI_CSS, CHILDREN_ON_DARK, CHILDREN_ON_LIGHT, theme_for
from tui_runner.tui.tree_place import place_of
from widgets.dag_tree import DagTree

Connection = socket.socket | Path
"""A connected socket to adopt, or the path of a control socket."""

_PUMP_PAUSE_S = 0.001
"""Between two slices of reading log files: time for keys and frames."""


class RunnerApp(CommandingApp, inherit_bindings=False):
    """Shows one run and steers it. Ends with an `AppExit`; None means it crashed, and the traceback was shown."""

    TITLE = "tui-runner"
    CSS = ANSI_CSS
    BINDINGS: ClassVar[list[BindingType]] = app_bindings()
    COMMANDS: ClassVar[set[Any]] = {CommandProvider}  # Any: Textual's type of it cannot be named

    def __init__(
        self,
        connection: Connection,
        *,
        owner: bool,
        clock: Callable[[], float] = time,
        ascii: bool = False,  # noqa: A002 - the widgets' word
        settings: Reading | None = None,
        garbage: IdleGarbage | None = None,
        remember: bool = False,
    ) -> None:
        """`remember` brings the layout back in which this workspace was left, and keeps the new one.

        `garbage` begins to be collected at the first picture; None: as it is in this process anyway.
        """
        super().__init__(driver_class=TerminalDriver)
        self.owner = owner
        self._connection = connection
        self._clock = clock
        self._ascii = ascii
        self._garbage = garbage
        self._early: list[ServerMessage] | None = []
        """What was said before the screen could show it; None since then."""
        self._pumping: asyncio.TimerHandle | None = None
        self._reading = settings
        self.settings = Settings() if settings is None else settings.settings
        """What this user has set."""
        self._memory = LayoutMemory(place_of(self.settings.screen)) if remember else None
        self._outward = Outward(self, self.settings.notify, ascii=ascii)
        self._signs = AsciiSigns() if ascii else None
        self._colorless = Colorless() if os.environ.get("NO_COLOR") else None
        self._take_theme()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Return what every line goes through on its way to the terminal."""
        filters = super().get_line_filters()
        if self._colorless is not None:
            filters = (self._colorless,)
        elif self.no_color:
            filters = without_monochrome(filters)
        return filters if self._signs is None else (*filters, self._signs)

    def get_default_screen(self) -> Screen[Any]:
        """Begin with the main screen."""
        session = partial(RunSession, clock=self._clock)
        self.main = MainScreen(session, self, ascii=self._ascii, settings=self.settings, memory=self._memory)
        return self.main

    def on_mount(self) -> None:
        """Take the signals that would leave the terminal in disorder, and begin to talk to the supervisor."""
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.add_signal_handler(number, self._signalled, number)
        self.run_worker(self._talk(), name="connection", exit_on_error=True)

    def on_ready(self) -> None:
        """Begin with what can wait until the first picture is there."""
        if self._garbage is not None:
            self.call_after_refresh(self._garbage.begin, lambda: self.screen is not self.main)

    def take_settings(self, settings: Settings) -> None:
        """Let what a user has set apply, as far as that is possible while the screen is up."""
        self.settings = settings
        self._outward.settings = settings.notify
        self.picture_changed()
        self._take_theme()
        if self.main is not None:
            self.main.take_keys(settings)
            self.main.mark()

    def _take_theme(self) -> None:
        self.ansi_theme_dark, self.ansi_theme_light = CHILDREN_ON_DARK, CHILDREN_ON_LIGHT
        wanted = self.settings.theme if self._colorless is None else ThemeSettings(name=ThemeName.ANSI)
        theme = theme_for(wanted, os.environ.get("COLORFGBG", ""))
        self.register_theme(theme)
        self.theme = theme.name

    def on_unmount(self) -> None:
        """Give back what lives outside the screen."""
        if self._pumping is not None:
            self._pumping.cancel()
        self._outward.close()
        if self._garbage is not None:
            self._garbage.close()
        if self._client is not None:
            self._client.close()
        if self.main is not None:
            self.main.session.close()
        loop = asyncio.get_running_loop()
        for number in SIGNALS:
            loop.remove_signal_handler(number)

    async def on_event(self, event: events.Event) -> None:
        """Run the command of a key at once where keys are commands, before the next key is looked at.

        Textual hands a key to the focused widget, and it comes back here over the queues of all its parents: until
        then, what is typed ahead after `/` would go to the old focus, and be commands instead of text.
        """
        if isinstance(event, events.Key | events.MouseDown):
            self._outward.touched()
            if self._garbage is not None:
                self._garbage.touched()
        if isinstance(event, events.Key) and not event.is_forwarded and self.screen is self.main:
            if (terminal := self.main.typing) is not None:
                self.main.type_key(terminal, event)
                return
            bound = isinstance(self.focused, DagTree) or self.main.body.in_log
            if bound and (
                await self._check_bindings(event.key, priority=True) or await self._check_bindings(event.key)
            ):
                return
        await super().on_event(event)

    # -- the connection -----------------------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Tell whether the supervisor can be asked."""
        return self._client is not None

    def screen_mounted(self) -> None:
        """Show what the supervisor has said, and from now on whatever it says."""
        early, self._early = self._early, None
        for message in early or ():
            self._received(message)
        if self._pumping is not None:
            # What is in the log already belongs to the first picture; its turn would come after it.
            self._pumping.cancel()
            self._pump()
        if self.main is not None and self._reading is not None and self._reading.problems:
            self.call_after_refresh(self.main.show_problems, self._reading)

    async def _talk(self) -> None:
        try:
            match self._connection:
                case Path() as path:
                    client = await ControlClient.connect(path, self._received)
                case sock:
                    client = await ControlClient.adopt(sock, self._received)
        except DefinitionError as error:
            self._leave_with(AppExit(reason=ExitReason.REFUSED, exit_code=ExitCode.USAGE, problems=error.problems))
            return
        except OSError as error:
            self._lost(f"the supervisor cannot be reached: {error.strerror or error}")
            return
        self._client = client
        self.session.connect(client)
        if self.main is not None:
            self.main.mark()
        self._farewell(await client.closed)

    def _received(self, message: ServerMessage) -> None:
        if self._early is not None:
            self._early.append(message)
            return
        try:
            if isinstance(message, Ended):
                self._run_ended(message)
            else:
                self.session.apply(message)
        except Exception as error:  # noqa: BLE001 - the border of the connection: a bug of ours must end the app, not vanish in the loop
            self._handle_exception(error)

    def _run_ended(self, ended: Ended) -> None:
        if self.departure is not None:
            self._depart(self.departure, summary=ended.summary, run_ended=True)
            return
        self._leave_with(
            AppExit(reason=ExitReason.ENDED, exit_code=ended.exit_code, summary=ended.summary, run_ended=True)
        )

    def _farewell(self, farewell: Farewell) -> None:
        if farewell.ended is not None:
            return  # told when it came
        if farewell.problems:
            self._leave_with(AppExit(reason=ExitReason.REFUSED, exit_code=ExitCode.USAGE, problems=farewell.problems))
        else:
            self._lost(farewell.error or "it closed the connection")

    def _lost(self, why: str) -> None:
        run = self.session.run
        advice = f"\nlogs are in {run.root}/.tui_runner/runs/{run.run_id}" if run is not None else ""
        self._leave_with(
            AppExit(
                reason=ExitReason.LOST,
                exit_code=ExitCode.INTERNAL,
                summary=f"the connection to the supervisor broke: {why}\n"
                f"its guardian stops every task and runs the teardowns; `tui-runner ps` tells what is left{advice}",
            )
        )

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
        """Ask the supervisor for something; an error comes back as a message in the footer."""
        if self._client is not None:
            request = self._client.request(
                verb,
                task,
                wait=False,
                with_dependents=with_dependents,
                signal=signal,
                preview=preview,
                remove=remove,
                mode=mode,
            )
            self.run_worker(self._see_through(request, answer), name=f"{verb} {task or ''}", exit_on_error=True)

    def ask_down(self) -> None:
        """Ask the supervisor to stop everything; again is stronger."""
        self.ask("down")

    async def _see_through(self, request: Awaitable[Reply], answer: Callable[[Reply], None] | None) -> None:
        try:
            reply = await request
        except ConnectionError:
            return  # told by the end of the connection
        if reply.problems and answer is not None:
            answer(reply)
        elif not reply.ok and self.main is not None:
            self.main.say(reply.message, error=True)
        elif answer is not None:
            answer(reply)

    def pump_soon(self) -> None:
        """Read shown logs on from their files, in slices between keys and frames."""
        if self._pumping is None:
            self._pumping = asyncio.get_running_loop().call_later(_PUMP_PAUSE_S, self._pump)

    def _pump(self) -> None:
        self._pumping = None
        if self.session.pump():
            self.pump_soon()

    # -- other programs -----------------------------------------------------------------------------------------------

    async def lend_terminal(self, command: tuple[str, ...]) -> str:
        """Give the terminal to a program until it ends; return what went wrong, or nothing."""
        self._lent = True
        try:
            return await run_in_terminal(self, command)
        finally:
            self._lent = False

    async def run_aside(self, command: tuple[str, ...], what: str = "") -> None:
        """Run a program beside the screen."""
        problem = await run_aside(command)
        if problem and self.main is not None:
            self.main.say(f"{what}: {problem}" if what else problem, error=True)

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Show a web page that was clicked; Textual's own way may start a browser in this terminal."""
        del new_tab
        if self.main is not None:
            self.main.open_page(url)

    # -- outside of the screen ----------------------------------------------------------------------------------------

    def picture_changed(self, view: TaskView | None = None) -> None:
        """Let title and notices follow what happens."""
        self._outward.changed(self.session, view)

    def on_app_focus(self) -> None:
        """Note that the terminal is looked at."""
        self._outward.focused(True)

    def on_app_blur(self) -> None:
        """Note that something else is looked at."""
        self._outward.focused(False)

    def set_title(self, text: str) -> None:
        """Put a text into the title of the terminal."""
        if isinstance(self._driver, TerminalDriver):
            self._driver.set_title(text)

    def ring(self) -> None:
        """Ring the bell, unless another program has the terminal."""
        if not self._lent:
            self.bell()

    def send(self, sequence: str) -> None:
        """Write an escape sequence that moves nothing, unless another program has the terminal."""
        if not self._lent and self._driver is not None:
            self._driver.write(sequence)

    def notify_by(self, command: tuple[str, ...]) -> None:
        """Run a program that notifies."""
        self.run_worker(self.run_aside(command), name="notify", exit_on_error=True)

    # -- copying ------------------------------------------------------------------------------------------------------

    def copy_to_clipboard(self, text: str) -> None:
        """Copy by the terminal's escape sequence and by a clipboard tool; what is too long goes to a file."""
        size = len(text.encode(errors="surrogatepass"))
        if size <= OSC52_BYTES:
            super().copy_to_clipboard(text)
        self.run_worker(self._copy(text, size), name="copy", exit_on_error=True)

    async def _copy(self, text: str, size: int) -> None:
        tool = clipboard_tool(os.environ)
        lines = text.count("\n") + 1
        taken = tool is not None and await hand_to_tool(tool, text)
        if self.main is None:
            return
        if taken or size <= OSC52_BYTES:
            self.main.say(f"copied {lines:,} lines" if lines > 1 else "copied")
            return
        try:
            self.main.say(f"{lines:,} lines are too long for the clipboard of a terminal: saved to {save(text)}")
        except OSError as error:
            self.main.say(f"too long for the clipboard, and not saved: {error.strerror}", error=True)

    # -- crashing -----------------------------------------------------------------------------------------------------

    def _fatal_error(self) -> None:
        # Textual shows local variables; they may hold secrets of the user's environment.
        from rich.traceback import Traceback  # noqa: PLC0415 - 10 ms that only a crash should cost

        self.panic(Traceback(show_locals=False, width=None))
