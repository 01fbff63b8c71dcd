import asyncio
import contextlib
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from tui_runner.errors.runner_error import GuardianError
from tui_runner.process.guardian import process_table
from tui_runner.process.guardian_client import GuardianClient, start_guardian
from tui_runner.process.guardian_event import RunExited, TaskEvent
from tui_runner.process.guardian_process import new_marker

pytestmark = pytest.mark.real


class Heard:
    def __init__(self) -> None:
        self.events: asyncio.Queue[TaskEvent] = asyncio.Queue()
        self.losses: list[str] = []

    def start(self) -> GuardianClient:
        return GuardianClient.start(
            start_guardian(new_marker()), os.environ, on_event=self.events.put_nowait, on_lost=self.losses.append
        )


def child_that_exits_with_5() -> int:
    return os.posix_spawn("/bin/sh", ["sh", "-c", "exit 5"], os.environ)


def directory_of(pid: int) -> Path:
    return Path(f"/proc/{pid}/cwd").readlink()


async def test_requests_may_be_sent_before_the_guardian_is_ready() -> None:
    heard = Heard()
    client = heard.start()
    client.run("r", "a", ["/bin/sh", "sh", "-c", "exit 3"], "/", {})
    event = await asyncio.wait_for(heard.events.get(), 10)
    assert event == RunExited(id="r", code=3, message="")
    assert await client.ready() == client.pid
    await client.bye()
    assert heard.losses == []


async def test_the_host_keeps_its_signal_handlers_and_has_no_zombie_afterwards() -> None:
    before = {number: signal.getsignal(number) for number in signal.valid_signals()}
    heard = Heard()
    client = heard.start()
    await client.ready()
    assert {number: signal.getsignal(number) for number in signal.valid_signals()} == before
    await client.bye()
    assert client.pid not in process_table.everyone()


async def test_children_of_the_host_are_left_to_the_host() -> None:
    child = child_that_exits_with_5()
    heard = Heard()
    client = heard.start()
    await client.ready()
    await client.bye()
    assert os.waitstatus_to_exitcode(await asyncio.to_thread(lambda: os.waitpid(child, 0)[1])) == 5


async def test_the_guardian_has_a_session_of_its_own_and_ignores_terminal_signals() -> None:
    heard = Heard()
    client = heard.start()
    await client.ready()
    assert os.getsid(client.pid) == client.pid
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT, signal.SIGUSR1, signal.SIGTSTP):
        os.kill(client.pid, number)
    client.run("r", "a", ["/bin/true", "true"], "/", {})
    await asyncio.wait_for(heard.events.get(), 10)
    assert directory_of(client.pid) == Path("/")
    await client.bye()


async def test_a_guardian_that_dies_is_told_once_and_reaped() -> None:
    heard = Heard()
    client = heard.start()
    await client.ready()
    os.kill(client.pid, signal.SIGKILL)
    await client.bye()
    client.kill("nobody")
    assert client.pid not in process_table.everyone()


async def test_a_guardian_killed_at_work_is_a_loss() -> None:
    heard = Heard()
    client = heard.start()
    os.kill(client.pid, signal.SIGKILL)
    with contextlib.suppress(GuardianError):  # on a busy machine it may have answered before it died
        await client.ready()
    async with asyncio.timeout(20):
        while not heard.losses:  # noqa: ASYNC110 - a loss sets no event
            await asyncio.sleep(0.005)
    assert "was killed by signal 9" in heard.losses[0]
    await client.bye()
    assert len(heard.losses) == 1


async def test_a_guardian_that_cannot_be_started_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    with pytest.raises(GuardianError, match="/no/such/python"):
        Heard().start()


def test_it_loads_almost_nothing() -> None:
    program = (
        "import sys\n"
        "package = type(sys)('tui_runner'); package.__path__ = [sys.argv[1]]; sys.modules['tui_runner'] = package\n"
        "import tui_runner.process.guardian.loop\n"
        "heavy = {'typing', 'enum', 're', 'signal', 'socket', 'json', 'ctypes', 'collections', 'msgspec'}\n"
        "print(sorted(heavy & set(sys.modules)))\n"
    )
    package = str(Path(process_table.__file__).parents[2])
    answer = subprocess.run([sys.executable, "-I", "-S", "-c", program, package], capture_output=True, check=True)
    assert answer.stdout == b"[]\n"
