"""How a session at the terminal ended, as data for the command line. Must not import Textual."""

from enum import StrEnum

import msgspec

from tui_runner.errors.exit_code import ExitCode
from tui_runner.errors.problem import Problem


class ExitReason(StrEnum):
    """Why the screen was left."""

    QUIT = "quit"
    """A person pressed `q` and everything has stopped."""
    INTERRUPT = "interrupt"
    """Ctrl-C, SIGINT, SIGTERM or SIGHUP; the exit code tells which."""
    DETACHED = "detached"
    """The run goes on without this screen."""
    ENDED = "ended"
    """The run ended by itself, or was stopped from elsewhere."""
    LOST = "lost"
    """The supervisor's connection broke."""
    REFUSED = "refused"
    """The supervisor could not start, or does not talk to us."""
    CRASHED = "crashed"
    """A bug of the screen; its traceback was printed. If we own the run, it is being stopped."""


class AppExit(msgspec.Struct, frozen=True, kw_only=True):
    """What is left to say and do after the terminal was restored."""

    reason: ExitReason
    exit_code: int = ExitCode.OK
    summary: str = ""
    """A few lines about the run, or advice; empty when there is nothing to say."""
    problems: tuple[Problem, ...] = ()
    """What the supervisor complained of; with `REFUSED` only."""
    run_ended: bool = False
    """The supervisor said that every process is gone. When false and we own the run, it may still be stopping."""
