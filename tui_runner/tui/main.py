"""The entry of the UI process: runs the app at the terminal and says how it ended."""

import asyncio
import os
import sys
from typing import assert_never

from tui_runner.errors.exit_code import ExitCode
from tui_runner.tui.app import Connection, RunnerApp
from tui_runner.tui.app_exit import AppExit, ExitReason
from tui_runner.tui.ascii_signs import speaks_unicode
from tui_runner.tui.idle_garbage import IdleGarbage
from tui_runner.tui.settings.reading import read_settings, settings_path
from tui_runner.tui.settings.settings import Choice
from tui_runner.tui.side_threads import SideThreads
from tui_runner.tui.whole_strips import mend_strips

SWITCH_INTERVAL_S = 0.0005
"""Keys are read by a thread that waits for the interpreter lock: let it wait less than the usual 5 ms."""


def run_app(connection: Connection, *, owner: bool) -> AppExit:
    """Show the run at this terminal until it is left; the terminal is restored when this returns, whatever happened.

    `connection` is a connected socket, which is taken over, or the path of a control socket. `owner` says that the end
    of this process is the end of the run. Standard input and output must be a terminal and no event loop may be
    running. After a crash of the app its traceback has been printed, and the result says so.
    """
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    mend_strips()
    reading = read_settings(settings_path(os.environ))
    screen = reading.settings.screen
    app = RunnerApp(
        connection,
        owner=owner,
        ascii=_is_ascii(screen.ascii),
        settings=reading,
        garbage=IdleGarbage(),
        remember=screen.remember,
    )
    result = asyncio.run(_shown(app, mouse=screen.mouse))
    if result is not None:
        return result
    return AppExit(
        reason=ExitReason.CRASHED,
        exit_code=ExitCode.INTERNAL,
        summary="the screen crashed; this is a bug of tui-runner, please report it with the traceback above",
    )


async def _shown(app: RunnerApp, *, mouse: bool) -> AppExit | None:
    asyncio.get_running_loop().set_default_executor(SideThreads())
    return await app.run_async(mouse=mouse)


def _is_ascii(choice: Choice) -> bool:
    match choice:
        case Choice.YES:
            return True
        case Choice.NO:
            return False
        case Choice.AUTO:
            return not speaks_unicode(os.environ, sys.stdout.encoding or "")
        case _:
            assert_never(choice)
