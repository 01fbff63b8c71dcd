"""What tasks use is looked at while somebody wants to know, and never otherwise."""

import asyncio
import sys
from typing import TYPE_CHECKING

import pytest

from tui_runner.model.command import command
from tui_runner.model.task import task
from tui_runner.model.usage import TaskUsage

if TYPE_CHECKING:
    from live_system import System

pytestmark = pytest.mark.real

LISTENS = "import socket; s = socket.create_server(('127.0.0.1', 0)); print(f'up {s.getsockname()[1]}', flush=True); s.accept()"


class Watcher:
    """Somebody who wants to know."""

    def __init__(self) -> None:
        self.latest: dict[str, TaskUsage] = {}
        self.looks = 0
        self.changed = asyncio.Event()

    def told(self, changed: tuple[TaskUsage, ...]) -> None:
        self.latest.update({usage.task: usage for usage in changed})
        self.looks += 1
        self.changed.set()

    async def sees(self, task_id: str, percent: float) -> None:
        """Wait until a task uses at least so much of a core."""
        async with asyncio.timeout(30):
            while task_id not in self.latest or self.latest[task_id].cpu_percent < percent:
                self.changed.clear()
                await self.changed.wait()


async def test_children_that_come_and_go_count_for_their_task(system: "System") -> None:
    children = "echo up; while :; do seq 1 5000 > /dev/null; done"
    supervisor = await system.up(
        task("builds", run=command(children, ready_when="up")),
        task("calm", run=command("echo up; exec sleep 600", ready_when="up")),
    )
    watcher = Watcher()
    supervisor.usage.watch(watcher.told)
    await watcher.sees("builds", 1.0)
    assert watcher.latest["calm"].cpu_percent == 0.0
    assert watcher.latest["calm"].processes == 1
    assert watcher.latest["calm"].rss > 100_000
    await system.down()


async def test_nobody_looks_before_somebody_wants_to_know_and_after_the_last_one_has_gone(system: "System") -> None:
    supervisor = await system.up(task("calm", run=command("echo up; exec sleep 600", ready_when="up")))
    assert supervisor.usage._looking is None
    first, second = Watcher(), Watcher()
    supervisor.usage.watch(first.told)
    supervisor.usage.watch(second.told)
    await first.sees("calm", 0.0)
    supervisor.usage.unwatch(first.told)
    assert supervisor.usage._looking is not None
    supervisor.usage.unwatch(second.told)
    assert supervisor.usage._looking is None
    assert supervisor.usage.watch(first.told) == ()
    await system.down()


async def test_one_look_tells_ports_and_begins_no_watch(system: "System") -> None:
    supervisor = await system.up(task("api", run=command([sys.executable, "-c", LISTENS], ready_when="up")))
    [usage] = await supervisor.usage.look()
    port = bytes(supervisor.executor.log("api").tail[0].data).split()[1]
    assert usage.ports == (int(port),)
    assert supervisor.usage._looking is None
    await system.down()
