"""Opens the terminal UI on a supervisor, and says afterwards how it ended."""

import contextlib
import gc
import os
import socket
import sys
from pathlib import Path

from tui_runner.cli.output import message, report
from tui_runner.tui.app_exit import AppExit, ExitReason


def show(connection: "socket.socket | Path", *, root: Path, owner: bool, supervisor_pid: int | None) -> int:
    """Show the run until it is left; return the exit code. Returns after the supervisor is gone when we own the run.

    Ends the process by itself when that is faster: what is left of the interpreter has nothing to say.
    """
    # Textual reads it at import. What was drawn for a key waits for the next tick: 4 ms instead of 17.
    os.environ.setdefault("TEXTUAL_FPS", "240")
    gc.disable()  # until the first picture: what is imported stays
    from tui_runner.process.lean_imports import import_lean

    import_lean("asyncio")
    from tui_runner.tui.main import run_app

    try:
        ended = run_app(connection, owner=owner)
    finally:
        # After a crash of the screen nobody else closes it, and while it is open the supervisor goes on.
        if isinstance(connection, socket.socket):
            connection.close()
    if owner and supervisor_pid is not None and ended.reason is not ExitReason.DETACHED:
        _wait_for(supervisor_pid)
    with contextlib.suppress(OSError):  # the terminal may be gone: then nobody is left to be told
        _tell(ended, root)
    return leave_now(ended.exit_code)


def _wait_for(supervisor_pid: int) -> None:
    """Wait until our supervisor is gone: an exit code must mean that nothing is left. Ctrl-C ends the wait only."""
    try:
        os.waitpid(supervisor_pid, 0)
    except ChildProcessError:
        return
    except KeyboardInterrupt:
        message("still stopping in the background; `tui-runner ps` shows what is left")


def _tell(ended: AppExit, root: Path) -> None:
    if ended.problems:
        report(ended.problems)
    if ended.summary:
        message(ended.summary)
    if ended.reason is ExitReason.DETACHED:
        message(f"{root} goes on in the background; `tui-runner attach` shows it, `tui-runner down` takes it down")


def leave_now(code: int) -> int:
    """End the process without tearing the interpreter down: it takes longer than everything else about leaving."""
    with contextlib.suppress(OSError):
        sys.stdout.flush()
        sys.stderr.flush()
    os._exit(code)
