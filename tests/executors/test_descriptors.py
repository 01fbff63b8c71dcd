import os
import resource
from collections.abc import Iterator
from pathlib import Path

import pytest
from workshop import Workshop

from tui_runner.executors.attempt import MOST_EARLIER
from tui_runner.executors.capacity import DescriptorBudget, default_concurrency
from tui_runner.scheduling.event import ActivationClosed, Exited, Spawned, SpawnFailed, TeardownEnded

ESCAPE = """
import os
told, tell = os.pipe()
if os.fork() == 0:
    os.setsid()
    os.write(tell, b"x")
    os.execv("/bin/sleep", ["sleep", "1000"])
os.read(told, 1)
"""
"""Leaves a process in another session that holds its output open, and ends."""


def descriptors_of(pid: int) -> set[str]:
    return {entry.name for entry in Path(f"/proc/{pid}/fd").iterdir()}


@pytest.fixture
def small_limit() -> Iterator[None]:
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (1024, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, before)


def test_the_default_concurrency_fits_the_open_file_limit() -> None:
    assert default_concurrency(1024) == 192
    assert default_concurrency(256) == 38
    assert default_concurrency(10) == 1


def test_a_budget_always_lets_one_through() -> None:
    budget = DescriptorBudget(4)
    assert budget.fits(5)
    budget.take(5)
    assert not budget.fits(1)
    budget.give_back(5)
    assert budget.fits(4)


@pytest.mark.real
@pytest.mark.usefixtures("small_limit")
async def test_six_hundred_tasks_at_once_run_under_a_small_open_file_limit(workshop: Workshop) -> None:
    for number in range(600):
        workshop.spawn(f"t{number}", ["true"])
    sink = workshop.sink
    await sink.until(lambda: sum(isinstance(e, Exited | SpawnFailed) for e in sink.events) == 600)
    assert [e for e in sink.events if isinstance(e, SpawnFailed)] == []


@pytest.mark.real
@pytest.mark.usefixtures("small_limit")
async def test_a_spawn_that_waits_for_descriptors_can_be_stopped(workshop: Workshop) -> None:
    for number in range(400):
        workshop.spawn(f"t{number}", "exec sleep 1000")
    workshop.executor.stop("t399")
    refused = await workshop.sink.event(SpawnFailed, "t399")
    assert "ulimit -n" in refused.failure.message
    for number in range(400):
        workshop.executor.kill(f"t{number}")
    sink = workshop.sink
    await sink.until(lambda: sum(isinstance(e, Exited | SpawnFailed) for e in sink.events) == 400)


@pytest.mark.real
async def test_processes_that_escape_from_every_attempt_do_not_use_up_the_open_files(workshop: Workshop) -> None:
    sink = workshop.sink
    before = len(descriptors_of(os.getpid()))
    for attempt in range(1, 2 * MOST_EARLIER):
        workshop.spawn("leaky", workshop.python(ESCAPE), attempt=attempt)
        await sink.event(Exited, "leaky", attempt)
    assert len(descriptors_of(os.getpid())) <= before + 3 * (MOST_EARLIER + 1)
    workshop.executor.close_activation("leaky")
    await sink.event(ActivationClosed, "leaky")


@pytest.mark.real
async def test_neither_side_keeps_descriptors_of_tasks_that_have_ended(workshop: Workshop) -> None:
    guardian = await workshop.executor.ready()
    ours, theirs = descriptors_of(os.getpid()), descriptors_of(guardian)
    sink = workshop.sink
    for number, tty in enumerate((False, True, False, True)):
        name = f"t{number}"
        workshop.spawn(
            name,
            "echo up; while [ ! -e stop ]; do sleep 0.01; done",
            tty=tty,
            stop="touch stop",
            teardown="echo down; rm -f stop",
        )
        await sink.event(Spawned, name)
        await sink.printed(name, "up")
        workshop.executor.stop(name)
        await sink.event(Exited, name)
        workshop.executor.run_teardown(name)
        await sink.event(TeardownEnded, name)
        workshop.executor.close_activation(name)
        await sink.event(ActivationClosed, name)
    assert await workshop.executor.run_command(workshop.task("probe", "true"), "true", 10) == 0
    workshop.spawn("bad", ["./missing"])
    workshop.spawn("worse", ["/dev/null"])
    await sink.event(SpawnFailed, "bad")
    await sink.event(SpawnFailed, "worse")
    assert descriptors_of(os.getpid()) == ours
    await workshop.until(lambda: descriptors_of(guardian) == theirs)  # it may be reading from /proc just now
