"""A program for a real terminal: the app, and a supervisor in a thread that stops everything when it is asked to.

Usage: screen_program.py LOG_DIRECTORY [crash|interrupt]. Prints the result of `run_app` as one line after the screen is gone.
"""

import asyncio
import os
import signal
import socket
import sys
import threading
from pathlib import Path
from typing import cast

import msgspec
from textual.drivers.linux_driver import LinuxDriver

from tui_runner.control.protocol import (
    Chunk,
    ClientMessageDecoder,
    Command,
    Ended,
    FrameReader,
    Hello,
    Reply,
    Snapshot,
    State,
    encode,
)
from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.output import Stream
from tui_runner.model.state import Failed, Failure, Ready
from tui_runner.model.view import RunView, TaskView
from tui_runner.tui.main import run_app
from tui_runner.version import VERSION

STALL_LINES = 400


async def supervise(end: socket.socket, directory: Path) -> None:
    """Greet, show one task, let it print when it is restarted, end when asked to go down."""
    reader, writer = await asyncio.open_connection(sock=end)
    writer.write(encode(Hello(version=VERSION, run_id="r")))
    frames, decoder = FrameReader(), ClientMessageDecoder()
    printing: asyncio.Task[None] | None = None
    log_file = str(directory / "api.log")
    api = TaskView(id="api", name="api", state=Ready(attempt=1, pid=9), target=True, log_file=log_file)
    while data := await reader.read(1 << 16):
        for message in (decoder.decode(body) for body in frames.feed(data)):
            match message:
                case Hello():
                    run = RunView(run_id="r", root=str(directory), mode="dev", started_at=0.0)
                    writer.write(encode(Snapshot(run=run, tasks=(api,))))
                case Command(id=number, verb="down"):
                    writer.write(encode(Reply(id=number, ok=True)) + encode(Ended(exit_code=0, summary="all gone")))
                case Command(verb="restart"):
                    size = (directory / "api.log").stat().st_size
                    printing = asyncio.create_task(print_lines(writer, size, directory / "count"))
                case Command(verb="stop"):
                    failure = Failure(code=ErrorCode.TASK_FAILED, message="[api] exited with 3", exit_code=3)
                    writer.write(encode(State(task=msgspec.structs.replace(api, state=Failed(failure=failure)))))
                case _:
                    pass
    if printing is not None:
        printing.cancel()
    writer.close()
    await writer.wait_closed()


def note(path: Path, number: int) -> None:
    """Tell the test how far we are."""
    path.write_text(str(number))


async def print_lines(writer: asyncio.StreamWriter, offset: int, count: Path) -> None:
    """Print a hundred lines every second and note how many."""
    for number in range(STALL_LINES):
        data = f"line {number:06} {'x' * 60}\n".encode()
        writer.write(encode(Chunk(task="api", offset=offset, time=0, stream=Stream.STDOUT, attempt=1, data=data)))
        offset += len(data)
        note(count, number + 1)
        await asyncio.sleep(0.01)


def crash_on_help() -> None:
    """Make the help key raise while a secret is in a local variable."""
    from tui_runner.tui.screens.actions.run_actions import RunActions

    def broken(self: RunActions) -> None:
        secret = os.environ["SECRET"]
        raise RuntimeError(f"broken on purpose, {len(secret)} letters, {self.id}")

    RunActions.action_help = broken  # type: ignore[method-assign]  # the point of it


def interrupt_on_help() -> None:
    """Make the help key send SIGCONT to itself in the middle of a write to the terminal."""
    from tui_runner.tui.screens.actions.run_actions import RunActions

    def interrupted(self: RunActions) -> None:
        writer = cast("LinuxDriver", self.app._driver)._writer_thread
        assert writer is not None
        with writer._queue.mutex:
            signal.raise_signal(signal.SIGCONT)

    RunActions.action_help = interrupted  # type: ignore[method-assign]  # the point of it


if __name__ == "__main__":
    ours, theirs = socket.socketpair()
    directory = Path(sys.argv[1])
    thread = threading.Thread(target=lambda: asyncio.run(supervise(theirs, directory)), daemon=True)
    thread.start()
    if "crash" in sys.argv:
        crash_on_help()
    if "interrupt" in sys.argv:
        interrupt_on_help()
    result = run_app(ours, owner=True)
    ours.close()
    thread.join()
    (directory / "result").write_text(result.reason, encoding="utf-8")
    print(f"{result.reason} {result.exit_code} {result.summary}")
    sys.exit(result.exit_code)
