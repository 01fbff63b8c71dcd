"""What is told when a task cannot be spawned, or how a command ended. Words only."""

import errno
import os
import signal
from pathlib import Path
from typing import Final

from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.state import Failure
from tui_runner.model.task import TaskId
from tui_runner.process.argv import NotExecutable
from tui_runner.process.guardian_event import SpawnRefused, TeardownFinished

WAITS_FOR_FILES: Final = (
    "── not started yet: too many files are open; raise the limit with `ulimit -n`, or run fewer services at once ──"
)


def not_executable(task: TaskId, cwd: str, reason: NotExecutable) -> Failure:
    """Return the failure of a command that was not found, or must not be executed."""
    if not Path(cwd).is_dir():
        return _no_directory(task, cwd)
    return _failure(task, reason.message, reason.exit_code)


def spawn_refused(task: TaskId, cwd: str, program: str, event: SpawnRefused) -> Failure:
    """Return the failure the guardian met when it spawned."""
    match event.stage, event.errno:
        case "cwd", _ if event.errno in {errno.ENOENT, errno.ENOTDIR}:
            return _no_directory(task, cwd)
        case "cwd", _:
            return _failure(task, f"cannot enter its directory {cwd}: {event.message}", 126)
        case "exec", errno.ENOENT if Path(program).exists():
            return _failure(task, f"{program}: the program named in its `#!` line does not exist", 126)
        case "exec", errno.ENOENT:
            return _failure(task, f"command not found: {program}", 127)
        case "exec", errno.ENOEXEC:
            return _failure(task, f"{program} is not a program: give it a `#!` line such as `#!/bin/sh`", 126)
        case "exec", errno.E2BIG:
            return _failure(task, "its arguments and environment are too long for this system", 126)
        case "fds", _:
            return too_many_files(task, event.message)
        case _:
            return _failure(task, f"{program} could not be started: {event.message}", 126)


def too_many_files(task: TaskId, reason: str) -> Failure:
    """Return the failure of a task for which no descriptors are left."""
    help_text = "raise the limit with `ulimit -n`, or lower `max_concurrency`"
    return _failure(task, f"no pipes or terminal for its output: {reason}; {help_text}", 126)


def teardown_error(event: TeardownFinished) -> str | None:
    """Return why a teardown failed; None when it exited with 0."""
    if event.message is not None or event.code is None:
        return event.message or "it ended in an unknown way"
    if event.code == 0:
        return None
    if event.code < 0:
        return f"it was ended by {signal_name(-event.code)}"
    return f"it exited with code {event.code}"


def signal_name(number: int) -> str:
    """Return a name such as SIGKILL."""
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def system_reason(error: OSError) -> str:
    """Return the system's words for an error."""
    return error.strerror or os.strerror(error.errno or 0)


def _no_directory(task: TaskId, cwd: str) -> Failure:
    return Failure(code=ErrorCode.INVALID_TASK, message=f"[{task}] its directory {cwd} does not exist")


def _failure(task: TaskId, message: str, exit_code: int) -> Failure:
    return Failure(code=ErrorCode.TASK_FAILED, message=f"[{task}] {message}", exit_code=exit_code)
