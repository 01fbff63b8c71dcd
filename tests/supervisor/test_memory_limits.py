"""A task that uses more memory than it may is told of, or restarted."""

import asyncio
import sys
from typing import TYPE_CHECKING, Literal

import pytest

from tui_runner.model.command import command
from tui_runner.model.memory_limit import MemoryAction, MemoryLimit
from tui_runner.model.pipeline import pipeline
from tui_runner.model.task import task
from tui_runner.model.usage import TaskUsage
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest, plan_pipeline
from tui_runner.scheduling.event import Event, RestartWanted
from tui_runner.supervisor.memory_limits import LOOP_RESTARTS, LOOP_S, MemoryLimits

if TYPE_CHECKING:
    from live_system import System

MB = 1_000_000


class Limited:
    """The limits of a run with one task, told of what it uses, once a second."""

    def __init__(self, on_memory: Literal["warn", "restart"]) -> None:
        plan = plan_pipeline(
            pipeline(
                [task("api", run=command("true", max_memory="100MB", on_memory=on_memory)), task("db", run="true")]
            ),
            PlanRequest(mode="dev", root="/"),
        )
        assert isinstance(plan, Plan)
        self.notes: list[str] = []
        self.recorded: list[tuple[str, int, MemoryLimit]] = []
        self.fed: list[Event] = []
        self.limits = MemoryLimits(
            plan,
            note=lambda _, text: self.notes.append(text),
            record=lambda *entry: self.recorded.append(entry),
            feed=self.fed.append,
        )
        self.at_s = 1000.0

    def uses(self, *megabytes: int, step_s: float = 1.0) -> None:
        for amount in megabytes:
            self.limits.check(
                {"api": TaskUsage(task="api", rss=amount * MB), "db": TaskUsage(task="db", rss=MB)}, self.at_s
            )
            self.at_s += step_s


def test_a_warning_comes_once_until_the_task_used_clearly_less() -> None:
    limited = Limited("warn")
    limited.uses(50, 120, 130, 140, 99, 130, 130)
    assert limited.notes == ["uses 130 MB of memory, more than the 100 MB it may"]
    assert limited.recorded == [("api", 130 * MB, MemoryLimit(most=100 * MB, action=MemoryAction.WARN))]
    limited.uses(80, 150, 160)
    assert limited.notes[1:] == ["uses 160 MB of memory, more than the 100 MB it may"]
    assert limited.fed == []


def test_one_look_that_sees_a_process_twice_while_it_forks_does_no_harm() -> None:
    limited = Limited("restart")
    limited.uses(60, 120, 60, 120, 60)
    assert (limited.fed, limited.notes) == ([], [])


def test_a_restart_is_told_with_its_reason() -> None:
    limited = Limited("restart")
    limited.uses(120, 130)
    assert limited.fed == [RestartWanted(task="api", reason="used 130 MB of memory")]
    assert limited.notes == ["uses 130 MB of memory, more than the 100 MB it may: restarting"]


def test_restarts_that_do_not_help_come_to_an_end() -> None:
    limited = Limited("restart")
    limited.uses(*[120] * (2 * LOOP_RESTARTS + 10))
    assert len(limited.fed) == LOOP_RESTARTS
    assert limited.notes[-1].endswith(f"{LOOP_RESTARTS} restarts within {LOOP_S:g} s did not help: left running")
    assert len(limited.notes) == LOOP_RESTARTS + 1
    limited.at_s += LOOP_S
    limited.uses(50, 120, 120)
    assert len(limited.fed) == LOOP_RESTARTS + 1


HUNGRY = """
import os, time
first = not os.path.exists("again")
open("again", "w").close()
kept = bytearray(b"x" * 80_000_000) if first else None
print("up", flush=True)
time.sleep(600)
"""


@pytest.mark.real
async def test_a_hungry_service_is_restarted_and_what_depends_on_it_stays(system: "System") -> None:
    api = task(
        "api", run=command([sys.executable, "-c", HUNGRY], ready_when="up", max_memory="60MB", on_memory="restart")
    )
    web = task("web", run=command("echo up; exec sleep 600", ready_when="up"), depends_on=[api])
    supervisor = await system.up(api, web)
    async with asyncio.timeout(30):
        while not supervisor.view("api").restarts:  # noqa: ASYNC110 - views set no events
            await asyncio.sleep(0.01)
    await system.prints("api", b"of memory, more than the 60 MB it may: restarting")
    await system.reaches("api", "ready")
    assert supervisor.view("api").restart_reason.startswith("used ")
    assert supervisor.view("api").restart_reason.endswith(" MB of memory")
    assert supervisor.view("web").restarts == 0
    result = await system.down()
    assert result.stats.task("api").restarts == 1
