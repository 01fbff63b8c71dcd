"""Whoever listens to a run may break: the run ends in order, as an internal error, and nobody else notices."""

import asyncio

import pytest
from live_system import System
from rig import DEADLINE_S

from tui_runner import command, task
from tui_runner.errors.runner_error import ErrorCode
from tui_runner.model.output import OutputChunk
from tui_runner.model.state import TaskState
from tui_runner.model.task import Task, TaskId
from tui_runner.model.view import RunView, TaskView

pytestmark = pytest.mark.real


class Broken:
    """A listener that can take everything but one kind of news."""

    def __init__(self, kind: str) -> None:
        self._kind = kind

    def task_entered(self, task: TaskId, state: TaskState, at: float) -> None:  # noqa: ARG002 - the listener's signature
        self._take("task_entered")

    def task_changed(self, view: TaskView) -> None:  # noqa: ARG002 - the listener's signature
        self._take("task_changed")

    def run_changed(self, view: RunView) -> None:  # noqa: ARG002 - the listener's signature
        self._take("run_changed")

    def output(self, task: TaskId, chunk: OutputChunk) -> None:  # noqa: ARG002 - the listener's signature
        self._take("output")

    def _take(self, kind: str) -> None:
        if kind == self._kind:
            raise LookupError(f"no words for {kind}")


def service(name: str, *needs: Task) -> Task:
    up = command(
        "echo ready; exec sleep 1000", ready_when="ready", teardown=f"echo {name} >> story; echo {name} is down"
    )
    return task(name, run=up, depends_on=needs)


@pytest.mark.parametrize("kind", ["task_entered", "task_changed", "run_changed", "output"])
async def test_a_listener_that_raises_ends_the_run_in_order_as_an_internal_error(system: System, kind: str) -> None:
    db = service("db")
    supervisor = await system.up(db, service("api", db))
    supervisor.add_listener(Broken(kind))
    if kind == "run_changed":
        supervisor.logs_troubled("the disk is full")
    else:
        supervisor.restart_task("api")
    async with asyncio.timeout(DEADLINE_S):
        result = await system.running
    assert result.error is not None
    assert result.error.code is ErrorCode.INTERNAL_ERROR
    assert f"Broken.{kind}" in result.error.message
    assert f"LookupError: no words for {kind}" in result.error.message
    assert (system.directory / "story").read_text().split() == ["api", "db"]


async def test_others_hear_all_of_a_run_that_one_listener_cannot_take(system: System) -> None:
    supervisor = await system.up(service("db"))
    supervisor.remove_listener(system.witness)
    supervisor.add_listener(Broken("output"))
    supervisor.add_listener(system.witness)
    supervisor.restart_task("db")
    async with asyncio.timeout(DEADLINE_S):
        await system.running
    assert system.witness.log["db"].endswith(b"db is down\n")
    assert system.witness.phases[-1] == "ended"
