"""However often tasks are restarted, stopped and started, nothing is kept that belongs to what is gone."""

import asyncio
import threading

import pytest
from live_system import System
from rig import SERVE, Rig, open_descriptors, serving

from tui_runner.model.command import command
from tui_runner.model.probe import exec_probe
from tui_runner.model.task import task
from tui_runner.supervisor.supervisor import Supervisor

pytestmark = [pytest.mark.real, pytest.mark.slow]


def held() -> tuple[int, int, int]:
    """Return how many asyncio tasks, threads and descriptors there are."""
    return len(asyncio.all_tasks()), threading.active_count(), len(open_descriptors())


async def change(run: Supervisor, times: int) -> None:
    for _ in range(times):
        run.restart_task("db")
        await run.wait_settled("db", "restart")
        run.stop_task("web")
        await run.wait_settled("web", "stop")
        run.start_task("web")
        await run.wait_settled("web", "start")


async def test_restarts_stops_and_starts_leave_no_tasks_threads_or_descriptors(system: System) -> None:
    db = task("db", run=command(SERVE, ready_when=exec_probe("true")))
    run = await system.up(db, task("web", run=serving(teardown="true"), depends_on=[db]))
    await change(run, 3)
    before = held()
    await change(run, 12)
    # What was just ended may take a moment to go.
    await Rig.until(lambda: all(now <= then for now, then in zip(held(), before, strict=True)))
    await system.down()
