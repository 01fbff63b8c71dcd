"""The hint for a task that is listened to and prints nothing."""

import asyncio
import re

import pytest
from scheduling_world import planned

from tui_runner.model.command import command
from tui_runner.model.probe import ReadyWhen, all_of, any_of, delay, tcp
from tui_runner.model.task import task
from tui_runner.planning.plan import PlannedTask
from tui_runner.supervisor.silence import Silence


def planned_task(ready_when: ReadyWhen | None, *, tty: bool = False) -> PlannedTask:
    return planned([task("t", run=command("x", ready_when=ready_when, tty=tty))]).tasks["t"]


@pytest.mark.parametrize("ready_when", ["up", re.compile("up"), lambda _: True, all_of(tcp(1), any_of("up", delay(1)))])
async def test_a_task_that_is_listened_to_and_silent_gets_one_hint(ready_when: ReadyWhen) -> None:
    told = asyncio.get_running_loop().create_future()
    silence = Silence(lambda name, text: told.set_result((name, text)), patience_s=0.001)
    silence.begin(planned_task(ready_when))
    async with asyncio.timeout(20):
        name, text = await told
    assert name == "t"
    assert "try tty=True" in text


@pytest.mark.parametrize(
    ("ready_when", "tty"), [("up", True), (None, False), (tcp(1), False), (all_of(tcp(1), delay(2)), False)]
)
async def test_without_a_pipe_or_without_anybody_who_listens_there_is_no_hint(
    ready_when: ReadyWhen | None, *, tty: bool
) -> None:
    hints: list[str] = []
    silence = Silence(lambda name, _: hints.append(name), patience_s=0)
    silence.begin(planned_task(ready_when, tty=tty))
    await asyncio.sleep(0.01)  # whatever was to be told would have been
    assert hints == []


async def test_what_has_printed_something_gets_no_hint() -> None:
    hints: list[str] = []
    silence = Silence(lambda name, _: hints.append(name), patience_s=0)
    silence.begin(planned_task("up"))
    silence.end("t")
    silence.end("t")
    await asyncio.sleep(0.01)
    assert hints == []
