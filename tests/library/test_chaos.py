"""Random systems, ended at random moments in random ways: whatever comes of it, nothing is left and nothing hangs."""

import asyncio
import random

import pytest
from rig import Rig, serving

from tui_runner import Task, command, pipeline, restart, retry, task

pytestmark = [pytest.mark.real, pytest.mark.slow]

STUBBORN = "trap '' TERM; echo ready; while :; do sleep 0.02; done"
CRASHING = "echo ready; sleep 0.05; exit 2"


def random_task(chance: random.Random, name: str, earlier: list[Task]) -> Task:
    needs = chance.sample(earlier, min(len(earlier), chance.randint(0, 2)))
    teardown = chance.choice([None, "true", "false", "sleep 0.05"])
    match chance.choice(["service", "job", "bad", "slow", "stubborn", "crashing", "nested"]):
        case "service":
            run = serving(teardown=teardown)
        case "job":
            run = command("true", teardown=teardown)
        case "bad":
            run = command("exit 3", teardown=teardown, retry=retry(attempts=chance.randint(1, 3), delay=0))
        case "slow":
            run = command("sleep 0.2", teardown=teardown, completed_timeout=chance.choice([None, 0.1]))
        case "stubborn":
            run = command(STUBBORN, teardown=teardown, ready_when="ready", stop_timeout=0.1)
        case "crashing":
            policy = restart("on-failure", delay=0, limit=chance.randint(1, 3))
            run = command(CRASHING, teardown=teardown, ready_when="ready", restart=policy)
        case _:
            inner = [task("a", run="true", depends_on=needs[:1]), task("b", run=serving(), depends_on=["a"])]
            limit = chance.choice([None, 1])
            return pipeline(inner).to_task(name, depends_on=needs[1:], max_concurrency=limit)
    return task(name, run=run, depends_on=needs)


@pytest.mark.parametrize("seed", range(10))
async def test_random_systems_ended_at_random_moments_leave_nothing(rig: Rig, seed: int) -> None:
    chance = random.Random(seed)
    tasks: list[Task] = []
    for number in range(chance.randint(1, 9)):
        tasks.append(random_task(chance, f"t{number}", tasks))
    cancel = asyncio.Event()
    running = rig.start(
        tasks,
        cancel=cancel,
        on_failure=chance.choice(["stop", "finish", "continue"]),
        max_concurrency=chance.choice([None, 1, 2]),
        records=chance.choice([True, False]),
    )
    await asyncio.wait((running,), timeout=chance.uniform(0, 0.5))
    cancel.set()
    for _ in range(chance.randint(0, 3)):
        running.cancel()
        await asyncio.wait((running,), timeout=chance.uniform(0, 0.1))
    await asyncio.wait((running,))
    if not running.cancelled():
        result = running.result()
        assert {stats.status for stats in result.stats.tasks} <= {
            "pending",
            "skipped",
            "completed",
            "failed",
            "aborted",
        }
        assert result.stats.summary.running == 0
