"""One attempt of a probe that asks instead of listening: tcp, http, exec, file."""

import asyncio
import os
from collections.abc import Callable
from typing import Final, Protocol

from tui_runner.errors.runner_error import RunnerError
from tui_runner.model.probe import ExecProbe, FileExists, Http, PolledProbe, Tcp
from tui_runner.model.probe_words import describe
from tui_runner.probes.dial import Inspect, accept_any, dial
from tui_runner.probes.endpoint import Endpoint, endpoint_of, split_url
from tui_runner.probes.http_get import ask, request_head
from tui_runner.probes.ownership import refuse_strangers
from tui_runner.probes.probed_task import ProbedTask, RunCommand

ASK_TIMEOUT_S: Final = 2.0
"""For a connection and its answer."""
EXEC_TIMEOUT_S: Final = 10.0
"""For a probe command; then it is killed and counts as not ready."""

_CANNOT_RUN: Final = {126: "it cannot be executed", 127: "it was not found"}
"""What these exit codes of a shell mean."""


class HopelessError(RunnerError):
    """The probe can never succeed, whatever the task does. The message is for people."""


class Poll(Protocol):
    """Asks once."""

    async def __call__(self) -> str | None:
        """Return None when ready, else a few words on what was seen instead. Raises HopelessError."""


def poll_for(
    probe: PolledProbe, task: ProbedTask, *, warn: Callable[[str], None], timeout_s: float | None = None
) -> Poll:
    """Return what asks for the probe.

    `timeout_s` is the limit of a question for probes that name none; None takes the usual ones. `warn` gets something
    to tell once.

    Raises:
        HopelessError: the probe makes no sense, such as a URL that is none.
    """
    match probe:
        case Tcp(host=host, port=port):
            if not 0 < port < 65536:
                raise HopelessError(f"port {port} is not between 1 and 65535")
            endpoint = Endpoint(host=host.strip("[]").lower(), port=port)
            return _TcpPoll(endpoint, _first(probe.timeout_s, timeout_s, ASK_TIMEOUT_S), _inspect(probe, task, warn))
        case Http():
            return _HttpPoll(probe, _first(probe.timeout_s, timeout_s, ASK_TIMEOUT_S), _inspect(probe, task, warn))
        case ExecProbe():
            return _ExecPoll(probe, task.run_command, _first(probe.timeout_s, timeout_s, EXEC_TIMEOUT_S), warn)
        case FileExists(path=path):
            return _FilePoll(os.path.join(task.cwd, os.path.expanduser(path)))  # noqa: PTH111, PTH118 - asked often, no objects


def _first(*seconds: float | None) -> float:
    return next(limit for limit in seconds if limit is not None)


def _inspect(probe: Tcp | Http, task: ProbedTask, warn: Callable[[str], None]) -> Inspect:
    endpoint = endpoint_of(probe)
    if task.owns is None or probe.owner == "anyone" or endpoint is None or not endpoint.loopback:
        return accept_any
    return refuse_strangers(task.owns, warn, task.task_of)


class _TcpPoll:
    def __init__(self, endpoint: Endpoint, timeout_s: float, inspect: Inspect) -> None:
        self._endpoint = endpoint
        self._timeout_s = timeout_s
        self._inspect = inspect

    async def __call__(self) -> str | None:
        try:
            async with asyncio.timeout(self._timeout_s):
                connection = await dial(self._endpoint, self._inspect)
        except OSError as error:
            return _words(error, self._timeout_s)
        connection.close()
        return None


class _HttpPoll:
    def __init__(self, probe: Http, timeout_s: float, inspect: Inspect) -> None:
        try:
            self._url = split_url(probe.url)
            request_head(self._url, probe.headers)
        except ValueError as error:
            raise HopelessError(str(error)) from error
        self._probe = probe
        self._timeout_s = timeout_s
        self._inspect = inspect

    async def __call__(self) -> str | None:
        probe = self._probe
        try:
            answer = await ask(
                self._url,
                self._timeout_s,
                headers=probe.headers,
                want_body=bool(probe.contains),
                inspect=self._inspect,
            )
        except OSError as error:
            return _words(error, self._timeout_s)
        good = 200 <= answer.status < 400 if probe.status is None else answer.status == probe.status
        if not good:
            return f"it answered {answer.status}"
        return None if probe.contains.encode() in answer.body else f"it answered {answer.status} without the text"


class _ExecPoll:
    def __init__(
        self, probe: ExecProbe, run_command: RunCommand, timeout_s: float, warn: Callable[[str], None]
    ) -> None:
        self._probe = probe
        self._run_command = run_command
        self._timeout_s = timeout_s
        self._warn = warn
        self._warned = False

    async def __call__(self) -> str | None:
        try:
            exit_code = await self._run_command(self._probe.run, self._timeout_s)
        except TimeoutError:
            return f"the command took longer than {self._timeout_s:g} s"
        except Exception as error:
            raise HopelessError(f"the probe command could not be run: {error}") from error
        if exit_code == 0:
            return None
        seen = _ended(exit_code)
        if exit_code in _CANNOT_RUN and not self._warned:  # not hopeless: another task may be about to install it
            self._warned = True
            self._warn(f"the probe {describe(self._probe)} cannot be asked: {seen}")
        return seen


def _ended(exit_code: int) -> str:
    if exit_code < 0:
        return f"the command was ended by signal {-exit_code}"
    how = _CANNOT_RUN.get(exit_code)
    return f"the command ended with {exit_code}" + (f": {how}" if how else "")


class _FilePoll:
    def __init__(self, path: str) -> None:
        self._path = path

    async def __call__(self) -> str | None:
        return None if os.path.exists(self._path) else "the file does not exist"  # noqa: ASYNC240, PTH110 - one stat, microseconds


def _words(error: OSError, timeout_s: float) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {timeout_s:g} s"
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    return error.strerror or str(error)
