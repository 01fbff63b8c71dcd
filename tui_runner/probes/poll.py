"""One attempt of a probe that asks instead of listening: tcp, http, exec, file."""

import asyncio
import os
from collections.abc import Awaitable, Callable
from typing import Final, Protocol

from tui_runner.errors.runner_error import RunnerError
from tui_runner.model.probe import ExecProbe, FileExists, Http, Tcp
from tui_runner.model.run import Run
from tui_runner.probes.dial import dial
from tui_runner.probes.endpoint import Endpoint, split_url
from tui_runner.probes.http_get import get_status, request_head

ASK_TIMEOUT_S: Final = 2.0
"""For a connection and its answer."""
EXEC_TIMEOUT_S: Final = 10.0
"""For a probe command; then it is killed and counts as not ready."""

PolledProbe = Tcp | Http | ExecProbe | FileExists
"""The probes that have to ask."""

RunCommand = Callable[[Run, float], Awaitable[int]]
"""Runs a command in the task's place for at most so many seconds and returns its exit code.

Raises TimeoutError when it ran too long, any other exception when it cannot be run at all.
"""


class HopelessError(RunnerError):
    """The probe can never succeed, whatever the task does. The message is for people."""


class Poll(Protocol):
    """Asks once."""

    async def __call__(self) -> str | None:
        """Return None when ready, else a few words on what was seen instead. Raises HopelessError."""


def poll_for(probe: PolledProbe, *, cwd: str, run_command: RunCommand) -> Poll:
    """Return what asks for the probe. `cwd` is where relative paths start.

    Raises:
        HopelessError: the probe makes no sense, such as a URL that is none.
    """
    match probe:
        case Tcp(host=host, port=port):
            if not 0 < port < 65536:
                raise HopelessError(f"port {port} is not between 1 and 65535")
            return _TcpPoll(Endpoint(host=host.strip("[]").lower(), port=port))
        case Http():
            return _HttpPoll(probe)
        case ExecProbe(run=run):
            return _ExecPoll(run, run_command)
        case FileExists(path=path):
            return _FilePoll(os.path.join(cwd, os.path.expanduser(path)))  # noqa: PTH111, PTH118 - asked often, no objects


class _TcpPoll:
    def __init__(self, endpoint: Endpoint) -> None:
        self._endpoint = endpoint

    async def __call__(self) -> str | None:
        try:
            async with asyncio.timeout(ASK_TIMEOUT_S):
                connection = await dial(self._endpoint)
        except OSError as error:
            return _words(error)
        connection.close()
        return None


class _HttpPoll:
    def __init__(self, probe: Http) -> None:
        try:
            self._url = split_url(probe.url)
            request_head(self._url)
        except ValueError as error:
            raise HopelessError(str(error)) from error
        self._wanted = probe.status

    async def __call__(self) -> str | None:
        try:
            status = await get_status(self._url, ASK_TIMEOUT_S)
        except OSError as error:
            return _words(error)
        ready = 200 <= status < 400 if self._wanted is None else status == self._wanted
        return None if ready else f"it answered {status}"


class _ExecPoll:
    def __init__(self, run: Run, run_command: RunCommand) -> None:
        self._run = run
        self._run_command = run_command

    async def __call__(self) -> str | None:
        try:
            exit_code = await self._run_command(self._run, EXEC_TIMEOUT_S)
        except TimeoutError:
            return f"the command took longer than {EXEC_TIMEOUT_S:g} s"
        except Exception as error:
            raise HopelessError(f"the probe command could not be run: {error}") from error
        return None if exit_code == 0 else f"the command ended with {exit_code}"


class _FilePoll:
    def __init__(self, path: str) -> None:
        self._path = path

    async def __call__(self) -> str | None:
        return None if os.path.exists(self._path) else "the file does not exist"  # noqa: ASYNC240, PTH110 - one stat, microseconds


def _words(error: OSError) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {ASK_TIMEOUT_S:g} s"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    return error.strerror or str(error)
