"""Leaving the screen: who asked first, what is asked of the supervisor, and what the app exits with.

The connection and what is shown are the business of the app that builds on this.
"""

import signal
from functools import partial

import msgspec
from textual import on
from textual.app import App

from tui_runner.control.client import ControlClient
from tui_runner.errors.exit_code import ExitCode, after_signal
from tui_runner.model.view import RunPhase
from tui_runner.tui.app_exit import AppExit, ExitReason
from tui_runner.tui.screens.main import MainScreen
from tui_runner.tui.screens.stop_or_detach import Leaving, StopOrDetach
from tui_runner.tui.session import RunSession
from tui_runner.tui.terminal_driver import TerminalGone

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""What asks a process to leave."""


class Departure(msgspec.Struct, frozen=True, kw_only=True):
    """How somebody asked to leave. The first one decides."""

    reason: ExitReason
    exit_code: int | None
    """None: it depends on whether a task has failed."""


_BY_QUIT = Departure(reason=ExitReason.QUIT, exit_code=None)
_BY_INTERRUPT = Departure(reason=ExitReason.INTERRUPT, exit_code=ExitCode.INTERRUPTED)


class LeavingApp(App[AppExit], inherit_bindings=False):
    """The part of the app that ends it, in order where that is possible."""

    owner: bool
    """This process started the run: its end is the end of the run."""
    main: MainScreen | None = None
    """None before the first screen was made."""
    departure: Departure | None = None
    """How somebody asked here to take everything down; None: nobody has."""
    _client: ControlClient | None = None
    _lent = False
    """Another program has the terminal."""

    @property
    def session(self) -> RunSession:
        """The picture of the run; only after the first screen was made."""
        if self.main is None:
            raise RuntimeError("the app has no screen yet")
        return self.main.session

    @property
    def leaving(self) -> bool:
        """Tell whether somebody asked here to take everything down."""
        return self.departure is not None

    def ask_down(self) -> None:
        """Ask the supervisor to stop everything; again is stronger."""
        raise NotImplementedError

    def leave(self) -> None:
        """Quit: stop everything in order; again kills, a third time gives up on teardowns. A guest is asked first."""
        self._leave(_BY_QUIT)

    def action_interrupt(self) -> None:
        """Copy the selection if there is one, else quit with the exit code of an interrupt."""
        if text := self.screen.get_selected_text():
            self.copy_to_clipboard(text)
            self.screen.clear_selection()
        elif isinstance(self.screen, StopOrDetach):
            _ = self.screen.dismiss(Leaving.DETACH)
        else:
            self._leave(_BY_INTERRUPT)

    def detach(self) -> None:
        """Leave the screen and let the run go on."""
        self.run_worker(self._ask_to_detach(ExitCode.OK), name="detach", exit_on_error=True)

    def _leave(self, departure: Departure) -> None:
        if self._client is None:
            self._depart(departure)  # nothing to stop, or the end of our connection stops it
        elif self.owner or self.departure is not None:
            self._take_down(departure)
        else:
            _ = self.push_screen(StopOrDetach(), partial(self._answered, departure))

    def _answered(self, departure: Departure, answer: Leaving | None) -> None:
        match answer:
            case Leaving.STOP:
                self._take_down(departure)
            case Leaving.DETACH:
                self._depart(Departure(reason=ExitReason.DETACHED, exit_code=departure.exit_code or ExitCode.OK))
            case _:
                pass

    def _take_down(self, departure: Departure) -> None:
        self.departure = self.departure or departure
        if self.main is not None and self.session.phase is RunPhase.RUNNING:
            self.main.say("stopping everything, in order")
        self.ask_down()

    async def _ask_to_detach(self, exit_code: int) -> None:
        if self._client is not None and self.owner:
            try:
                reply = await self._client.request("detach")
            except ConnectionError:
                return  # told by the end of the connection
            if not reply.ok and self.main is not None:
                self.main.say(reply.message, error=True)
                return
        self._depart(Departure(reason=ExitReason.DETACHED, exit_code=exit_code))

    def _depart(self, departure: Departure, *, summary: str = "", run_ended: bool = False) -> None:
        code = departure.exit_code
        if code is None:
            code = ExitCode.TASK_FAILED if self.session.failed() else ExitCode.OK
        self._leave_with(AppExit(reason=departure.reason, exit_code=code, summary=summary, run_ended=run_ended))

    def _signalled(self, number: signal.Signals) -> None:
        if self._lent and number is signal.SIGINT:
            return  # Ctrl-C was meant for the program that has the terminal
        departure = Departure(reason=ExitReason.INTERRUPT, exit_code=after_signal(number))
        if number is signal.SIGHUP:
            self._hung_up()
        elif self.owner or self._client is None or self.departure is not None:
            self._leave(departure)
        else:
            self._depart(departure)

    def _leave_with(self, result: AppExit) -> None:
        # The first reason to leave is the one that is told.
        if self.return_value is None:
            self.exit(result)

    @on(TerminalGone)
    def _hung_up(self) -> None:
        """Leave at once: the end of an owner's connection stops the run, in order, without a screen."""
        self._depart(Departure(reason=ExitReason.INTERRUPT, exit_code=ExitCode.HANGUP))
