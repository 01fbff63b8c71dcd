"""The hint for a task that is asked whether it is ready, and is not for long."""

import asyncio
import os
import socket

from rig import DEADLINE_S

from tui_runner.model.probe import Probe, all_of, file_exists, log_line, tcp
from tui_runner.supervisor.lateness import Lateness


async def hint_for(probe: Probe, seen: str) -> str:
    """Return what is told of a late task; this very process stands for it."""
    told: asyncio.Future[str] = asyncio.get_running_loop().create_future()
    lateness = Lateness(lambda _, text: told.set_result(text), lambda _: os.getpid(), patience_s=0.001)
    lateness.begin("t", probe, lambda: seen)
    async with asyncio.timeout(DEADLINE_S):
        text = await told
    await lateness.close()
    return text


async def test_a_late_task_is_told_with_what_its_probe_saw() -> None:
    assert await hint_for(file_exists("sock"), "no file") == "not ready for 0.001 s: no file"


async def test_a_task_that_listens_on_another_port_is_told_which() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        hint = await hint_for(tcp(1), "nothing listens there")
        assert hint.startswith("not ready for 0.001 s: nothing listens there; it listens on port ")
        assert str(port) in hint
        assert await hint_for(all_of(tcp(port), file_exists("x")), "no file") == "not ready for 0.001 s: no file"


async def test_a_task_that_is_only_listened_to_or_is_up_in_time_gets_no_hint() -> None:
    hints: list[str] = []
    lateness = Lateness(lambda task, _: hints.append(task), lambda _: None, patience_s=0)
    lateness.begin("listened", log_line("up"), lambda: "")
    lateness.begin("in time", file_exists("x"), lambda: "no file")
    lateness.end("in time")
    await asyncio.sleep(0.01)  # whatever was to be told would have been
    await lateness.close()
    assert hints == []
