"""Probes started without a task, and little servers for them to find."""

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

from tui_runner.model.probe import Probe
from tui_runner.model.run import Run
from tui_runner.probes.probed_task import ProbedTask
from tui_runner.probes.prober import RunningProbe, start_probe

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
RunCommand = Callable[[Run, float], Awaitable[int]]


async def no_commands(run: Run, timeout_s: float) -> int:
    raise AssertionError(f"{run} {timeout_s}")


class Outcome:
    """Collects what a probe tells."""

    def __init__(self) -> None:
        self.told: list[str] = []
        self.warnings: list[str] = []
        self.event = asyncio.Event()

    def passed(self) -> None:
        self.told.append("passed")
        self.event.set()

    def failed(self, message: str) -> None:
        self.told.append(message)
        self.event.set()

    def start(self, probe: Probe, cwd: str = "/", run_command: RunCommand = no_commands) -> RunningProbe:
        return start_probe(
            probe,
            task=ProbedTask(cwd=cwd, run_command=run_command),
            passed=self.passed,
            failed=self.failed,
            warn=self.warnings.append,
        )

    async def wait(self) -> str:
        async with asyncio.timeout(20):
            await self.event.wait()
        return self.told[0]


async def outcome_of(probe: Probe, cwd: str = "/", run_command: RunCommand = no_commands) -> str:
    outcome = Outcome()
    running = outcome.start(probe, cwd, run_command)
    told = await outcome.wait()
    running.stop()
    await running.wait_stopped()
    assert len(outcome.told) == 1
    return told


async def seen_by(probe: Probe, expected: str) -> None:
    """Wait until the probe has seen this, and check that it does not pass."""
    outcome = Outcome()
    running = outcome.start(probe)
    async with asyncio.timeout(20):
        while expected not in running.last_seen:
            assert not outcome.told
            await asyncio.sleep(0.01)
    running.stop()
    await running.wait_stopped()
    assert outcome.told == []


@asynccontextmanager
async def serving(
    handler: Handler, host: str = "127.0.0.1", context: ssl.SSLContext | None = None
) -> AsyncIterator[int]:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await handler(reader, writer)
        except (OSError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.transport.abort()

    server = await asyncio.start_server(handle, host, 0, ssl=context)
    async with server:
        yield server.sockets[0].getsockname()[1]


def answering(answer: bytes, requests: list[bytes] | None = None) -> Handler:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        request = await reader.readuntil(b"\r\n\r\n")
        if requests is not None:
            requests.append(request)
        writer.write(answer)
        await writer.drain()

    return handler


def descriptors() -> int:
    return len(list(Path("/dev/fd").iterdir()))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
