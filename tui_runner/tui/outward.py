"""Calls somebody who looks elsewhere: title of the terminal, bell, notification on the desktop.

Told of every change; looks at the picture a moment later, so that ten failures at once are one notice.
"""

import asyncio
import os
from time import monotonic
from typing import Protocol

from tui_runner.model.view import RunPhase, TaskView
from tui_runner.tui.outward_text import chosen, notice_program, notice_sequence, notice_text, run_name, safe, title_text
from tui_runner.tui.session import RunSession
from tui_runner.tui.settings.settings import Desktop, NotifySettings
from tui_runner.tui.tidings import SETTLED_S, Tidings, TidingsWatch

LOOK_AFTER_S = 0.25
"""From a change to the look at it."""
TYPING_S = 10.0
"""Somebody who pressed a key so long ago at most still looks here, as far as the terminal does not know better."""
_NAME_CHARACTERS = 60


class Terminal(Protocol):
    """What carries it out."""

    def set_title(self, text: str) -> None:
        """Put a text into the title of window and tab."""

    def ring(self) -> None:
        """Ring the bell."""

    def send(self, sequence: str) -> None:
        """Write an escape sequence that moves nothing."""

    def notify_by(self, command: tuple[str, ...]) -> None:
        """Run a program beside the screen."""


class Outward:
    """One screen's voice outside of it."""

    def __init__(self, terminal: Terminal, settings: NotifySettings, *, ascii: bool = False) -> None:  # noqa: A002 - the widgets' word
        self.settings = settings
        self._terminal = terminal
        self._ascii = ascii
        self._watch = TidingsWatch()
        self._timer: asyncio.TimerHandle | None = None
        self._title = ""
        self._has_focus: bool | None = None
        """None: the terminal does not tell."""
        self._touched_at = float("-inf")

    def focused(self, has_focus: bool) -> None:
        """Note what the terminal tells: whether its window, tab or pane is the one that is looked at."""
        self._has_focus = has_focus

    def touched(self) -> None:
        """Note that somebody pressed a key or a button of the mouse."""
        self._touched_at = monotonic()

    def changed(self, session: RunSession, view: TaskView | None = None) -> None:
        """Look at the session soon; `view` is the task that changed, None for anything else."""
        if self._timer is None and (view is None or self.settings.title or self._watch.concerns(view)):
            self._look_in(LOOK_AFTER_S, session)

    def close(self) -> None:
        """Say nothing any more."""
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def look(self, session: RunSession) -> None:
        """Bring the title up to date, and tell what is new."""
        self.close()
        run = session.run
        if run is None:
            return
        views = session.tasks.values()
        title = title_text(run, views, ascii=self._ascii) if self.settings.title else ""
        if title != self._title:
            self._title = title
            self._terminal.set_title(title)
        if run.phase is not RunPhase.RUNNING:
            return
        news = self._watch.look(views, session.clock())
        if news.settles:
            self._look_in(SETTLED_S, session)
        self._tell(self._wanted(news), safe(run_name(run), _NAME_CHARACTERS))

    def _look_in(self, seconds: float, session: RunSession) -> None:
        self._timer = asyncio.get_running_loop().call_later(seconds, self.look, session)

    def _wanted(self, news: Tidings) -> Tidings:
        settings = self.settings
        return Tidings(
            failed=news.failed if settings.on_failure else (),
            recovered=news.recovered if settings.on_recovery else (),
        )

    def _tell(self, news: Tidings, name: str) -> None:
        if not (news.failed or news.recovered) or self._is_looked_at():
            return
        if self.settings.bell:
            self._terminal.ring()
        how = chosen(self.settings.desktop, os.environ)
        text = notice_text(news)
        if how is Desktop.PROGRAM:
            if (command := notice_program(os.environ, name, text)) is not None:
                self._terminal.notify_by(command)
        elif sequence := notice_sequence(how, name, text, in_tmux=bool(os.environ.get("TMUX"))):
            self._terminal.send(sequence)

    def _is_looked_at(self) -> bool:
        if self._has_focus is not None:
            return self._has_focus
        return monotonic() - self._touched_at < TYPING_S
