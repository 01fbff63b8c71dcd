"""A supervisor with real processes, steered by the test."""

import asyncio
import os
from pathlib import Path

from rig import DEADLINE_S

from tui_runner.model.output import OutputChunk
from tui_runner.model.pipeline import pipeline
from tui_runner.model.policy import OnFailure
from tui_runner.model.result import RunResult
from tui_runner.model.state import TaskState
from tui_runner.model.task import Task, TaskId
from tui_runner.model.view import RunView, TaskView
from tui_runner.planning.plan import Plan
from tui_runner.planning.planner import PlanRequest, plan_pipeline
from tui_runner.scheduling.course import Until
from tui_runner.scheduling.event import StopCause
from tui_runner.supervisor.assembly import RunSettings, assemble
from tui_runner.supervisor.supervisor import Supervisor


class Witness:
    """A listener that remembers."""

    def __init__(self) -> None:
        self.states: list[tuple[TaskId, str]] = []
        self.views: list[TaskView] = []
        self.phases: list[str] = []
        self.log: dict[TaskId, bytes] = {}

    def task_entered(self, task: TaskId, state: TaskState, at: float) -> None:  # noqa: ARG002 - the listener's signature
        self.states.append((task, type(state).__name__.lower()))

    def task_changed(self, view: TaskView) -> None:
        self.views.append(view)

    def run_changed(self, view: RunView) -> None:
        self.phases.append(view.phase.value)

    def output(self, task: TaskId, chunk: OutputChunk) -> None:
        self.log[task] = self.log.get(task, b"") + chunk.data


class System:
    """A running supervisor and its witness."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.witness = Witness()
        self.supervisor: Supervisor
        self.running: asyncio.Task[RunResult]

    async def up(
        self, *tasks: Task, until: Until = Until.TOLD, wait: bool = True, interactive: bool = False
    ) -> Supervisor:
        """Start, and wait until every task is ready or has ended."""
        plan = plan_pipeline(
            pipeline(tasks), PlanRequest(mode="dev", root=str(self.directory), on_failure=OnFailure.CONTINUE)
        )
        assert isinstance(plan, Plan), plan
        self.supervisor = assemble(
            plan, RunSettings(environment=dict(os.environ), until=until, records=False, interactive=interactive)
        )
        self.supervisor.add_listener(self.witness)
        self.running = asyncio.get_running_loop().create_task(self.supervisor.run())
        await asyncio.sleep(0)
        async with asyncio.timeout(DEADLINE_S):
            for task in plan.tasks if wait else ():
                await self.supervisor.wait_settled(task, "start")
        return self.supervisor

    def word(self, task: TaskId) -> str:
        """Return the name of a task's state."""
        return type(self.supervisor.view(task).state).__name__.lower()

    async def reaches(self, task: TaskId, word: str) -> None:
        """Wait until the task is in this state."""
        async with asyncio.timeout(DEADLINE_S):
            while self.word(task) != word:  # noqa: ASYNC110 - views set no events
                await asyncio.sleep(0.01)

    async def prints(self, task: TaskId, text: bytes) -> None:
        """Wait until the task has printed this."""
        async with asyncio.timeout(DEADLINE_S):
            while text not in self.witness.log.get(task, b""):  # noqa: ASYNC110 - the witness sets no events
                await asyncio.sleep(0.01)

    async def down(self, cause: StopCause = StopCause.PERSON) -> RunResult:
        """Stop everything; return how it went."""
        self.supervisor.stop_run(cause)
        async with asyncio.timeout(DEADLINE_S):
            return await self.running
