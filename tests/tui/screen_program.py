"""A program for a real terminal: the app, and a supervisor in a thread that stops everything when it is asked to.

Usage: screen_program.py LOG_DIRECTORY [crash]. Prints the result of `run_app` as one line after the screen is gone.
"""

import asyncio
import os
import socket
import sys
import threading
from pathlib import Path

from tui_runner.control.protocol import (
    ClientMessageDecoder,
    Command,
    Ended,
    FrameReader,
    Hello,
    Reply,
    Snapshot,
    encode,
)
from tui_runner.model.state import Ready
from tui_runner.model.view import RunView, TaskView
from tui_runner.tui.main import run_app
from tui_runner.version import VERSION


async def supervise(end: socket.socket, directory: Path) -> None:
    """Greet, show one task, end when asked to go down."""
    reader, writer = await asyncio.open_connection(sock=end)
    writer.write(encode(Hello(version=VERSION, run_id="r")))
    frames, decoder = FrameReader(), ClientMessageDecoder()
    while data := await reader.read(1 << 16):
        for message in (decoder.decode(body) for body in frames.feed(data)):
            match message:
                case Hello():
                    log_file = str(directory / "api.log")
                    api = TaskView(id="api", name="api", state=Ready(attempt=1, pid=9), target=True, log_file=log_file)
                    run = RunView(run_id="r", root=str(directory), mode="dev", started_at=0.0)
                    writer.write(encode(Snapshot(run=run, tasks=(api,))))
                case Command(id=number, verb="down"):
                    writer.write(encode(Reply(id=number, ok=True)) + encode(Ended(exit_code=0, summary="all gone")))
                case _:
                    pass
    writer.close()
    await writer.wait_closed()


def crash_on_help() -> None:
    """Make the help key raise while a secret is in a local variable."""
    from tui_runner.tui.screens.main import MainScreen

    def broken(self: MainScreen) -> None:
        secret = os.environ["SECRET"]
        raise RuntimeError(f"broken on purpose, {len(secret)} letters, {self.id}")

    MainScreen.action_help = broken  # type: ignore[method-assign]  # the point of it


if __name__ == "__main__":
    ours, theirs = socket.socketpair()
    directory = Path(sys.argv[1])
    thread = threading.Thread(target=lambda: asyncio.run(supervise(theirs, directory)), daemon=True)
    thread.start()
    if "crash" in sys.argv:
        crash_on_help()
    result = run_app(ours, owner=True)
    ours.close()
    thread.join()
    print(f"{result.reason} {result.exit_code} {result.summary}")
    sys.exit(result.exit_code)
